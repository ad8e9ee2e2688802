FROM python:3.11
ARG GITHUB_TOKEN=ghp_0123456789abcdefghijklmnopqrstuvwxyzA
RUN pip install git+https://${GITHUB_TOKEN}@github.com/acme/private.git
ENV OPENAI_API_KEY=sk-proj-abcdefghijklmnop
COPY . /app
CMD ["python", "/app/app.py"]

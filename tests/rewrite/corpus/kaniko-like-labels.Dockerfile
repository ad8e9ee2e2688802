FROM --platform=linux/amd64 python:3.11 AS app
ARG GIT_SHA
LABEL git.sha=$GIT_SHA
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
ENV GIT_SHA=$GIT_SHA
USER nobody
EXPOSE 8080
CMD ["python", "app.py"]

FROM python:3.9-slim
RUN pip install pipenv
WORKDIR /app
COPY . /app
RUN pipenv install --system --deploy
CMD ["python", "run.py"]

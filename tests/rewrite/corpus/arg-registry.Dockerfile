ARG REGISTRY=docker.io
FROM ${REGISTRY}/library/python:3.11-slim
COPY . /app
RUN pip install --no-cache-dir -r /app/requirements.txt
WORKDIR /app
CMD ["python", "app.py"]

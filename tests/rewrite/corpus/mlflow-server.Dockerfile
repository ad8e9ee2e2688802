FROM python:3.10
RUN pip install mlflow==2.8.0 psycopg2-binary boto3
EXPOSE 5000
CMD mlflow server --backend-store-uri $DB_URI --default-artifact-root $ARTIFACTS --host 0.0.0.0 --port 5000

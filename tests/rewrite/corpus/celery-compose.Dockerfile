FROM python:3.10
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN adduser --disabled-password --gecos '' celery
CMD celery -A tasks worker --loglevel=info --concurrency=$CONCURRENCY

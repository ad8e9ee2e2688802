FROM python:3.9
RUN apt-get update && apt-get install -y gosu netcat-openbsd curl libpq-dev gcc
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN chmod +x entrypoint.sh
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["gunicorn", "app:app"]

FROM python:3.10
WORKDIR /app
COPY . /app
RUN pip install -e ".[gpu,server]"
CMD ["python", "-m", "app.server"]

FROM python:3.11
ARG PYPI_TOKEN
COPY requirements.txt .
RUN pip install --extra-index-url https://build:${PYPI_TOKEN}@pypi.acme.example/simple -r requirements.txt
COPY . /app
WORKDIR /app
CMD ["python", "app.py"]

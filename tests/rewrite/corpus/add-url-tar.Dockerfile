FROM python:3.10
ADD https://example.com/models/model-1.2.tar.gz /models/
ADD vendor.tar.xz /opt/
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "serve.py"]

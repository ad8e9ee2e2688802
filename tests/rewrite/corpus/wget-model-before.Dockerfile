FROM python:3.10
RUN apt-get update && apt-get install -y wget unzip libsndfile1
RUN wget -q https://example.com/model.zip -O /tmp/m.zip && unzip /tmp/m.zip -d /opt/model && rm /tmp/m.zip
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . /app
ENV MODEL_DIR=/opt/model
CMD ["python", "/app/asr.py"]

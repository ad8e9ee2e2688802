FROM tensorflow/tensorflow:2.13.0-gpu
RUN apt-get update && apt-get install -y libsm6 libxext6
COPY requirements.txt /tmp/
RUN pip install --upgrade pip && pip install -r /tmp/requirements.txt
WORKDIR /app
COPY . .
CMD ["python", "train.py"]

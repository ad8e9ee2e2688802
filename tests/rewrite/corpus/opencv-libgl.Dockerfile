FROM python:3.8
RUN apt-get update
RUN apt-get install ffmpeg libsm6 libxext6 libgl1-mesa-glx -y
RUN pip install opencv-python numpy flask
ADD . /app
WORKDIR /app
EXPOSE 80
CMD ["python", "app.py"]

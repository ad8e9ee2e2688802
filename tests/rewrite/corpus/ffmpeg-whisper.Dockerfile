FROM python:3.10
RUN apt-get update && apt-get install -y ffmpeg git && apt-get clean
RUN pip install git+https://github.com/openai/whisper.git
COPY server.py /app/server.py
WORKDIR /app
CMD ["python3", "server.py"]

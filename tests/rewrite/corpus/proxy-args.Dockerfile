FROM python:3.11
ARG HTTP_PROXY
ARG HTTPS_PROXY
ENV http_proxy=$HTTP_PROXY
RUN sed -i 's/deb.debian.org/mirror.example.com/g' /etc/apt/sources.list.d/debian.sources
RUN apt-get update && apt-get install -y gcc libmariadb-dev
COPY requirements.txt /r.txt
RUN pip config set global.index-url https://mirror.example.com/simple && pip install -r /r.txt
COPY . /app
CMD ["python", "/app/main.py"]

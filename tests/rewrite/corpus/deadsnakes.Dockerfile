FROM ubuntu:20.04
RUN apt update && apt install -y software-properties-common && add-apt-repository ppa:deadsnakes/ppa && apt install -y python3.9 python3.9-distutils curl
RUN curl -sS https://bootstrap.pypa.io/get-pip.py | python3.9
COPY requirements.txt .
RUN python3.9 -m pip install -r requirements.txt
COPY . .
CMD ["python3.9", "main.py"]

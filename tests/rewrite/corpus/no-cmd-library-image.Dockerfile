FROM python:3.11
RUN pip install numpy scipy pandas
WORKDIR /work

FROM python:3.10
RUN mkdir -p /root/.ssh
COPY id_rsa /root/.ssh/id_rsa
RUN chmod 600 /root/.ssh/id_rsa && ssh-keyscan github.com >> /root/.ssh/known_hosts
RUN pip install git+ssh://git@github.com/acme/lib.git@v1.2
COPY . /app
WORKDIR /app
CMD python main.py

FROM python:3.10
RUN apt-get update && apt-get install -y nginx supervisor
COPY nginx.conf /etc/nginx/nginx.conf
COPY supervisord.conf /etc/supervisor/conf.d/supervisord.conf
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
EXPOSE 80 443
CMD ["/usr/bin/supervisord", "-n"]

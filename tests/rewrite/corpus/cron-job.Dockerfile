FROM python:3.11
RUN apt-get update && apt-get install -y cron
WORKDIR /job
COPY . .
RUN pip install -r requirements.txt
COPY crontab /etc/cron.d/job
RUN chmod 0644 /etc/cron.d/job && crontab /etc/cron.d/job && touch /var/log/cron.log
CMD cron && tail -f /var/log/cron.log

FROM python:3.11
ENV PYTHONDONTWRITEBYTECODE=1
ENV PYTHONUNBUFFERED=1
COPY ./docker/entrypoint.sh /usr/local/bin/entrypoint.sh
RUN chmod +x /usr/local/bin/entrypoint.sh
WORKDIR /srv
COPY requirements/ requirements/
RUN pip install -r requirements/prod.txt
COPY . .
RUN mkdir -p /srv/logs /srv/media && chmod -R 777 /srv/logs
ENTRYPOINT ["entrypoint.sh"]
CMD ["web"]

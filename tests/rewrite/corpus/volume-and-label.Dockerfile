FROM python:3.9-buster
LABEL org.opencontainers.image.source="https://example.com/x" \
      maintainer="ml@example.com"
ENV APP_ENV=prod \
    LANG=C.UTF-8
VOLUME /var/lib/app /cache
WORKDIR /usr/src/app
COPY . .
RUN pip install -r requirements.txt
STOPSIGNAL SIGINT
EXPOSE 9000/tcp 9001/udp
CMD ["python", "-u", "run.py"]

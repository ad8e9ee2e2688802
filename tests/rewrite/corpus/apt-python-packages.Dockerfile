FROM debian:bullseye
RUN apt-get update && apt-get install -y python3 python3-numpy python3-flask gunicorn
COPY . /srv
WORKDIR /srv
CMD ["gunicorn", "app:app"]

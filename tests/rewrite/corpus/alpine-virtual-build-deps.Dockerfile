FROM python:3.10-alpine3.18
COPY requirements.txt /
RUN apk add --no-cache --virtual .build-deps build-base postgresql-dev \
  && pip install -r /requirements.txt \
  && apk del .build-deps \
  && apk add --no-cache libpq
ADD . /app
WORKDIR /app
CMD gunicorn -w 4 -b 0.0.0.0:8000 wsgi:app

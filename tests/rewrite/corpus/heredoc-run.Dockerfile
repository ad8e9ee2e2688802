# syntax=docker/dockerfile:1.4
FROM python:3.11-bookworm
RUN <<EOF
set -ex
apt-get update
apt-get install -y gcc libpq-dev
pip install --no-cache-dir psycopg2 flask
rm -rf /var/lib/apt/lists/*
EOF
COPY <<'SH' /start.sh
#!/bin/bash
exec flask run --host 0.0.0.0
SH
RUN chmod +x /start.sh
COPY . /app
WORKDIR /app
CMD ["/start.sh"]

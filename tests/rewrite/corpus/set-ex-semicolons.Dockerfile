FROM python:3.11
RUN set -ex; \
    apt-get update; \
    apt-get install -y --no-install-recommends gcc libxml2-dev libxslt-dev; \
    rm -rf /var/lib/apt/lists/*
RUN set -ex; pip install lxml==4.9.3; pip install scrapy
COPY . /spider
WORKDIR /spider
CMD ["scrapy", "crawl", "main"]

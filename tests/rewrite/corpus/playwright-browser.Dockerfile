FROM python:3.11
RUN pip install playwright && playwright install --with-deps chromium
COPY . /app
WORKDIR /app
CMD ["python", "scrape.py"]

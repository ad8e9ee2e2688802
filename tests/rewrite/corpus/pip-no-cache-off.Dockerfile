FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=off
COPY . /app
WORKDIR /app
RUN python -m pip install --no-cache-dir -r requirements.txt
CMD ["python", "app.py"]

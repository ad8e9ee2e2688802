FROM python:3.9 as builder
WORKDIR /wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt

FROM python:3.9
COPY --from=builder /wheels /wheels
RUN pip install --no-cache /wheels/*
WORKDIR /app
COPY . .
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]

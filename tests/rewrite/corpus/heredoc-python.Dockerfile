# syntax=docker/dockerfile:1
FROM python:3.11
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
RUN <<EOF python3
import nltk
nltk.download("punkt")
EOF
COPY . .
CMD ["python", "main.py"]

FROM python:3.10
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN groupadd -r app && useradd -r -g app app && chown -R app:app /app
USER app
CMD ["python", "app.py"]

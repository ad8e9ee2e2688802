FROM python:3.10
ONBUILD COPY requirements.txt /app/
ONBUILD RUN pip install -r /app/requirements.txt
ONBUILD COPY . /app
WORKDIR /app
CMD ["python", "app.py"]

FROM python:3.8
WORKDIR /app
COPY wheels/ /wheels/
COPY requirements.txt .
RUN pip install --no-index -f /wheels -r requirements.txt
COPY . .
CMD ["python", "predict.py"]

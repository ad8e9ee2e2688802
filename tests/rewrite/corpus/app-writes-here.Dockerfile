FROM python:3.11
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt && mkdir -p uploads logs && chmod 775 uploads
VOLUME /app/uploads
EXPOSE 5000
CMD ["python", "app.py"]

FROM python:3.11
COPY --from=nginx:1.25 /etc/nginx/mime.types /etc/mime.types
COPY --from=busybox:1.36-uclibc /bin/busybox /bin/busybox
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]

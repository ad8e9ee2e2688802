from python:3.11
maintainer someone@example.com
workdir /app
copy . .
run pip install -r requirements.txt
expose 8000
cmd python app.py

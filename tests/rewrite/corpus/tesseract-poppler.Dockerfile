FROM python:3.11
RUN apt-get update && apt-get install -y tesseract-ocr tesseract-ocr-deu poppler-utils ghostscript libtesseract-dev
WORKDIR /ocr
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . ./
VOLUME ["/data"]
CMD ["python", "ocr.py", "--input", "/data"]

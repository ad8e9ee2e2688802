ARG PYTHON_VERSION=3.11
ARG VARIANT=bookworm
FROM python:${PYTHON_VERSION}-${VARIANT}
ARG PYTHON_VERSION
LABEL python=${PYTHON_VERSION}
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY src/ src/
CMD ["python", "-m", "src.main"]

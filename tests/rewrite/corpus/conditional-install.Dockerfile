FROM python:3.11
ARG INSTALL_DEV=false
WORKDIR /app
COPY requirements*.txt ./
RUN if [ "$INSTALL_DEV" = "true" ] ; then pip install -r requirements-dev.txt ; else pip install -r requirements.txt ; fi
COPY . .
CMD ["sh", "-c", "python app.py"]

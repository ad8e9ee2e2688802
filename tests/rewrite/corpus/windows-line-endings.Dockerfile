FROM python:3.11
RUN apt-get update && apt-get install -y \
    # database
    libpq-dev \
    # images
    libjpeg-dev zlib1g-dev \
    # tools
    vim less \
 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /
# heavy
RUN pip install \
    # pinned
    numpy==1.26.0 \
    pillow \
    -r /requirements.txt

# the app
COPY app /srv
CMD ["python", "/srv/main.py"]

FROM python:3.11
COPY .netrc /root/.netrc
COPY pip.conf /etc/pip.conf
COPY requirements.txt .
RUN pip install -r requirements.txt
RUN rm /root/.netrc
COPY . /app
CMD ["python", "/app/app.py"]

FROM python:3.8
COPY . /opt/project
WORKDIR /opt/project
RUN pip install -r requirements.txt && python setup.py develop
CMD python -m project

FROM python:3.11
ENV PYTHONUNBUFFERED 1
RUN apt-get update && apt-get install -y libpq-dev gettext
RUN mkdir /code
WORKDIR /code
COPY requirements.txt /code/
RUN pip install -r requirements.txt
COPY . /code/
RUN python manage.py collectstatic --noinput && python manage.py compilemessages
EXPOSE 8000
CMD ["gunicorn", "--bind", ":8000", "--workers", "3", "proj.wsgi:application"]

FROM python:3.11
RUN pip install pipenv
WORKDIR /app
COPY Pipfile Pipfile.lock ./
RUN pipenv sync
COPY . .
CMD ["pipenv", "run", "python", "app.py"]

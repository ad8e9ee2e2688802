FROM python:3.11-slim
ENV POETRY_VERSION=1.7.1 \
    POETRY_VIRTUALENVS_CREATE=false
RUN pip install "poetry==$POETRY_VERSION"
WORKDIR /app
COPY . .
RUN poetry install --no-interaction --no-ansi
CMD ["python", "-m", "service"]

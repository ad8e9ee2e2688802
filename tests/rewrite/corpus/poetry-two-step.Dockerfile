FROM python:3.10
RUN curl -sSL https://install.python-poetry.org | python3 -
ENV PATH="/root/.local/bin:$PATH"
WORKDIR /code
COPY pyproject.toml poetry.lock ./
RUN poetry config virtualenvs.create false && poetry install --no-root --no-dev
COPY . .
RUN poetry install --no-dev
EXPOSE 8000
CMD ["uvicorn", "api:app", "--host", "0.0.0.0"]

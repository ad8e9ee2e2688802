FROM python:3.11
COPY . /app
WORKDIR /app
RUN ./scripts/install.sh
RUN bash scripts/setup_models.sh
CMD ["./run.sh"]

FROM python:3.11
RUN curl https://sh.rustup.rs -sSf | sh -s -- -y
ENV PATH="/root/.cargo/bin:${PATH}"
RUN pip install maturin
WORKDIR /app
COPY . .
RUN maturin build --release && pip install target/wheels/*.whl
CMD ["python", "app.py"]

FROM nvcr.io/nvidia/tritonserver:23.10-py3
RUN pip install --no-cache-dir transformers tokenizers
COPY models /models
CMD ["tritonserver", "--model-repository=/models"]

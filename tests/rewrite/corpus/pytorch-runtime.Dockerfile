FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime
RUN apt-get update && apt-get install -y git gcc && rm -rf /var/lib/apt/lists/*
RUN pip install transformers accelerate bitsandbytes
COPY . /workspace
CMD ["python", "finetune.py"]

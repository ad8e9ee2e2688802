FROM python:3.10-slim
ENV HF_HOME=/models TRANSFORMERS_CACHE=/models MPLCONFIGDIR=/tmp/mpl
COPY requirements.txt .
RUN pip install -r requirements.txt && python -c "from sentence_transformers import SentenceTransformer; SentenceTransformer('all-MiniLM-L6-v2')"
COPY app.py .
CMD ["python", "app.py"]

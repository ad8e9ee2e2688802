FROM continuumio/miniconda3
RUN conda install -y -c conda-forge numpy pandas scikit-learn && conda install -y -c pytorch pytorch cpuonly
RUN pip install fastapi uvicorn
COPY . /srv
WORKDIR /srv
EXPOSE 8080
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8080"]

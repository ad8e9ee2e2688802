FROM continuumio/miniconda3:23.10.0-1
WORKDIR /opt/app
COPY environment.yml .
RUN conda env create -f environment.yml
SHELL ["conda", "run", "-n", "ml", "/bin/bash", "-c"]
RUN python -c "import sklearn"
COPY . .
ENTRYPOINT ["conda", "run", "--no-capture-output", "-n", "ml", "python", "serve.py"]

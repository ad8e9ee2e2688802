FROM jupyter/scipy-notebook:latest
USER root
RUN apt-get update && apt-get install -y graphviz && rm -rf /var/lib/apt/lists/*
USER $NB_UID
COPY --chown=${NB_UID}:${NB_GID} requirements.txt /tmp/
RUN pip install --quiet --no-cache-dir -r /tmp/requirements.txt && fix-permissions "${CONDA_DIR}" && fix-permissions "/home/${NB_USER}"
COPY notebooks/ work/

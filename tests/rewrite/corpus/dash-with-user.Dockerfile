FROM python:3.11
RUN useradd -ms /bin/bash appuser
USER appuser
WORKDIR /home/appuser/app
COPY --chown=appuser:appuser requirements.txt .
RUN pip install --user -r requirements.txt
ENV PATH="/home/appuser/.local/bin:${PATH}"
COPY --chown=appuser:appuser . .
CMD ["python", "dash_app.py"]

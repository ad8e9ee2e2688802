FROM python:3.11
RUN apt-get update && apt-get install -y git openssh-client
RUN pip install GitPython dvc
WORKDIR /bot
COPY bot.py .
ENTRYPOINT ["python", "bot.py"]

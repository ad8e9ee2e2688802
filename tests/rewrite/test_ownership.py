"""What a user without rights owns from the start."""

from tare.dockerfile import parse
from tare.rewrite.ownership import owned_places


def test_directories_that_variables_name() -> None:
    text = (
        "FROM python:3.11\nWORKDIR /app\nENV MODEL_DIR /models\n"
        'ENV CONDA_DIR=/opt/conda DATA_DIR="/data" JAVA_HOME=/usr/lib/jvm LOG_DIR=/var/log/app CONFIG_DIR=/etc/app\n'
    )
    assert owned_places(parse(text).final) == ("/app", "/data", "/models", "/var/log/app")

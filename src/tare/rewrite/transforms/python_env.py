"""ENV for Python in containers: logs that arrive at once."""

from tare.dockerfile import Dockerfile
from tare.rewrite.facts import Facts
from tare.rewrite.layout import insert_after
from tare.rewrite.transform import Example, Outcome, Proposal, Transform
from tare.schema.finding import Applicability

WANTED = {"PYTHONUNBUFFERED": "1"}


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Add to the final stage what no ENV of it or of a stage below it sets."""
    stage = document.final
    if not _runs_python(document):
        return None
    present: set[str] = set()
    at: int | None = stage.index
    while at is not None:
        for node in document.stages[at].instructions:
            if node.keyword == "ENV":
                present.update(key for key, _ in node.env_pairs())
        at = document.stages[at].parent
    missing = {key: value for key, value in WANTED.items() if key not in present}
    if not missing:
        return None
    text = "ENV " + " \\\n    ".join(f"{key}={value}" for key, value in missing.items())
    return Proposal(
        (insert_after(document, stage.from_, text),),
        "what the application prints reaches the log at once, also what it prints just before a crash",
        Applicability.SAFE,
    )


def _runs_python(document: Dockerfile) -> bool:
    words = [node.value for node in document.final.instructions if node.keyword in ("CMD", "ENTRYPOINT")]
    programs = ("python", "uvicorn", "gunicorn", "flask", "streamlit", "celery", "hypercorn", "django")
    return any(program in word for word in words for program in programs)


TRANSFORM = Transform(
    name="python-env",
    title="Print logs at once",
    guide=(
        "Python buffers its output when it is not a terminal. `PYTHONUNBUFFERED=1` writes every line as it comes. "
        "`PYTHONDONTWRITEBYTECODE` is deliberately not set: during a build it makes every start of the container slower."
    ),
    plan=plan,
    examples=(
        Example(
            'FROM python:3.11-slim\nCMD ["python", "app.py"]\n',
            'FROM python:3.11-slim\nENV PYTHONUNBUFFERED=1\nCMD ["python", "app.py"]\n',
        ),
        Example(
            'FROM python:3.11-slim\nENV PYTHONUNBUFFERED 1\nCMD ["python", "app.py"]\n',
            'FROM python:3.11-slim\nENV PYTHONUNBUFFERED 1\nCMD ["python", "app.py"]\n',
        ),
        Example('FROM debian:bookworm-slim\nCMD ["nginx"]\n', 'FROM debian:bookworm-slim\nCMD ["nginx"]\n'),
    ),
)

"""HEALTHCHECK with the Python that is there anyway, so that no curl must be installed for it."""

import re
from urllib.parse import urlsplit

from tare.dockerfile import Dockerfile, Instruction
from tare.rewrite.facts import Facts
from tare.rewrite.layout import exec_form, insert_before, replace
from tare.rewrite.start import python_of
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

INTERVALS = "--interval=30s --timeout=5s --start-period=60s --retries=3"
FETCH = re.compile(
    r"""^(?:CMD\s+)(?:curl|wget)\s+(?:-{1,2}[\w-]+\s+(?:/dev/null\s+)?)*["']?(https?://[^\s"'$|;&<>]+)["']?"""
    r"""\s*(?:>\s*/dev/null\s*(?:2>&1)?\s*)?(?:\|\|\s*exit\s+1)?\s*$"""
)
ENDS = ("CMD", "ENTRYPOINT")


def probe(url: str, python: str = "python") -> tuple[str, ...]:
    """The command that succeeds when `url` answers with a status below 400."""
    return (python, "-c", f"import urllib.request as r; r.urlopen('{url}', timeout=4)")


def connect(port: int, python: str = "python") -> tuple[str, ...]:
    """The command that succeeds when something listens on `port`."""
    return (python, "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 4).close()")


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Add a check where there is none, and replace one that fetches with curl or wget."""
    stage = document.final.instructions
    present = next((node for node in reversed(stage) if node.keyword == "HEALTHCHECK"), None)
    if present is not None:
        return _without_curl(document, present, python_of(document, document.final))
    port = facts.port
    if port is None:
        return None
    end = next((node for node in stage if node.keyword in ENDS), None)
    if end is None:
        return Refusal("the stage starts nothing itself, so that nothing can be asked")
    python = python_of(document, document.final)
    if python is None:
        return Refusal(f"where {document.final.base} has its Python is not known")
    if facts.health_path is not None:
        command = probe(f"http://127.0.0.1:{port}{facts.health_path}", python)
        reason = f"the engine asks {facts.health_path} on port {port} and notices a hung service"
    else:
        command = connect(port, python)
        reason = f"the engine notices when nothing listens on port {port} any more"
    text = f"HEALTHCHECK {INTERVALS} \\\n    CMD {exec_form(command)}\n"
    return Proposal((insert_before(document, end, text),), reason, Applicability.UNSAFE)


def _without_curl(document: Dockerfile, node: Instruction, python: str | None) -> Outcome:
    found = FETCH.match(node.value.strip())
    if found is None or python is None:
        return None
    url = found[1]
    if not urlsplit(url).hostname:
        return None
    flags = "".join(f"{flag.span.of(document.text)} " for flag in node.flags)
    joint = "\\\n    " if flags else ""
    text = f"HEALTHCHECK {flags}{joint}CMD {exec_form(probe(url, python))}"
    return Proposal(
        (replace(node, text),),
        "the check asks the same address with Python, so that curl need not be in the image",
        Applicability.UNSAFE,
    )


TRANSFORM = Transform(
    name="health-check",
    title="Let the engine see whether the service works",
    guide=(
        "Without HEALTHCHECK a hung process counts as running. The check needs no curl: Python is in the image. "
        "Kubernetes ignores HEALTHCHECK and has probes of its own; Docker, Compose and Swarm use it."
    ),
    plan=plan,
    examples=(
        Example(
            'FROM python:3.11-slim\nEXPOSE 8000\nCMD ["uvicorn", "main:app"]\n',
            "FROM python:3.11-slim\nEXPOSE 8000\n"
            f"HEALTHCHECK {INTERVALS} \\\n"
            '    CMD ["python", "-c", "import urllib.request as r; '
            "r.urlopen('http://127.0.0.1:8000/health', timeout=4)\"]\n"
            'CMD ["uvicorn", "main:app"]\n',
            facts=Facts(port=8000, health_path="/health"),
        ),
        Example(
            "FROM python:3.11\nHEALTHCHECK --interval=10s CMD curl -f http://localhost:8000/ping || exit 1\n",
            "FROM python:3.11\nHEALTHCHECK --interval=10s \\\n"
            '    CMD ["python", "-c", "import urllib.request as r; '
            "r.urlopen('http://localhost:8000/ping', timeout=4)\"]\n",
        ),
        Example(
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3-flask\nCMD flask run\n",
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3-flask\n"
            f"HEALTHCHECK {INTERVALS} \\\n"
            '    CMD ["python3", "-c", "import socket; '
            "socket.create_connection(('127.0.0.1', 5000), 4).close()\"]\nCMD flask run\n",
            "Debian's own Python has one name only",
            Facts(port=5000),
        ),
        Example(
            'FROM python:3.11-slim\nCMD ["python", "job.py"]\n',
            'FROM python:3.11-slim\nCMD ["python", "job.py"]\n',
            "a job has no port to ask",
        ),
    ),
)

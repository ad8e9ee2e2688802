"""TR7016: a password set in the image."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """chpasswd, and usermod or useradd with a password."""
    for entry in named(document, "chpasswd", "usermod", "useradd"):
        words = [word.text for word in entry.command.arguments]
        if entry.command.name == "chpasswd" or any(word in ("-p", "--password") for word in words):
            message = "the password stands in the image's history and is the same in every container"
            yield Problem(message, entry.command.span, entry.step.outer)


RULE = Rule(
    code="TR7016",
    name="chpasswd",
    title="Set no passwords in an image.",
    why=(
        "The RUN line with the password is part of the image's history, and its hash is in /etc/shadow of "
        "every container. Containers need no logins: `docker exec` and USER replace them."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_17",),
    examples=(Example("FROM debian:12\nRUN echo 'root:toor' | chpasswd\n"),),
    clean=("FROM debian:12\nRUN useradd --uid 1000 app\n",),
)

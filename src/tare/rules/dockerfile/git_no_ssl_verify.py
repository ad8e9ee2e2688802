"""TR7015: git that accepts any certificate."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.rules.unwanted import unwanted_settings
from tare.schema.lint import Severity

_OFF = frozenset({"", "0", "false"})


def _is_on(value: str) -> bool:
    return value.lower() not in _OFF


def check(document: Document) -> Iterable[Problem]:
    """GIT_SSL_NO_VERIFY, `git config http.sslVerify false` and `git -c http.sslVerify=false`."""
    message = "{} makes git accept any certificate"
    yield from unwanted_settings(document, frozenset({"GIT_SSL_NO_VERIFY"}), _is_on, message)
    for entry in named(document, "git"):
        words = [word.text.lower() for word in entry.command.arguments]
        text = " ".join(words).replace("=", " ")
        if "http.sslverify false" not in text and "http.sslverify 0" not in text:
            continue
        span = entry.script.removal_span(entry.command) if words[:1] == ["config"] else None
        fix = unsafe_fix("Remove the command", Edit(span, "")) if span else None
        yield Problem(message.format("http.sslVerify=false"), entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR7015",
    name="git-no-ssl-verify",
    title="Let git check certificates.",
    why=(
        "What is cloned is built and run; without the check it may come from anybody. `http.sslCAInfo` or "
        "`GIT_SSL_CAINFO` names a private authority's certificate."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_14",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example("FROM python:3.12\nENV GIT_SSL_NO_VERIFY=true\nUSER app\n", "FROM python:3.12\nUSER app\n"),
        Example(
            (
                "FROM python:3.12\nRUN git config --global http.sslVerify false && git clone "
                "https://example.org/a\n"
            ),
            "FROM python:3.12\nRUN git clone https://example.org/a\n",
        ),
    ),
    clean=("FROM python:3.12\nENV GIT_SSL_NO_VERIFY=false\n",),
)

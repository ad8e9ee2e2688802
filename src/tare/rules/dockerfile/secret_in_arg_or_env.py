"""TR3064: do not pass secrets through ARG or ENV."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.secret_names import is_secret_variable
from tare.schema.lint import Severity

_BUILDKIT = "SecretsUsedInArgOrEnv"
_EQUIVALENTS = ("DL3064", "SecretsUsedInArgOrEnv", "DS-0031", "passwords_and_secrets", "secret-in-build-arg")
_WITHOUT_BUILDKIT = tuple(code for code in _EQUIVALENTS if code != _BUILDKIT)
_ONLY_BUILDKIT = (_BUILDKIT, "tally/SecretsUsedInArgOrEnv")
_NAMES = ("token", "password", "secret", "private", "api_key")


def check(document: Document) -> Iterable[Problem]:
    """ARG or ENV with a name of a secret."""
    for step in document.of("ARG", "ENV"):
        if step.keyword == "ENV" and len(step.inner.arguments) % 2:
            continue
        names = [name for name, _ in step.inner.env_pairs()]
        first = next(
            (name for name in (names[:1] if step.keyword == "ARG" else names) if _suspect(name)), None
        )
        for name in dict.fromkeys(names):
            known = is_secret_variable(name)
            if known or name == first:
                codes = _ONLY_BUILDKIT if name != first else _EQUIVALENTS if known else _WITHOUT_BUILDKIT
                yield Problem(
                    f"`{name}` looks like a secret", step.inner.value_span, step.outer, equivalents=codes
                )


def _suspect(name: str) -> bool:
    """Whether hadolint takes a variable for a secret. It reports the first of an instruction, of ARG only the first."""
    lowered = name.lower()
    return lowered == "aws_access_key_id" or any(part in lowered for part in _NAMES)


RULE = Rule(
    code="TR3064",
    name="secret-in-arg-or-env",
    title="Do not pass secrets through ARG or ENV.",
    why=(
        "Whoever has the image has its configuration and history: values of ENV and of used ARGs stand "
        "there in clear. Mount secrets with RUN --mount=type=secret."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=_EQUIVALENTS,
    reads_broken=True,
    examples=(Example("FROM debian:12\nARG GITHUB_TOKEN\n"),),
    clean=("FROM debian:12\nENV KEYBOARD=de\n",),
)

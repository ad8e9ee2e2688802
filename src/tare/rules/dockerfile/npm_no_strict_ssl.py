"""TR7014: npm or yarn told to accept any certificate."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`npm config set strict-ssl false`, in any of its spellings."""
    for entry in named(document, "npm", "yarn", "pnpm"):
        text = " ".join(word.text for word in entry.command.arguments).replace("=", " ").lower()
        if "strict-ssl false" not in text and "--no-strict-ssl" not in text:
            continue
        span = entry.script.removal_span(entry.command) if text.startswith("config set") else None
        fix = unsafe_fix("Remove the command", Edit(span, "")) if span else None
        message = "strict-ssl is off: packages may come from anybody"
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR7014",
    name="npm-no-strict-ssl",
    title="Let npm check certificates.",
    why=(
        "The setting stays in the image's .npmrc: packages come from whoever answers, now and later, and their "
        "scripts run. `npm config set cafile` names a private authority's certificate."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_13",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example(
            "FROM node:22\nRUN npm config set strict-ssl false && npm ci\n", "FROM node:22\nRUN npm ci\n"
        ),
    ),
    clean=("FROM node:22\nRUN npm ci\n",),
)

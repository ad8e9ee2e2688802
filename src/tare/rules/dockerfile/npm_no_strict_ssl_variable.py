"""TR7013: npm's certificate checks switched off by a variable."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.unwanted import unwanted_settings
from tare.schema.lint import Severity

_NAMES = frozenset({"NPM_CONFIG_STRICT_SSL", "npm_config_strict_ssl"})


def check(document: Document) -> Iterable[Problem]:
    """Npm's certificate checks switched off by a variable."""
    return unwanted_settings(
        document, _NAMES, ("false", "0", "").__contains__, "{} switches npm's certificate checks off"
    )


RULE = Rule(
    code="TR7013",
    name="npm-no-strict-ssl-variable",
    title="Let npm check certificates.",
    why=(
        "Packages come from whoever answers, and their install scripts run as root in the build. "
        "`NPM_CONFIG_CAFILE` names a private authority's certificate."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("CKV2_DOCKER_12",),
    safety=(
        "The build may rely on it: where the server's certificate or signature is not trusted, the step fails "
        "without the option."
    ),
    examples=(
        Example("FROM node:22\nENV NPM_CONFIG_STRICT_SSL=false\nUSER node\n", "FROM node:22\nUSER node\n"),
    ),
    clean=("FROM node:22\nENV NPM_CONFIG_STRICT_SSL=true\n",),
)

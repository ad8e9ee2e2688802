"""TR5024: configure that guesses the architecture."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`./configure` without --build."""
    for entry in named(document, "configure"):
        if (
            any(word.text.startswith(("--build", "--host")) for word in entry.command.arguments)
            or entry.command.exec_form
        ):
            continue
        at = entry.command.effective_argv[0].span.end
        option = ' --build="$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)"'
        fix = unsafe_fix("Add --build", Edit(Span(at, at), option))
        yield Problem(
            "configure guesses the architecture from the kernel", entry.command.span, entry.step.outer, fix
        )


RULE = Rule(
    code="TR5024",
    name="configure-without-build",
    title="Tell configure what it builds for.",
    why=(
        "configure asks the kernel, which on a 64-bit host says x86_64 to a 32-bit container: the build then "
        "takes code for the wrong processor. Matters for images of several architectures only, so the rule "
        "runs when it is selected."
    ),
    severity=Severity.STYLE,
    category="correct",
    check=check,
    equivalents=("configureShouldUseBuildFlag",),
    safety=(
        "`dpkg-architecture` comes with dpkg-dev, which must be installed; scripts that are not from autoconf "
        "may refuse the option."
    ),
    on_by_default=False,
    examples=(
        Example(
            "FROM debian:12\nRUN ./configure --prefix=/usr\n",
            (
                'FROM debian:12\nRUN ./configure --build="$(dpkg-architecture --query '
                'DEB_BUILD_GNU_TYPE)" --prefix=/usr\n'
            ),
        ),
    ),
    clean=("FROM debian:12\nRUN ./configure --build=x86_64-linux-gnu\n",),
)

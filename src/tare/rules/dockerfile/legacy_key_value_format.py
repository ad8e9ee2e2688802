"""TR2008: `ENV key value` without an equals sign."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.expand import ExpansionError, expand, references
from tare.dockerfile.nodes import Instruction
from tare.dockerfile.words import WordError, parse_arguments
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.finding import Fix
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """ENV and LABEL whose key and value are separated by white space."""
    for step in document.of("ENV", "LABEL"):
        node = step.inner
        if len(node.arguments) != 2 or node.value[len(node.args[0]) : len(node.args[0]) + 1] == "=":
            continue
        if step.onbuild:
            continue
        yield Problem(
            f"{node.keyword} {node.args[0]} is separated from its value by a space: write {node.keyword} key=value",
            node.value_span,
            step.outer,
            _fix(node, document.escape),
        )


def _fix(node: Instruction, escape: str) -> Fix | None:
    key, value = node.arguments
    gap = Span(key.span.end, value.span.start)
    for quote in ("", '"', "'"):
        if _same(node, f"{key.text}={quote}{value.text}{quote}", escape):
            edits = [Edit(gap, f"={quote}")]
            if quote:
                edits.append(Edit(Span(value.span.end, value.span.end), quote))
            return safe_fix("Write key=value", *edits)
    return None


def _same(node: Instruction, text: str, escape: str) -> bool:
    """Whether the text in the new form means the same key and value, with whatever values its variables have."""
    try:
        pieces = parse_arguments(node.keyword, text, escape).pieces
    except WordError:
        return False
    if len(pieces) != 2 or pieces[0].text != node.args[0]:
        return False
    names = references(node.args[1], escape)
    if names != references(pieces[1].text, escape):
        return False
    for env in ({}, {name: f"<{name} a'b>" for name in names}):
        try:
            if expand(pieces[1].text, env, escape) != expand(node.args[1], env, escape):
                return False
        except ExpansionError:
            return False
    return True


RULE = Rule(
    code="TR2008",
    name="legacy-key-value-format",
    title="Write ENV and LABEL as key=value.",
    why="`ENV a b c=d` sets one variable to `b c=d`, which is seldom what was meant. The form without the equals sign is kept "
    "for old files only and cannot set two variables.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    reads_broken=True,
    equivalents=("LegacyKeyValueFormat", "tally/LegacyKeyValueFormat", "dockerfmt"),
    safety="The new text is parsed again and its value compared with the old one, with set and unset variables.",
    examples=(
        Example("FROM debian:12\nENV MODE production\n", "FROM debian:12\nENV MODE=production\n"),
        Example(
            "FROM debian:12\nLABEL title A nice $THING\n", 'FROM debian:12\nLABEL title="A nice $THING"\n'
        ),
    ),
    clean=("FROM debian:12\nENV A=1 B=2\nLABEL a=b\n",),
)

"""TR2012: the comment above an ARG or a stage does not describe it (experimental in BuildKit)."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.nodes import Instruction
from tare.dockerfile.pragmas import check_directive
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.schema.lint import Severity

_NAME = "InvalidDefinitionDescription"


def check(document: Document) -> Iterable[Problem]:
    """Comments right above ARG or a named FROM that do not begin with its name. Runs where the file's `# check=` or the
    settings ask for it."""
    if not _asked(document):
        return
    for step in document.of("ARG", "FROM"):
        names = _names(step)
        comment = _comment(document, step.outer)
        if not names or comment is None or comment.split(" ")[0] in names:
            continue
        wanted = names[0] if len(names) == 1 else "<arg_key>"
        at = step.outer.leading.end
        yield Problem(
            f"the comment above this {step.keyword} does not begin with '# {wanted} '",
            step.outer.keyword_span,
            step.outer,
            safe_fix("Separate the comment by an empty line", Edit(Span(at, at), document.newline)),
        )


def _asked(document: Document) -> bool:
    named = check_directive(document.dockerfile).experimental
    chosen = (*document.settings.select, *document.settings.extend_select)
    return any(
        name.lower() in ("all", _NAME.lower(), "tr2012", "invalid-definition-description")
        for name in (*named, *chosen)
    )


def _names(step: Step) -> tuple[str, ...]:
    if step.onbuild:
        return ()
    if step.keyword == "ARG":
        return tuple(key for key, _ in step.inner.env_pairs())
    arguments = step.inner.arguments
    return (arguments[2].text.lower(),) if len(arguments) == 3 else ()


def _comment(document: Document, node: Instruction) -> str | None:
    """The comment line right above; None where there is none, or an empty one separates it."""
    lines = node.leading.of(document.text).splitlines()
    if not lines:
        return None
    return lines[-1].strip().removeprefix("#").strip() or None


RULE = Rule(
    code="TR2012",
    name="invalid-definition-description",
    title="Begin the comment above an ARG or a stage with its name.",
    why="`docker build --call=outline` shows such a comment as the description of the argument or target. A comment about "
    "something else is shown there too, unless an empty line separates it. Runs where `# check=experimental=` in the file or "
    "the selection asks for it, as in BuildKit.",
    severity=Severity.STYLE,
    category="style",
    check=check,
    reads_broken=True,
    equivalents=(_NAME, "tally/InvalidDefinitionDescription"),
    safety="Only an empty line is added.",
    examples=(
        Example(
            f"# check=experimental={_NAME}\n# the Python release\nARG VERSION=3.12\nFROM python:$VERSION\n",
            f"# check=experimental={_NAME}\n# the Python release\n\nARG VERSION=3.12\nFROM python:$VERSION\n",
        ),
    ),
    clean=(
        "# the Python release\nARG VERSION=3.12\nFROM python:$VERSION\n",
        f"# check=experimental={_NAME}\n# VERSION of Python\nARG VERSION=3.12\nFROM python:$VERSION\n",
    ),
)

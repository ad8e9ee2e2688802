"""TR5010: gems with their documentation."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity

_OFF = frozenset({"--no-document", "-N", "--no-doc", "--no-ri", "--no-rdoc"})


def check(document: Document) -> Iterable[Problem]:
    """`gem install` and `gem update` that build ri and rdoc pages. Official ruby images switch them off in gemrc."""
    if "no-document" in document.haystack or any(stage.base.startswith("ruby:") for stage in document.stages):
        return
    for entry in named(document, "gem"):
        words = entry.command.arguments
        action = next((word for word in words if not word.text.startswith("-")), None)
        if action is None or action.text not in ("install", "update") or any(w.text in _OFF for w in words):
            continue
        at = action.span.end
        fix = (
            None
            if entry.command.exec_form
            else safe_fix("Add --no-document", Edit(Span(at, at), " --no-document"))
        )
        yield Problem("gem also builds and installs documentation", entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5010",
    name="gem-documentation",
    title="Install gems without documentation.",
    why="ri and rdoc pages take time to build and space in the layer, and nothing in a container reads them.",
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "gemUpdateNoDocument",
        "tally/ruby",
    ),
    safety="Documentation is read by `ri` only.",
    examples=(
        Example(
            "FROM debian:12\nRUN gem install rails:7.1\n",
            "FROM debian:12\nRUN gem install --no-document rails:7.1\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN gem install -N rails:7.1\n",
        "FROM ruby:3.3\nRUN gem install rails:7.1\n",
    ),
)

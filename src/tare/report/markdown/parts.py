"""The parts that Markdown reports are made of."""

from tare.report.units import safe
from tare.schema.report import FileChange
from tare.schema.run import Verification


def code(text: str) -> str:
    """Inline code that no content can leave; not split by a table either."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{safe(text)}{pad}{fence}".replace("|", "\\|").replace("\n", " ")


def cell(text: str) -> str:
    """Text for a table cell or a line: no markup of its own, one line."""
    return safe(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def diff_block(change_: FileChange) -> list[str]:
    """The diff of a file under its name; nothing where it is unchanged."""
    if not change_.diff:
        return []
    fence = "````" if "```" in change_.diff else "```"
    return ["", f"### {cell(change_.path)}", "", f"{fence}diff", safe(change_.diff.rstrip("\n")), fence]


def checks_table(verification: Verification) -> list[str]:
    """Every check of a verification."""
    lines = ["| | check | detail |", "|---|---|---|"]
    for check in verification.checks:
        sign = {True: "✔", False: "✘", None: "?"}[check.passed]
        lines.append(f"| {sign} | {check.kind} {cell(check.name)} | {cell(check.detail)} |")
    return lines


def joined(lines: list[str]) -> str:
    """Lines as a document that ends in one line feed."""
    return "\n".join(lines).rstrip("\n") + "\n"

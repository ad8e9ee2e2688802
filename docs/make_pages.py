"""Writes one page for each transform, from its own texts and examples: `python docs/make_pages.py`."""

from pathlib import Path

from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transform import Transform

HERE = Path(__file__).parent / "transforms"


def page(transform: Transform) -> str:
    """The page of a transform."""
    parts = [f"# {transform.title}\n", f"`{transform.name}`\n", f"{transform.guide}\n"]
    for example in transform.examples:
        title = "Left alone" if example.before == example.after else "Changed"
        parts.append(f"## {title}{': ' + example.note if example.note else ''}\n")
        parts.append(f"```dockerfile\n{example.before}```\n")
        if example.before != example.after:
            parts.append(f"becomes\n\n```dockerfile\n{example.after}```\n")
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """File name → text, the index included."""
    found = {f"{transform.name}.md": page(transform) for transform in TRANSFORMS}
    rows = [f"| [{t.name}]({t.name}.md) | {t.title} |" for t in TRANSFORMS]
    found["README.md"] = "\n".join(
        ["# Transforms, in the order of application\n", "| name | |", "|---|---|", *rows, ""]
    )
    return found


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (HERE / name).write_text(text)

"""Writes one page for each transform, for each lint rule and for each kind of finding of inspect, from their own texts and
examples: `python docs/make_pages.py`."""

from pathlib import Path

from tare.inspect.finding_rules import finding_pages
from tare.report.markdown.rule import page as rule_page
from tare.report.markdown.rule import table
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transform import Transform
from tare.rules.pages import page_of
from tare.rules.registry import every_rule

HERE = Path(__file__).parent
NOT_DONE = "not-done.md"


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
    """File name in docs/transforms → text, the index included."""
    found = {f"{transform.name}.md": page(transform) for transform in TRANSFORMS}
    rows = [f"| [{t.name}]({t.name}.md) | {t.title} |" for t in TRANSFORMS]
    found["README.md"] = "\n".join(
        ["# Transforms, in the order of application\n", "| name | |", "|---|---|", *rows, ""]
    )
    return found


def rule_pages() -> dict[str, str]:
    """File name in docs/rules → text, the index included, what is written by hand not."""
    rules = tuple(page_of(rule) for rule in every_rule())
    found = {f"{rule.code}.md": rule_page(rule) for rule in rules}
    fixable = sum(bool(rule.fixes) for rule in rules)
    head = [
        "# Rules of `tare lint`",
        "",
        f"{len(rules)} rules, {fixable} with a fix. TR1xxx, TR3xxx and TR4xxx have hadolint's numbers, TR20xx are "
        "BuildKit's checks, TR50xx come from other linters, TR60xx are about machine learning, caches and layers, "
        f"TR70xx about secrets and transport security. What is left out, and why: [{NOT_DONE}]({NOT_DONE}).",
        "",
    ]
    of_images = finding_pages()
    found |= {f"{rule.code}.md": rule_page(rule) for rule in of_images}
    tail = [
        "",
        "# Findings of `tare inspect`",
        "",
        "They come from the bytes of an image, not from the text of a Dockerfile.",
        "",
    ]
    tail += ["| code | name | | severity |", "|---|---|---|---|"]
    tail += [
        f"| [{one.code}]({one.code}.md) | {one.name} | {one.title} | {one.severity.value} |"
        for one in of_images
    ]
    found["README.md"] = "\n".join([*head, *table(rules, "{}.md"), *tail, ""])
    return found


def write(folder: Path, texts: dict[str, str]) -> None:
    """Write the pages of a folder and remove those of things that are gone."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in texts and old.name != NOT_DONE:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write(HERE / "transforms", pages())
    write(HERE / "rules", rule_pages())

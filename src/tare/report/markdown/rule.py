"""Pages of rules as Markdown; docs/rules is made with it."""

from tare.report.markdown.parts import cell, joined
from tare.schema.rule import RuleExample, RulePage, RuleReport


def render(report: RuleReport) -> str:
    """One page after the other; a table when there are many."""
    if len(report.rules) > 5:
        return joined(table(report.rules))
    return "\n".join(page(rule) for rule in report.rules)


def fixes(rule: RulePage) -> str:
    """`safe`, `unsafe`, `safe or unsafe`, or `none`."""
    return " or ".join(kind.value for kind in rule.fixes) or "none"


def table(rules: tuple[RulePage, ...], link: str = "") -> list[str]:
    """A row a rule. `link` is a pattern such as `{}.md` for the code."""
    lines = [
        "| code | name | | severity | about | fix | elsewhere |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in rules:
        code = f"[{rule.code}]({link.format(rule.code)})" if link else rule.code
        off = "" if rule.on_by_default else " (off)"
        lines.append(
            f"| {code} | {rule.name} | {cell(rule.title)} | {rule.severity.value}{off} | {rule.category} | {fixes(rule)} "
            f"| {cell(', '.join(rule.equivalents))} |"
        )
    return lines


def page(rule: RulePage) -> str:
    """The page of a rule."""
    lines = [f"# {rule.code} {rule.name}", "", f"**{rule.title}**", "", rule.why, ""]
    if rule.found_by == "inspect":
        return joined([*lines, *_of_image(rule)])
    state = "on by default" if rule.on_by_default else f"off unless selected: `--extend-select {rule.code}`"
    lines.append(f"- severity: {rule.severity.value}, {state}; about: {rule.category}")
    lines.append(f"- fix: {fixes(rule)}")
    if rule.equivalents:
        lines.append(f"- the same check elsewhere: {', '.join(f'`{code}`' for code in rule.equivalents)}")
    for example in rule.examples:
        lines += ["", *_example(example)]
    if rule.safety:
        lines += ["", "## Is the fix safe?", "", rule.safety]
    if rule.clean:
        lines += ["", "## Not reported", ""]
        for text in rule.clean:
            lines += ["```dockerfile", text.rstrip("\n"), "```", ""]
    lines += [
        "",
        "## Leave it alone",
        "",
        f"`# tare: ignore[{rule.code}] reason` above the instruction, or `--ignore {rule.code}`.",
    ]
    return joined(lines)


def _of_image(rule: RulePage) -> list[str]:
    """What differs for a rule about the bytes of an image: nothing is fixed in a file, nothing is silenced in one."""
    lines = [
        f"- severity: {rule.severity.value}; about: {rule.category}; found by `tare inspect` in the image"
    ]
    for example in rule.examples:
        lines += ["", *_example(example, "instead:")]
    if rule.name != "budget-exceeded":
        lines += ["", "## When it is reported", "", "From 1 MB on, once for each instruction and kind."]
    return lines


def _example(example: RuleExample, change: str = "fixed:") -> list[str]:
    lines = [f"## Example{': ' + example.note if example.note else ''}", ""]
    for name, content in example.files:
        lines += [f"`{name}`", "", "```", content.rstrip("\n"), "```", ""]
    lines += ["```dockerfile", example.bad.rstrip("\n"), "```"]
    if example.good:
        lines += ["", change, "", "```dockerfile", example.good.rstrip("\n"), "```"]
    return lines

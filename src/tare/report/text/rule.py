"""Pages of rules for a terminal."""

from rich.text import Text

from tare.report.markdown.rule import fixes
from tare.report.text.console import new_console, printed
from tare.schema.rule import RulePage, RuleReport


def render(report: RuleReport) -> str:
    """A page a rule; one line a rule when there are many."""
    console = new_console()
    if len(report.rules) > 5:
        width = max(len(rule.name) for rule in report.rules)
        for rule in report.rules:
            state = "" if rule.on_by_default else " (off)"
            console.print(Text(f"{rule.code} {rule.name:{width}} {rule.title}{state}"), soft_wrap=True)
        return printed(console)
    for number, rule in enumerate(report.rules):
        if number:
            console.print()
        for line in _page(rule):
            console.print(Text(line), soft_wrap=line.startswith("  "))
    return printed(console)


def _page(rule: RulePage) -> list[str]:
    state = "" if rule.on_by_default else ", off unless selected"
    lines = [f"{rule.code} {rule.name}: {rule.title}", "", rule.why, ""]
    of_image = rule.found_by == "inspect"
    how = "Found by tare inspect" if of_image else f"Fix: {fixes(rule)}"
    lines.append(f"Severity {rule.severity.value}{state}. About: {rule.category}. {how}.")
    if rule.equivalents:
        lines.append(f"The same check elsewhere: {', '.join(rule.equivalents)}")
    for example in rule.examples:
        lines += ["", f"Example{': ' + example.note if example.note else ''}"]
        lines += [f"  {line}" for line in example.bad.splitlines()]
        if example.good:
            lines += [
                "instead" if of_image else "fixed",
                *(f"  {line}" for line in example.good.splitlines()),
            ]
    if rule.safety:
        lines += ["", f"Is the fix safe? {rule.safety}"]
    return lines

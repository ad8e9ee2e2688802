"""`tare cache --history` and `--ci` for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tare.report.units import duration, quantity, safe
from tare.schema.cache import Advice, CacheReport, ChangeHistory, RebuildCost
from tare.schema.quantity import Quantity


def show_history(console: Console, report: CacheReport, history: ChangeHistory) -> None:
    """The sources by how often they change, the steps by how often they run again, and what would cost less."""
    console.print(
        f"{history.commits} commits in {history.weeks:.0f} weeks, one build each ({report.rules}), "
        f"{history.first[:10]} to {history.last[:10]}",
        soft_wrap=True,
    )
    if history.dockerfile_commits:
        console.print(
            f"{history.dockerfile_commits} of them changed the Dockerfile; it is taken as it is now",
            soft_wrap=True,
        )
    console.print()
    for source in sorted(history.sources, key=lambda one: -one.commits):
        console.print(
            Text(
                f"{source.commits:>6} commits, {source.per_week:>5.1f} a week  line {source.line}: {safe(source.source)}"
            ),
            soft_wrap=True,
        )
    console.print()
    _steps(console, history.cost)
    console.print(Text(f"a week: {_weekly(history.cost)}"), soft_wrap=True)
    console.print()
    proposed = history.proposed
    if proposed is None:
        console.print("No order or split of these steps would have run less again.")
    else:
        console.print(
            Text(f"Better ({proposed.applicability}): {_weekly(proposed.cost)} a week"), soft_wrap=True
        )
        for name, reason in proposed.transforms:
            console.print(Text(f"  {name}: {safe(reason)}"), soft_wrap=True)
        console.print()
        for line in proposed.cost.dockerfile.splitlines():
            console.print(Text(f"    {safe(line)}"), soft_wrap=True, overflow="ignore")
    if history.replayed:
        console.print()
        _replayed(console, history)


def _weekly(cost: RebuildCost) -> str:
    steps = _count(cost.steps_per_week)
    known = cost.seconds_per_week.value is not None
    return f"{steps} steps" + (f", {quantity(cost.seconds_per_week, 'seconds')}" if known else "")


def _count(item: Quantity) -> str:
    if item.low is None or item.high is None or item.low == item.high:
        return f"{item.value or 0:.1f}"
    return f"{item.low:.1f} to {item.high:.1f}"


def _steps(console: Console, cost: RebuildCost) -> None:
    for step in cost.steps:
        again = f"{step.again}" if not step.depends else f"{step.again} to {step.again + step.depends}"
        seconds = "" if step.elapsed_s.value is None else f"{duration(step.elapsed_s.value):>9}"
        console.print(
            Text(f"{again:>10} times{seconds}  line {step.line}: {safe(step.instruction[:90])}"),
            soft_wrap=True,
        )


def _replayed(console: Console, history: ChangeHistory) -> None:
    both = [(row.before_s, row.after_s) for row in history.replayed]
    for row in history.replayed:
        before = "not built" if row.before_s is None else duration(row.before_s)
        after = "" if row.after_s is None else f" → {duration(row.after_s)}"
        mark = "as predicted" if row.agreed else "not as predicted"
        console.print(f"{row.commit[:10]}  {before}{after}  {mark}")
    pairs = [(one, other) for one, other in both if one is not None and other is not None]
    if pairs:
        first, second = sum(one for one, _ in pairs), sum(other for _, other in pairs)
        console.print(
            f"{len(pairs)} commits built: {duration(first)} → {duration(second)} ({(second / first - 1) * 100:+.0f} %)"
        )


def show_advice(console: Console, advice: Sequence[Advice]) -> None:
    """Purposes, each with its words."""
    for one in advice:
        console.print()
        console.print(Text(f"{one.purpose}:"), soft_wrap=True)
        for command in one.commands:
            console.print(Text(f"    {command}"), soft_wrap=True, overflow="ignore")

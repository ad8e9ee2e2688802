"""`tare fleet` for a terminal."""

from collections.abc import Iterable

from tare.report.text.columns import WIDTH, cut, cut_middle, one_line, padded
from tare.report.units import duration, number, quantity, size
from tare.schema.fleet import FleetReport, FleetTrend
from tare.schema.quantity import Quantity

SHOWN = 10


def render(report: FleetReport) -> str:
    """The report as text, ending in a line feed."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(report))


def _lines(report: FleetReport) -> Iterable[str]:
    totals = report.totals
    if not report.complete:
        yield f"NOT COMPLETE: {len(report.missing)} missing; the figures hold the rest only"
        for one in report.missing[:SHOWN]:
            yield f"  ✘ {cut(f'{one.what}: {one.message}', WIDTH - 4)}"
            if one.hint:
                yield f"    {cut(one.hint, WIDTH - 4)}"
        if len(report.missing) > SHOWN:
            yield f"  … and {len(report.missing) - SHOWN} more (--format json has them all)"
        yield ""
    yield f"{totals.images} images under {totals.names} names, {totals.layers} layers, {totals.shared_layers} of them shared"
    yield f"  in every image {size(totals.images_bytes):>9}   pull {_pull(totals.images_compressed)}"
    yield f"  stored once    {size(totals.stored_bytes):>9}   pull {_pull(totals.stored_compressed)}"
    yield f"  freeable       {size(totals.freeable_bytes):>9}   pull {_pull(totals.freeable_compressed)}"
    if report.trend is not None:
        yield from _trend(report.trend)
    yield from _bases(report)
    yield from _waste(report)
    yield from _images(report)
    yield from _packages(report)
    yield from _twins(report)
    yield from _security(report)
    yield from _costs(report)
    work = report.work
    yield ""
    yield (
        f"Read {work.layers_read} layers ({size(work.bytes_read)}), {work.layers_known} were known; merged {work.images_surveyed}"
        f" images, {work.images_known} were known; {work.names_unchanged} names unchanged; {duration(work.elapsed_s)}"
    )
    yield f"{'Went on with a run that broke off; ' if work.resumed else ''}{work.where}, {work.workers} at once"
    for note in report.notes[:SHOWN]:
        yield f"note: {cut(note, WIDTH - 6)}"


def _pull(item: Quantity) -> str:
    return quantity(item, "bytes").partition(" (")[0]


def _trend(trend: FleetTrend) -> Iterable[str]:
    doubt = "" if trend.complete else " (that run was not complete)"
    yield ""
    yield f"Since {trend.since}{doubt}"
    yield (
        f"  images {trend.images:+d} ({trend.new_images} new, {trend.gone_images} gone), stored {_signed(trend.stored_bytes)},"
        f" freeable {_signed(trend.freeable_bytes)}"
    )
    for name, more in trend.grown[:3]:
        yield f"  {_signed(more):>10}  {cut_middle(name, WIDTH - 14)}"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{size(abs(value))}"


def _bases(report: FleetReport) -> Iterable[str]:
    if not report.bases:
        return
    yield ""
    yield "Bases: one change of one saves everywhere"
    yield f"  {'base':34} {'images':>6} {'size':>9} {'above':>9} {'freeable':>9} {'× pulls':>9}"
    for base in report.bases[:SHOWN]:
        name = padded(cut_middle(base.name or base.digest[:19], 34), 34)
        yield (
            f"  {name} {base.images:>6} {size(base.size_bytes):>9} {size(base.above_bytes):>9} {size(base.freeable_bytes):>9}"
            f" {_pull(base.saved_pull_bytes):>9}"
        )
        if base.fix:
            yield f"    {cut(base.fix, WIDTH - 4)}"
    for one in report.alignments[:3]:
        yield (
            f"  {cut_middle(one.name, 34)}: {one.versions} versions under {one.images} images; one for all frees"
            f" {_pull(one.saved_compressed)} of pull"
        )


def _waste(report: FleetReport) -> Iterable[str]:
    if not report.waste:
        return
    yield ""
    yield "Waste: what each fix frees"
    yield f"  {'what':44} {'images':>6} {'in images':>10} {'stored':>10}"
    for one in report.waste[:SHOWN]:
        what = padded(f"{one.kind}: {one.name}", 44)
        yield f"  {what} {one.images:>6} {size(one.images_bytes):>10} {size(one.stored_bytes):>10}"
        yield f"    {cut(one.fix, WIDTH - 4)}"


def _images(report: FleetReport) -> Iterable[str]:
    worst = [image for image in report.images[:SHOWN] if image.freeable_bytes]
    if not worst:
        return
    yield ""
    yield "Worst images, and the fix that pays most"
    for image in worst:
        name = image.names[0] + (f" (+{len(image.names) - 1})" if len(image.names) > 1 else "")
        cves = "" if image.vulnerabilities is None else f", {image.vulnerabilities} CVEs"
        yield f"  {cut_middle(name, WIDTH - 2)}"
        yield f"    {size(image.size_bytes)}, {size(image.own_bytes)} its own, {size(image.freeable_bytes)} freeable{cves}"
        yield f"    {cut(f'{size(image.fix_bytes)}: {image.fix}', WIDTH - 4)}"


def _packages(report: FleetReport) -> Iterable[str]:
    if not report.packages:
        return
    yield ""
    yield "Packages"
    yield f"  {'package':34} {'versions':>8} {'images':>6} {'in images':>10} {'stored':>10}"
    for one in report.packages[:SHOWN]:
        name = padded(f"{one.manager} {one.name}", 34)
        yield f"  {name} {len(one.versions):>8} {one.images:>6} {size(one.images_bytes):>10} {size(one.stored_bytes):>10}"


def _twins(report: FleetReport) -> Iterable[str]:
    if not report.twins:
        return
    words = {"time-stamps": "differ in times only", "compression": "are one tar, compressed differently"}
    yield ""
    yield "Layers that are stored several times"
    for one in report.twins[:SHOWN]:
        yield (
            f"  {len(one.layers)} layers of {size(one.size_bytes)} {words[one.kind]}: {_pull(one.wasted_compressed)} of pull"
            f" in {one.images} images"
        )
        if one.instruction:
            yield f"    {cut(one.instruction, WIDTH - 4)}"


def _security(report: FleetReport) -> Iterable[str]:
    security = report.security
    if security is None:
        return
    yield ""
    yield f"CVEs by spread ({security.packages} packages looked up, advisories up to {security.database_newest[:10]})"
    for one in security.vulnerabilities[:SHOWN]:
        doubt = ", undecided" if one.verdict == "unknown" else ""
        where = f"; in base {one_line(', '.join(one.bases[:2]))}" if one.bases else ""
        fix = f"; fixed in {', '.join(one.fixed_in[:2])}" if one.fixed_in else "; no fix known"
        yield f"  {cut(f'{one.severity:8} {one.id}: {one.images} images{doubt}{fix}{where}', WIDTH - 2)}"
        yield f"    {cut(', '.join(one.packages), WIDTH - 4)}"
    if len(security.vulnerabilities) > SHOWN:
        yield f"  … and {len(security.vulnerabilities) - SHOWN} more"
    if not security.vulnerabilities:
        yield "  none known"
    for reason, count in security.unassessed.items():
        yield f"  not assessed: {count} packages: {cut(reason, WIDTH - 34)}"


def _costs(report: FleetReport) -> Iterable[str]:
    costs, inputs = report.costs, report.costs.inputs
    yield ""
    yield "Costs a month"
    yield f"  storage  {_usd(costs.storage_usd_month)} at {inputs.storage_usd_per_gb_month:g} USD a GB"
    yield (
        f"  transfer {_usd(costs.transfer_usd_month)} at {inputs.transfer_usd_per_gb:g} USD a GB,"
        f" {inputs.pulls_per_day} full pulls a day of an average image, {inputs.days_per_month} days"
    )
    yield f"  of both, what the fixes free is {_usd(costs.saved_usd_month)}"
    for mbps, seconds in costs.pull_s:
        yield f"  an average pull takes {quantity(seconds, 'seconds').partition(' (')[0]} at {mbps:g} Mbit/s"


def _usd(item: Quantity) -> str:
    if item.value is None:
        return "unknown"
    return ("" if item.basis == "measured" else "≈ ") + number(item.value, "usd")

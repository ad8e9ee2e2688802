"""`tare explain` for a terminal, at 80 columns."""

import stat

from tare.report.text.columns import WIDTH, cut, cut_middle, one_line
from tare.report.text.inspect import CAUSES
from tare.report.units import quantity, size
from tare.schema.explain import ExplainReport, Need, Origin

SHOWN = 8
_KINDS = {"directory": stat.S_IFDIR, "symlink": stat.S_IFLNK, "file": stat.S_IFREG, "fifo": stat.S_IFIFO}
_KINDS |= {"character": stat.S_IFCHR, "block": stat.S_IFBLK}
NEEDS = {
    "start": "run by the image's command",
    "elf": "ELF files that need it",
    "import": "Python modules that import it",
    "package": "packages that depend on its package",
    "link": "links that lead to it",
}


def render(report: ExplainReport) -> str:
    """The report as text, ending in a line feed."""
    lines = [cut_middle(f"/{report.path}", WIDTH), *_facts(report)]
    if report.parts:
        lines += _parts(report)
    if report.versions:
        lines += _versions(report)
    if report.present:
        lines += _needs(report)
        lines += ["", *_removal(report)]
    lines += [cut(f"note: {note}", WIDTH) for note in report.notes]
    return "".join(line.rstrip() + "\n" for line in lines)


def _facts(report: ExplainReport) -> list[str]:
    if not report.present:
        return ["  no longer there: a later layer hid it"]
    mode = stat.filemode(_KINDS.get(report.kind or "", 0) | report.mode)
    what = f"{report.kind}, {mode}, owner {report.uid}:{report.gid}"
    if report.kind == "file":
        what += (
            f", {size(report.removal.visible.size_bytes)}"
            if report.removal.last_name
            else ", further names below"
        )
    lines = [f"  {what}"]
    if report.link:
        lines.append("  " + cut(f"leads to {report.link}", WIDTH - 2))
    if report.origin is not None:
        lines += _origin("written by", report.origin)
    if report.package:
        lines.append("  " + cut(f"package {report.package}, {size(report.package_bytes)} in all", WIDTH - 2))
    elif report.kind == "file":
        lines.append("  no package claims it")
    if report.path_class not in ("", "other"):
        lines.append(f"  class {report.path_class}")
    lines += ["  " + cut_middle(f"also as /{name}", WIDTH - 2) for name in report.names[:SHOWN]]
    return lines


def _origin(verb: str, origin: Origin) -> list[str]:
    base = {True: ", of the base", False: ", your own", None: ""}[origin.base]
    line = f", Dockerfile line {origin.line}" if origin.line else ""
    text = one_line(origin.instruction) or "(the history does not say)"
    return [f"  {verb} layer {origin.layer}{base}{line}:", f"    {cut(text, WIDTH - 4)}"]


def _parts(report: ExplainReport) -> list[str]:
    lines = []
    for kind, title in (
        ("child", "largest within"),
        ("package", "packages"),
        ("class", "classes"),
        ("layer", "layers"),
    ):
        parts = [part for part in report.parts if part.kind == kind]
        if not parts:
            continue
        lines += ["", f"{title} ({len(parts)})"]
        lines += [
            f"{size(part.size_bytes):>9}  {cut(part.name or 'no package', WIDTH - 32)}, {part.files} files"
            for part in parts[: SHOWN if kind == "child" else 4]
        ]
    return lines


def _versions(report: ExplainReport) -> list[str]:
    lines = ["", f"hidden versions ({len(report.versions)}, {size(report.removal.hidden_bytes)})"]
    for one in report.versions[:SHOWN]:
        where = "" if one.path == report.path else f" {cut_middle('/' + one.path, 30)}"
        text = f"layer {one.written.layer} → {one.hidden.layer}{where} {CAUSES.get(one.cause, one.cause)}: "
        lines.append(f"{size(one.size_bytes):>9}  {cut(text + one_line(one.hidden.instruction), WIDTH - 11)}")
    return lines


def _needs(report: ExplainReport) -> list[str]:
    lines: list[str] = []
    if not report.needs:
        looked = {
            "elf": "ELF",
            "import": "Python",
            "package": "packages",
            "start": "the image's command",
            "link": "links",
        }
        among = ", ".join(looked[kind] for kind in report.needs_known)
        head = "nothing was found that needs it; what code opens by name was not looked for"
        return ["", head, f"  looked at: {among}"]
    for kind, title in NEEDS.items():
        needs = [need for need in report.needs if need.kind == kind]
        if needs:
            lines += ["", f"{title} ({len(needs)})"]
            lines += ["  " + cut(_need(need), WIDTH - 2) for need in needs[:SHOWN]]
            if len(needs) > SHOWN:
                lines.append(f"  … and {len(needs) - SHOWN} more (--format json has them all)")
    return lines


def _need(need: Need) -> str:
    name = need.name if need.kind == "package" else cut_middle(f"/{need.name}", 44)
    owner = f" ({need.package})" if need.package and need.kind != "package" else ""
    detail = need.detail
    if need.kind == "import":
        detail = detail.partition(" imports ")[2]
        return f"{name} imports {detail}{owner}"
    return f"{name}: {detail}{owner}"


def _removal(report: ExplainReport) -> list[str]:
    gone = report.removal
    pull = quantity(gone.visible.compressed_bytes, "bytes")
    text = f"not writing it frees {size(gone.visible.size_bytes)} on disk, {pull} of a pull"
    lines = [cut(text, WIDTH)]
    if not gone.last_name:
        lines.append("other names (hard links) keep the content of some files")
    lines.append("deleting it in a later layer frees nothing")
    if gone.remedy is not None:
        lines.append(cut(f"fix: {gone.remedy.title}", WIDTH))
    return lines

"""How the cost grows: images with more and more entries, and with more and more whiteouts; the plot of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from image import Item, write_archive, write_layer

ENTRIES = (10_000, 20_000, 40_000, 80_000, 160_000)
WHITEOUTS = (0, 200, 400, 800, 1600, 3200, 6400)
FILES_BELOW_WHITEOUTS = 20_000


def _files(count: int) -> Iterable[Item]:
    for number in range(count):
        yield Item(f"srv/d{number // 200}/file{number}", b"%d" % number)


def entries_image(target: Path, count: int) -> None:
    """One layer with so many small files."""
    _write(target, [_files(count)])


def whiteouts_image(target: Path, count: int) -> None:
    """A layer of 20,000 files, and one that removes some of them."""
    step = FILES_BELOW_WHITEOUTS // max(1, count)
    removed = range(0, step * count, step)
    hidden = [Item(f"srv/d{number // 200}/.wh.file{number}", b"") for number in removed]
    _write(target, [_files(FILES_BELOW_WHITEOUTS), [*hidden, Item("done", b"x")]])


def _write(target: Path, layers: Sequence[Iterable[Item]]) -> None:
    described = []
    for place, items in enumerate(layers):
        blob = target.with_suffix(f".{place}")
        digest, _ = write_layer(blob, items)
        described.append((blob, digest, digest, f"COPY layer{place} /"))
    write_archive(target, described, "tare-benchmark:scaling")
    for blob, *_ in described:
        blob.unlink()


Line = Sequence[tuple[float, float]]


def plot(panels: Mapping[str, Mapping[str, Line]]) -> str:
    """An SVG with one panel a title: lines of (x, CPU seconds) by contender, each panel with its own axes."""
    width, height, left, top = 420, 260, 60, 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * len(panels)}" height="{height + 95}"'
        ' font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    colours = {"tare": "#0a7d55", "dive": "#c2410c"}
    for place, (title, lines) in enumerate(panels.items()):
        at = place * width + left
        right = max(x for line in lines.values() for x, _ in line)
        highest = max(y for line in lines.values() for _, y in line)
        inner = width - left - 30
        parts.append(f'<text x="{at}" y="{top - 16}" font-size="13" font-weight="bold">{title}</text>')
        for share in (0, 0.25, 0.5, 0.75, 1):
            y = top + height - share * height
            parts.append(f'<line x1="{at}" y1="{y:.1f}" x2="{at + inner}" y2="{y:.1f}" stroke="#ddd"/>')
            parts.append(
                f'<text x="{at - 6}" y="{y + 4:.1f}" text-anchor="end">{share * highest:.3g} s</text>'
            )
            x = at + share * inner
            parts.append(
                f'<text x="{x:.1f}" y="{top + height + 16}" text-anchor="middle">{share * right:,.0f}</text>'
            )
        for number, (name, line) in enumerate(lines.items()):
            points = [(at + x / right * inner, top + height - y / highest * height) for x, y in line]
            text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            colour = colours.get(name, "#444")
            parts.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
            parts.append(
                f'<text x="{at + 10 + 70 * number}" y="{top + height + 40}" fill="{colour}">■ {name}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])

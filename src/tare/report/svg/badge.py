"""A badge: a label and a value, flat, 20 pixels high, without any font or link from elsewhere."""

from xml.sax.saxutils import escape

from tare.report.units import safe

COLOURS = {"good": "#2f7d3b", "fair": "#8a6100", "bad": "#b3261e", "plain": "#33648c", "unknown": "#6b6b6b"}
_WIDE = frozenset("mwMWGOQ@%≈")
_NARROW = frozenset("il.,:;|!'ftjIr1 ")
_PAD = 6


def badge(label: str, value: str, kind: str = "plain") -> str:
    """The SVG. `kind` is one of `COLOURS`. White on every colour has a contrast of 4.5 or more."""
    left, right = _clean(label), _clean(value)
    first, second = _width(left) + 2 * _PAD, _width(right) + 2 * _PAD
    whole = first + second
    title = escape(f"{left}: {right}", {'"': "&quot;"})
    style = 'fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{first}" height="20" fill="#444"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{COLOURS[kind]}"/></g>'
        f"<g {style}>"
        f'<text x="{first / 2:g}" y="14" textLength="{first - 2 * _PAD}">{escape(left)}</text>'
        f'<text x="{first + second / 2:g}" y="14" textLength="{second - 2 * _PAD}">{escape(right)}</text>'
        "</g></svg>\n"
    )


def _clean(text: str) -> str:
    return " ".join(safe(text).split())[:60]


def _width(text: str) -> int:
    """About what Verdana needs at 11 pixels; `textLength` makes other fonts fit."""
    return max(8, round(sum(10.5 if char in _WIDE else 4.4 if char in _NARROW else 7.1 for char in text)))

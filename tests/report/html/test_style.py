"""Contrast of the page's colours, light and dark, by the formula of WCAG 2.2 (1.4.3: at least 4.5 to 1 for text)."""

import re

import pytest

from tare.report.html.page import asset

TEXT = ("ink", "soft", "faint", "accent", "good", "fair", "bad")
GROUNDS = ("panel", "bg", "hover")


def palette(theme: int) -> dict[str, str]:
    pairs = re.findall(r"--([\w-]+):light-dark\((#[0-9a-f]+),(#[0-9a-f]+)\)", asset("style.css"))
    return {name: colours[theme] for name, *colours in pairs}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read(theme: int) -> None:
    colours = palette(theme)
    pairs = [(text, ground) for text in TEXT for ground in GROUNDS]
    pairs += [("on-tile", name) for name in colours if name.startswith("k-")]
    pairs += [("ink", "group"), ("accent", "tint"), ("accent-ink", "accent")]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < 4.5}

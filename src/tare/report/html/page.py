"""The frame that every HTML report shares: templates, styles and scripts inline, and a policy that allows nothing else.

The `Content-Security-Policy` names the hashes of the page's own style and script, so that the browser runs no other, and
no connection, image, font or form of any kind. Values reach the markup through Jinja's escaping, and the script through
a JSON block whose `<`, `>` and `&` are escapes.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tare.report.units import quantity, safe, size
from tare.schema.quantity import Quantity

_PACKAGE = "tare.report.html"
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def page(template: str, *, scripts: Sequence[str], data: object, **values: object) -> str:
    """The page of a template. `data` is what the scripts read (anything that JSON can say); `values` is for the markup."""
    style = asset("style.css")
    script = "\n".join(f"(function(){{'use strict';\n{asset(name)}}})();" for name in scripts)
    text = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'",
            data=embedded(data),
            **values,
        )
    )
    return text if text.endswith("\n") else text + "\n"


def embedded(data: object) -> Markup:
    """JSON that may stand inside a script element, whatever its strings are."""
    return Markup(json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))


@cache
def asset(name: str) -> str:
    """A file of the page's own, as it stands in the package."""
    return files(_PACKAGE).joinpath("assets", name).read_text("utf-8")


def bytes_text(item: Quantity) -> str:
    """A quantity of bytes without its range, for narrow columns: `≈ 1.03 GB`."""
    if item.value is None:
        return "unknown"
    return size(item.value) if item.basis == "measured" else f"≈ {size(item.value)}"


def share(part: float, whole: float) -> str:
    """A part of a whole as the width of a bar, in percent."""
    return f"{max(0.0, min(100.0, part / whole * 100)) if whole else 0.0:.2f}%"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "safe_text": safe,
        "size": size,
        "bytes": bytes_text,
        "known": lambda item: quantity(item, "bytes"),
    }
    environment.globals |= {"share": share}
    return environment

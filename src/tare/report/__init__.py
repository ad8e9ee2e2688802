"""Reports as text: one module a format, each `Report -> str`."""

from collections.abc import Callable, Mapping

from tare.report import json, markdown, terminal
from tare.schema.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": terminal.render,
    "json": json.render,
    "markdown": markdown.render,
}

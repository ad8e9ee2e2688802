"""Which formats each verb has. Modules are loaded when they are used: most runs print one format of one verb."""

from collections.abc import Mapping
from importlib import import_module

from tare.core.errors import UsageError
from tare.schema.report import Report

RENDERERS: Mapping[str, Mapping[str, str]] = {
    "optimize": {
        "text": "tare.report.text.optimize",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.optimize",
    },
    "context": {
        "text": "tare.report.text.context",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.context",
    },
    "slim": {
        "text": "tare.report.text.slim",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.slim",
    },
    "inspect": {
        "text": "tare.report.text.inspect",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.inspect",
        "sarif": "tare.report.sarif.inspect",
        "github": "tare.report.github.inspect",
        "junit": "tare.report.junit.inspect",
    },
    "explain": {
        "text": "tare.report.text.explain",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.explain",
    },
    "diff": {
        "text": "tare.report.text.diff",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.diff",
    },
    "restore": {"text": "tare.report.text.restore", "json": "tare.report.json"},
    "why": {"text": "tare.report.text.why", "json": "tare.report.json"},
    "verify": {
        "text": "tare.report.text.verify",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.verify",
    },
    "assemble": {
        "text": "tare.report.text.assemble",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.assemble",
    },
    "scan": {
        "text": "tare.report.text.scan",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.scan",
        "openvex": "tare.report.openvex.scan",
        "junit": "tare.report.junit.scan",
    },
    "db": {
        "text": "tare.report.text.db",
        "json": "tare.report.json",
    },
    "cache": {
        "text": "tare.report.text.cache",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.cache",
    },
    "rule": {
        "text": "tare.report.text.rule",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.rule",
    },
    "lint": {
        "text": "tare.report.text.lint",
        "json": "tare.report.json",
        "sarif": "tare.report.sarif.lint",
        "github": "tare.report.github.lint",
        "junit": "tare.report.junit.lint",
        "markdown": "tare.report.markdown.lint",
    },
    "fleet": {
        "text": "tare.report.text.fleet",
        "json": "tare.report.json",
        "csv": "tare.report.csv.fleet",
    },
    "gate": {
        "text": "tare.report.text.gate",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.gate",
    },
    "init": {"text": "tare.report.text.init", "json": "tare.report.json"},
    "config": {
        "text": "tare.report.text.config",
        "json": "tare.report.json",
        "markdown": "tare.report.markdown.config",
    },
}

PAGES: Mapping[str, str] = {
    "inspect": "tare.report.html.inspect",
    "optimize": "tare.report.html.optimize",
    "fleet": "tare.report.html.fleet",
}
"""Verbs whose report can be one HTML file."""


def formats_of(verb: str) -> tuple[str, ...]:
    """The names of a verb's formats, the usual one first."""
    return tuple(RENDERERS[verb])


def render(report: Report, format_: str) -> str:
    """A report in one of its verb's formats. Raises `UsageError` for a format that the verb does not have."""
    formats = RENDERERS[report.verb]
    if format_ not in formats:
        raise UsageError(f"{report.verb} has no format {format_}", hint=f"one of {', '.join(formats)}")
    text: str = import_module(formats[format_]).render(report)
    return text


def render_page(report: Report) -> str:
    """A report as one HTML file, for the verbs in `PAGES`."""
    text: str = import_module(PAGES[report.verb]).render(report)
    return text

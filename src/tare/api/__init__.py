"""The verbs as functions. Each returns the report that `--format json` prints, and is loaded when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tare.api._assemble import assemble
    from tare.api._badge import badge
    from tare.api._cache import cache
    from tare.api._config import config
    from tare.api._context import context
    from tare.api._database import database_export, database_import, database_status, database_update
    from tare.api._diff import diff
    from tare.api._explain import explain
    from tare.api._fleet import fleet
    from tare.api._gate import gate
    from tare.api._init import init
    from tare.api._inspect import inspect
    from tare.api._lint import lint
    from tare.api._optimize import optimize
    from tare.api._restore import restore
    from tare.api._rule import rule
    from tare.api._sbom import sbom
    from tare.api._scan import scan
    from tare.api._slim import slim
    from tare.api._verify import verify
    from tare.api._why import why
    from tare.api.configuration import Configuration, load_configuration

__all__ = [
    "Configuration",
    "assemble",
    "badge",
    "cache",
    "config",
    "context",
    "database_export",
    "database_import",
    "database_status",
    "database_update",
    "diff",
    "explain",
    "fleet",
    "gate",
    "init",
    "inspect",
    "lint",
    "load_configuration",
    "optimize",
    "restore",
    "rule",
    "sbom",
    "scan",
    "slim",
    "verify",
    "why",
]

_PLACES = {
    "Configuration": "tare.api.configuration",
    "load_configuration": "tare.api.configuration",
    "assemble": "tare.api._assemble",
    "badge": "tare.api._badge",
    "cache": "tare.api._cache",
    "config": "tare.api._config",
    "context": "tare.api._context",
    "diff": "tare.api._diff",
    "explain": "tare.api._explain",
    "fleet": "tare.api._fleet",
    "gate": "tare.api._gate",
    "init": "tare.api._init",
    "inspect": "tare.api._inspect",
    "lint": "tare.api._lint",
    "optimize": "tare.api._optimize",
    "restore": "tare.api._restore",
    "rule": "tare.api._rule",
    "slim": "tare.api._slim",
    "database_export": "tare.api._database",
    "database_import": "tare.api._database",
    "database_update": "tare.api._database",
    "database_status": "tare.api._database",
    "sbom": "tare.api._sbom",
    "scan": "tare.api._scan",
    "verify": "tare.api._verify",
    "why": "tare.api._why",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)

"""The projects of `benchmarks/rewrite`, for tests."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parents[2] / "benchmarks" / "rewrite" / "projects.py"


def load(only: str | None = None) -> list[Any]:
    """All projects, or those whose name contains a text."""
    spec = importlib.util.spec_from_file_location("rewrite_projects", PLACE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found: list[Any] = module.load(only)
    return found

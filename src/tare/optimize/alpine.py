"""Why not Alpine: which of a project's packages have no wheels for its C library, asked of the package index itself."""

import sys
from collections.abc import Mapping
from dataclasses import replace

from tare.build.process import ask
from tare.core.errors import TareError
from tare.knowledge.bases import base_facts
from tare.knowledge.index import PackageIndex
from tare.knowledge.index_settings import index_settings_from_pip
from tare.knowledge.targets import target_for
from tare.optimize.project import Workplace

MOST_PACKAGES = 40
PATIENCE_S = 15.0


def without_musl_wheels(place: Workplace, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Names of pinned requirements that an Alpine image would have to compile; None where nothing could be asked: no
    exact versions, no Debian-based Python image whose slim variant is in question, or no index within reach."""
    base = base_facts(place.dockerfile.final.base)
    if base is None or base.slim is None or base.family != "debian" or base.python_version is None:
        return None
    packages = sorted({pin for pins in place.facts.pins for pin in pins.exact})[:MOST_PACKAGES]
    if not packages:
        return None
    try:
        settings = index_settings_from_pip(environ, _pip_configuration())
        with PackageIndex(replace(settings, timeout_s=min(settings.timeout_s, PATIENCE_S))) as index:
            answers = index.musl_availability(packages, target_for(base.python_version))
    except (TareError, ValueError):
        return None
    known = [answer for answer in answers if answer.available is not None]
    return tuple(answer.name for answer in known if not answer.available) if known else None


def _pip_configuration() -> str:
    listed = ask([sys.executable, "-m", "pip", "config", "list"], timeout_s=30)
    return listed.stdout if listed.returncode == 0 else ""

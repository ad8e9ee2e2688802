"""Caches and lists of package managers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.view import View

_CACHES = (
    (r"var/lib/apt/lists/.*", "apt lists; apt-get update fetches them again"),
    (r"var/cache/apt/.*", "apt's downloaded packages and indexes"),
    (r"var/cache/debconf/.*-old|var/lib/dpkg/[^/]+-old", "the previous version of a database"),
    (r"var/cache/ldconfig/aux-cache", "ldconfig's scratch file"),
    (r"var/log/(?:apt/.*|dpkg\.log|alternatives\.log|bootstrap\.log|fontconfig\.log)", "installation logs"),
    (r"var/cache/apk/.*|etc/apk/cache/.*|lib/apk/db/.*\.old", "apk's cache"),
    (
        r"var/cache/(?:dnf|yum|libdnf5|zypp)/.*|var/log/(?:dnf|yum|hawkey)[^/]*\.log[^/]*",
        "dnf's and yum's cache",
    ),
    (r"(?:.*/)?\.cache/(?:pip|uv|pypoetry|pdm|pre-commit|yarn|go-build|node-gyp)/.*", "an installer's cache"),
    (r"(?:.*/)?\.npm/_(?:cacache|logs)/.*|usr/local/share/\.cache/yarn/.*", "npm's or yarn's cache"),
    (
        r"(?:opt/conda|opt/mamba|opt/miniconda3?|opt/miniforge3?|root/miniconda3)/pkgs/.*",
        "conda's package cache",
    ),
    (r"(?:.*/)?\.cargo/registry/(?:cache|index|src)/.*", "cargo's registry"),
    (r"tmp/pip-[^/]*/.*|tmp/npm-[^/]*/.*|var/tmp/pip-[^/]*/.*", "an installer's working directory"),
)
_ANY = tuple((re.compile(pattern, re.DOTALL), evidence) for pattern, evidence in _CACHES)
_CONDA = re.compile(r"(.*)/pkgs/")


@dataclass(frozen=True, slots=True)
class PackageManagerCaches:
    """See the module's text."""

    name: str = "package-manager-caches"
    level: Level = Level.LOSSLESS
    reason: str = "package managers make their caches again when they need them"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Every file beneath a cache; hard links of conda's packages are one name of a file that stays."""
        for path in view.present():
            if path.endswith(("/lock", "/partial")):
                continue
            for pattern, evidence in _ANY:
                if pattern.fullmatch(path):
                    yield Proposal(path, evidence)
                    break

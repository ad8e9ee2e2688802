"""Which fix answers which waste: one explicit table from causes, classes and packages to rules, steps and transforms.

Codes are forever, so the table names them here and not by looking rules up; a test holds them against the registry.
"""

import re

from tare.image.attribute import PathClass
from tare.image.catalog import Package
from tare.image.tree import Cause
from tare.knowledge.debian_tools import BUILD_TOOLS, DEBUG_TOOLS, DOCUMENTATION, EDITORS, NETWORK_TOOLS, VCS
from tare.schema.inspect import Remedy

LOSSLESS, SAFE = "lossless", "safe"

CAUSES: dict[Cause, Remedy] = {
    "whiteout": Remedy(
        "Delete it in the RUN that made it, or never write it; tare slim drops it",
        code="TR6021",
        rule="removed-in-later-layer",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "directory-whiteout": Remedy(
        "Delete the directory in the RUN that made it, or never write it; tare slim drops it",
        code="TR6021",
        rule="removed-in-later-layer",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "opaque": Remedy(
        "Empty the directory in the RUN that filled it; tare slim drops what it held",
        code="TR6021",
        rule="removed-in-later-layer",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "replaced-directory": Remedy(
        "Do not write a directory that a later step replaces; tare slim drops it",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "overwritten": Remedy(
        "Write the file once, or in one RUN; tare slim keeps the last version only",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "metadata": Remedy(
        "Set owner and mode where the file is written: COPY --chown --chmod",
        code="TR6020",
        rule="recursive-chown",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
    "repeated": Remedy(
        "Build the image again; its layer holds the path twice",
        slim_level=LOSSLESS,
        slim_step="hidden-bytes",
    ),
}

CLASSES: dict[PathClass, Remedy] = {
    PathClass.PACKAGE_CACHE: Remedy(
        "Use a cache mount, or clear it in the same RUN",
        transform="cache-mounts",
        slim_level=LOSSLESS,
        slim_step="package-manager-caches",
    ),
    PathClass.VCS: Remedy("Leave version control out of the context (.dockerignore)"),
    PathClass.BYTECODE: Remedy(
        "Keep bytecode only of what the start imports",
        transform="prune-environment",
        slim_level=SAFE,
        slim_step="bytecode",
    ),
    PathClass.TESTS: Remedy(
        "Remove test suites from site-packages",
        transform="prune-environment",
        slim_level=SAFE,
        slim_step="tests",
    ),
    PathClass.HEADERS: Remedy(
        "Compile in a builder stage; copy only what runs",
        transform="multi-stage",
        slim_level=SAFE,
        slim_step="headers",
    ),
    PathClass.DEBUG: Remedy("Install no debug symbols in the image that runs", transform="multi-stage"),
    PathClass.DOCUMENTATION: Remedy(
        "Leave documentation and locales out", slim_level=SAFE, slim_step="documentation"
    ),
    PathClass.NOTEBOOKS: Remedy("Leave notebooks out of the context (.dockerignore)"),
    PathClass.LOGS: Remedy("Remove logs and temporary files in the RUN that writes them"),
}
"""Classes that a fix takes away. Model weights, CUDA libraries and secrets are for people to decide on."""

BUILD_TOOL = Remedy(
    "Compile in a builder stage; copy only what runs",
    code="TR5029",
    rule="build-tools-shipped",
    transform="multi-stage",
)
TOOL = Remedy("Install no tools that the application does not call", transform="drop-tools")
DUPLICATE = Remedy("Keep one copy and link the others")

_TOOLS = EDITORS | VCS | DEBUG_TOOLS | NETWORK_TOOLS | DOCUMENTATION
_COMPILER = re.compile(
    r"(?:gcc|g\+\+|cpp|gfortran|gnat|gdc|clang|llvm|binutils)-(?!.*-base$).+"
    r"|lib(?:gcc|stdc\+\+|gfortran)-\d+-dev|lib(?:asan|tsan|lsan|ubsan|hwasan|itm|cc1-|ctf|ctf-nobfd|gprofng|sframe)\d+|libbinutils"
)


def package_remedy(package: Package) -> Remedy | None:
    """The fix that takes a whole package away: compilers and development files, tools. None: it stays."""
    name = package.name
    if package.manager in ("dpkg", "apk", "rpm"):
        if name.endswith(("-dev", "-devel")) or name in BUILD_TOOLS or _COMPILER.fullmatch(name):
            return BUILD_TOOL
        if name in _TOOLS:
            return TOOL
    return None

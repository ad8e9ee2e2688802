"""Which Debian packages the final stage needs, out of those that the file installs for building and running alike."""

from collections.abc import Collection, Iterable

from tare.dockerfile.commands import AptCommand
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.debian import (
    COMMANDS,
    droppable,
    is_build_package,
    portable_packages,
    runtime_packages,
    wheel_needs,
)
from tare.knowledge.debian_tools import RECOMMENDED
from tare.rewrite.facts import Facts

ODD_OPTIONS = frozenset({"-t", "--target-release", "--default-release", "-a", "--host-architecture"})
COMPILERS = frozenset(
    {
        "gcc",
        "g++",
        "cc",
        "c++",
        "make",
        "cmake",
        "cargo",
        "rustc",
        "gfortran",
        "ninja",
        "clang",
        "maturin",
        "nvcc",
    }
)


COMPILING = {
    "deepspeed": "compiles its operators when they are first used",
    "pycuda": "calls nvcc",
    "triton": "compiles the code that starts its kernels",
    "vllm": "compiles kernels with triton",
}
"""What compiles while the application runs, on an image made for development with CUDA."""


def compiles_later(facts: Facts, base: BaseFacts) -> str | None:
    """Why the development variant of a CUDA image is needed by what runs, None where nothing shows that."""
    if "nvcc" not in base.build_tools:
        return None
    named = facts.distributions | facts.imports
    return next((f"{name} {why}" for name, why in COMPILING.items() if name in named), None)


def plain_install(command: AptCommand) -> bool:
    """Whether an install names packages of the archive only, with no release or architecture of its own."""
    if command.action != "install":
        return False
    words = [word.text for word in command.packages]
    flags = {word.text.partition("=")[0] for word in command.command.argv}
    return all("/" not in word and not word.endswith((".deb", "+", "-")) for word in words) and not (
        flags & ODD_OPTIONS
    )


def base_name(word: str) -> str:
    """The package's name without version, release or architecture."""
    return word.partition("=")[0].partition("/")[0].partition(":")[0]


def needed_at_run_time(
    words: Iterable[str], facts: Facts, base: BaseFacts, called: Collection[str]
) -> list[str]:
    """Out of installed packages (as written), those that a running application needs, -dev replaced by libraries."""
    kept: list[str] = []
    for word in words:
        name = base_name(word)
        if "$" in word:
            kept.append(word)
        elif name.endswith("-dev"):
            libraries = _libraries(name, facts, base)
            if libraries is not None:
                kept += libraries
            elif facts.runtime_packages is None:
                kept.append(word)
        elif not (droppable(name, called) or is_build_package(name)):
            kept.append(word)
    return list(dict.fromkeys([*kept, *companions(kept, base)]))


def companions(words: Iterable[str], base: BaseFacts | None) -> list[str]:
    """Recommended packages that those installed cannot do without and that the base does not hold."""
    names = {base_name(word) for word in words}
    held = set(base.packages) if base is not None else set()
    if base is not None and base.python_path is not None:
        held.add("ca-certificates")
    wanted = [other for name in sorted(names) for other in RECOMMENDED.get(name, ())]
    return [name for name in dict.fromkeys(wanted) if name not in names | held]


def needed_by_wheels(facts: Facts, base: BaseFacts, called: Collection[str]) -> list[str]:
    """What the installed files need beyond a slim image: observed where something was built, else from knowledge.

    Programs that are called and that only the full base image brought count too.
    """
    needs: list[str] = []
    if facts.runtime_packages is not None:
        needs += facts.runtime_packages
    elif not base.is_slim:
        for distribution in sorted(facts.distributions):
            needs += wheel_needs(distribution, _release(facts, base)) or ()
    if not base.is_slim:
        needs += [package for package in base.packages if _brings(package, called)]
    return list(dict.fromkeys(needs))


def _brings(package: str, called: Collection[str]) -> bool:
    return not is_build_package(package) and any(name in called for name in COMMANDS.get(package, ()))


def _release(facts: Facts, base: BaseFacts) -> str:
    return facts.release or base.release or "bookworm"


def _libraries(dev_package: str, facts: Facts, base: BaseFacts) -> tuple[str, ...] | None:
    if facts.release is not None or base.release_certain:
        return runtime_packages(dev_package, _release(facts, base))
    return portable_packages(dev_package, base.releases)

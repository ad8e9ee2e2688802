"""Typed views of the commands that matter in images: package managers, downloads, git.

Each is loaded when it is first used: a file that only calls pip pays for pip.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tare.dockerfile.commands.apk import ApkCommand, ApkPackage
    from tare.dockerfile.commands.apt import AptCommand, AptPackage
    from tare.dockerfile.commands.base import PackageCommand
    from tare.dockerfile.commands.conda import CondaCommand
    from tare.dockerfile.commands.dnf import DnfCommand
    from tare.dockerfile.commands.fetch import FetchCommand
    from tare.dockerfile.commands.git import GitCommand
    from tare.dockerfile.commands.npm import NpmCommand
    from tare.dockerfile.commands.options import Option
    from tare.dockerfile.commands.pdm import PdmCommand
    from tare.dockerfile.commands.pip import PipCommand
    from tare.dockerfile.commands.pipenv import PipenvCommand
    from tare.dockerfile.commands.poetry import PoetryCommand
    from tare.dockerfile.commands.registry import recognise
    from tare.dockerfile.commands.uv import UvCommand

__all__ = [
    "ApkCommand",
    "ApkPackage",
    "AptCommand",
    "AptPackage",
    "CondaCommand",
    "DnfCommand",
    "FetchCommand",
    "GitCommand",
    "NpmCommand",
    "Option",
    "PackageCommand",
    "PdmCommand",
    "PipCommand",
    "PipenvCommand",
    "PoetryCommand",
    "UvCommand",
    "recognise",
]

_PLACES = {
    "ApkCommand": "apk",
    "ApkPackage": "apk",
    "AptCommand": "apt",
    "AptPackage": "apt",
    "CondaCommand": "conda",
    "DnfCommand": "dnf",
    "FetchCommand": "fetch",
    "GitCommand": "git",
    "NpmCommand": "npm",
    "Option": "options",
    "PackageCommand": "base",
    "PdmCommand": "pdm",
    "PipCommand": "pip",
    "PipenvCommand": "pipenv",
    "PoetryCommand": "poetry",
    "UvCommand": "uv",
    "recognise": "registry",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found

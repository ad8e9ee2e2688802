"""Typed views of the commands that matter in images: package managers, downloads, git."""

from tare.dockerfile.commands.apk import ApkCommand, ApkPackage
from tare.dockerfile.commands.apt import AptCommand, AptPackage
from tare.dockerfile.commands.base import PackageCommand
from tare.dockerfile.commands.conda import CondaCommand
from tare.dockerfile.commands.dnf import DnfCommand
from tare.dockerfile.commands.fetch import FetchCommand
from tare.dockerfile.commands.git import GitCommand
from tare.dockerfile.commands.npm import NpmCommand
from tare.dockerfile.commands.options import Option
from tare.dockerfile.commands.pip import PipCommand
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
    "PipCommand",
    "PoetryCommand",
    "UvCommand",
    "recognise",
]

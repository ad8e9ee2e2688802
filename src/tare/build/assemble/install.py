"""Wheels unpacked as an installer does it (PyPA's `installer`): files, scripts, RECORD; kept by content and place."""

import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.exceptions import InstallerError
from installer.sources import WheelFile

from tare.build.assemble.wheels import Wheel
from tare.core.errors import ResolutionError

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the packages go in the image: a virtual environment made without running anything."""

    prefix: str
    interpreter: str
    python_version: str

    @property
    def site_packages(self) -> str:
        """The directory of the packages."""
        return f"{self.prefix}/lib/python{self.python_version}/site-packages"

    @property
    def scheme(self) -> dict[str, str]:
        """sysconfig's paths for this environment."""
        return {
            "purelib": self.site_packages,
            "platlib": self.site_packages,
            "headers": f"{self.prefix}/include/site/python{self.python_version}",
            "scripts": f"{self.prefix}/bin",
            "data": self.prefix,
        }


def unpacked(wheel: Wheel, environment: Environment, cache: Path) -> Path:
    """A directory that holds the wheel's files below its root as they stand in the image. Raises `ResolutionError`
    for a wheel that is broken, whose RECORD is wrong, or that would write outside of the environment."""
    place = (
        cache / f"{wheel.sha256}-{VERSION}-{environment.python_version}{environment.prefix.replace('/', '-')}"
    )
    if place.is_dir():
        return place
    cache.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".install-", dir=cache))
    try:
        destination = SchemeDictionaryDestination(
            environment.scheme,
            interpreter=f"{environment.prefix}/bin/python",
            script_kind="posix",
            destdir=str(staging),
        )
        try:
            with WheelFile.open(wheel.path) as source, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # bytecode in a wheel is left out, as pip does
                source.validate_record(validate_contents=True)
                install(source, destination, additional_metadata={"INSTALLER": b"tare\n"})
        except (InstallerError, ValueError, KeyError, OSError, RuntimeError) as error:
            raise ResolutionError(f"{wheel.filename} cannot be installed: {error}") from error
        inside = staging / environment.prefix.lstrip("/")
        for path in staging.rglob("*"):
            if path.is_symlink() or not (
                path == inside or path.is_relative_to(inside) or inside.is_relative_to(path)
            ):
                raise ResolutionError(f"{wheel.filename} would write outside of {environment.prefix}")
        try:
            os.replace(staging, place)
        except OSError:
            if not place.is_dir():  # another run was faster
                raise
        return place
    finally:
        shutil.rmtree(staging, ignore_errors=True)

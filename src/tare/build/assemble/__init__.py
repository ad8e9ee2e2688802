"""Images made of a base, wheels and the project's files: no daemon, no root, nothing is run."""

from tare.build.assemble.application import Application, Placed
from tare.build.assemble.pipeline import Assembly, assemble

__all__ = ["Application", "Assembly", "Placed", "assemble"]

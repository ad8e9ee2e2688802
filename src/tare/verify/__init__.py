"""Does an image run, and does it answer as another one does?"""

from tare.verify.checks import verify
from tare.verify.settings import Probe, VerifySettings

__all__ = ["Probe", "VerifySettings", "verify"]

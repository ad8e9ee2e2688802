"""Which changes remove which vulnerabilities, checked before they are offered."""

from tare.security.plan.candidates import plan
from tare.security.plan.change import Change, Check

__all__ = ["Change", "Check", "plan"]

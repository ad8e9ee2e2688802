"""What makes an image easier to attack than it needs to be: one module a subject, each check `Facts -> Weakness…`."""

from tare.security.hardening.facts import Facts, Weakness
from tare.security.hardening.registry import weaknesses

__all__ = ["Facts", "Weakness", "weaknesses"]

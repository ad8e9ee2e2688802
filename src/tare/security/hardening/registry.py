"""Which checks there are."""

from collections.abc import Callable, Iterator

from tare.security.hardening import models, permissions, programs, settings
from tare.security.hardening.facts import Facts, Weakness

CHECKS: tuple[Callable[[Facts], Iterator[Weakness]], ...] = (
    settings.user,
    settings.health_check,
    settings.remote_add,
    settings.accounts,
    permissions.set_id,
    permissions.capabilities,
    permissions.world_writable,
    permissions.writable_site_packages,
    programs.left_over,
    models.pickled,
)


def weaknesses(facts: Facts) -> tuple[Weakness, ...]:
    """What every check finds. Raises `ImageError` for content that cannot be read."""
    return tuple(found for check in CHECKS for found in check(facts))

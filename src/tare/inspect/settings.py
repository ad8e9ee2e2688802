"""`[budget]` of the configuration: what an image may weigh."""

import msgspec

Amount = str | int | None


class BudgetSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits; a key that is not set limits nothing. Sizes are text (`500MB`, `1.5GiB`) or bytes.

    `size`: file bytes of all layers. `pull`: what a first pull moves. `waste`: hidden bytes and duplicates. `efficiency`:
    the least (0 to 1, or `95%`). `paths`: the most that all visible files of a glob may take (`opt/models/**`).
    `packages`: the most that a package may take, by name or `manager:name`; a name may be a glob. `baseline`: an image, or
    a JSON report of one, that size, pull and waste are compared with; `growth`: how much more is allowed (`20MB`, `5%`).
    """

    size: Amount = None
    pull: Amount = None
    layers: int | None = None
    waste: Amount = None
    efficiency: str | float | None = None
    paths: dict[str, str | int] = {}
    packages: dict[str, str | int] = {}
    baseline: str | None = None
    growth: str | int = "0"

"""What is asked of an image, as `[verify]` of `tare.toml` or `[tool.tare.verify]` of `pyproject.toml` says it."""

import msgspec


class Probe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request. `body` is sent as it stands. `status`: the expected one, None for whatever the image before says."""

    path: str
    method: str = "GET"
    body: str | None = None
    headers: dict[str, str] = {}
    status: int | None = None


class VerifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`port`: where probes go (else the image's first exposed port). `commands`: shell lines that are run inside and
    must exit and print alike. `imports`: modules that must import. `tolerance`: relative, for numbers in JSON answers.
    `network`: of the containers; `none` leaves them their loopback, which is all that probes need.
    `abilities`: ask for certificates, time zones, codecs, users and the like (`tare.verify.abilities`); None leaves it to
    the verb: `slim` does, and so does `verify A B`. `without_abilities` names those that are given up."""

    probes: tuple[Probe, ...] = ()
    commands: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    env: dict[str, str] = {}
    user: str | None = None
    port: int | None = None
    startup_timeout_s: float = 120.0
    settle_s: float = 3.0
    tolerance: float = 1e-6
    network: str = "none"
    abilities: bool | None = None
    without_abilities: tuple[str, ...] = ()

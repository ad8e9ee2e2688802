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
    `network`: of the containers; `none` leaves them their loopback, which is all that probes need."""

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

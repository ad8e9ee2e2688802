"""Choosing one image of an index by platform."""

import platform as host
from collections.abc import Sequence

from tare.core.errors import ImageError, UsageError
from tare.image.documents import Descriptor, Platform

_MACHINES = {
    "x86_64": ("amd64", ""),
    "AMD64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "arm64": ("arm64", ""),
}
_ALIASES = {"x86_64": ("amd64", ""), "aarch64": ("arm64", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}
_DEFAULT_VARIANTS = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
_ATTESTATION = "vnd.docker.reference.type"


def parse_platform(text: str) -> Platform:
    """Read `os/architecture[/variant]` or just an architecture; raises `UsageError`."""
    parts = text.strip().lower().split("/")
    if not all(parts) or len(parts) > 3:
        raise UsageError(f"not a platform: {text!r}", hint="for example linux/amd64 or linux/arm64/v8")
    if len(parts) == 1:
        parts.insert(0, "linux")
    architecture, variant = _ALIASES.get(parts[1], (parts[1], ""))
    return Platform(architecture, parts[0], parts[2] if len(parts) == 3 else variant)


def host_platform() -> Platform:
    """Linux on this machine's processor."""
    architecture, variant = _MACHINES.get(host.machine(), (host.machine().lower(), ""))
    return Platform(architecture, "linux", variant)


def choose_platform(found: Sequence[Descriptor], wanted: Platform | None, what: str) -> Descriptor:
    """The descriptor that fits `wanted`, or this machine when it is None; attestations are no images.

    A single image needs no choice unless a platform is asked for. Raises `ImageError` with what there is.
    """
    images = [
        one
        for one in found
        if _ATTESTATION not in (one.annotations or {})
        and not (one.platform and one.platform.architecture == "unknown")
    ]
    if len(images) == 1 and (wanted is None or images[0].platform is None):
        return images[0]
    target = wanted or host_platform()
    fits = [one for one in images if one.platform and _fits(one.platform, target)]
    exact = [one for one in fits if one.platform and _variant(one.platform) == _variant(target)]
    if fits:
        return (exact or fits)[0]
    known = ", ".join(str(one.platform) for one in images if one.platform)
    raise ImageError(
        f"no image for {target}",
        where=what,
        hint=f"it holds {known}; choose with --platform" if known else "name one by its tag",
    )


def fits_platform(have: Platform, want: Platform) -> bool:
    """Whether an image's own configuration is for the platform; one that does not say is given the benefit."""
    if not have.architecture:
        return True
    own = Platform(have.architecture, have.os or "linux", have.variant)
    unclear = Platform(
        want.architecture, want.os
    )  # many arm images leave their variant out of the configuration
    return _fits(own, want) or (not have.variant and _fits(own, unclear))


def _fits(have: Platform, want: Platform) -> bool:
    same = have.os == want.os and have.architecture == want.architecture
    return same and (not want.variant or _variant(have) == _variant(want))


def _variant(platform: Platform) -> str:
    return platform.variant or _DEFAULT_VARIANTS.get(platform.architecture, "")

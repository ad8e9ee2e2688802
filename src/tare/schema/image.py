"""Facts about an image."""

from dataclasses import dataclass

from tare.schema.quantity import Quantity


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer: its diff ID, the instruction that made it, bytes unpacked and on the wire."""

    diff_id: str
    created_by: str
    size_bytes: int
    compressed_bytes: int | None


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One installed package; `manager` is dpkg, apk, rpm, python or npm."""

    manager: str
    name: str
    version: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image as `inspect` and the comparison show it. `size_bytes` is the sum of the layers' file bytes as
    an engine stores them; `compressed_bytes` what a first pull moves; `hidden_bytes` what lower layers hold
    and no path shows."""

    reference: str
    size_bytes: Quantity
    compressed_bytes: Quantity
    hidden_bytes: Quantity
    layers: tuple[LayerFacts, ...]
    packages: tuple[PackageFacts, ...]
    user: str
    healthcheck: bool
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: tuple[str, ...]
    exposed_ports: tuple[str, ...]
    workdir: str

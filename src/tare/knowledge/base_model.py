"""What tare says about a base image."""

from dataclasses import dataclass

from tare.schema.quantity import Quantity


@dataclass(frozen=True, slots=True)
class SlimVariant:
    """A smaller image of the same family. `note` says what the change means where that is not plain.

    `digest_dropped`: the original named exact bytes by digest and this reference cannot, so the pin is
    lost until somebody resolves it again.
    """

    reference: str
    digest_dropped: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class BaseVariant:
    """One variant of an image with its sizes in bytes (linux/amd64)."""

    reference: str
    variant: str
    release: str | None
    compressed: Quantity
    uncompressed: Quantity


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """What is known of a base image from its reference alone.

    `image` is the table's name for it (`python`, `nvidia/cuda`); `family` the packaging family (`debian`
    also for Ubuntu). `releases` are the distribution releases that the tag may stand for, likeliest
    first: a floating tag such as `python:3.11` moved from bookworm to trixie. `python_version` is None
    where the tag leaves it open or there is none; `python_path` is None where the image has no Python.
    `packages` are distribution packages of note that come with the image and not with its slim variant;
    `build_tools` the commands among them that only builds need. `mirror`: recognised by its path on a
    registry that is not the image's own. Sizes are bytes (linux/amd64).
    """

    reference: str
    image: str
    variant: str
    family: str
    distribution: str
    releases: tuple[str, ...]
    python_version: str | None
    python_path: str | None
    is_slim: bool
    slim: SlimVariant | None
    build_tools: tuple[str, ...]
    packages: tuple[str, ...]
    package_manager: str | None
    default_user: str
    compressed: Quantity
    uncompressed: Quantity
    mirror: bool = False
    notes: tuple[str, ...] = ()

    @property
    def release(self) -> str | None:
        """The likeliest release, None where nothing is known."""
        return self.releases[0] if self.releases else None

    @property
    def release_certain(self) -> bool:
        """Whether the reference leaves only one release."""
        return len(self.releases) == 1

    @property
    def slim_variant(self) -> str | None:
        """The smaller reference, None where there is none or it is slim already."""
        return self.slim.reference if self.slim is not None else None

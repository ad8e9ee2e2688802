"""How the tags of known base images are read: one reader an image, and the registry `READERS`.

Adding an image is one function and one line at the end (and a line in `base_sizes`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

DEBIAN_VERSIONS = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
DEBIAN_CODENAMES = frozenset({"stretch", *DEBIAN_VERSIONS.values()})
UBUNTU_VERSIONS = {
    "18.04": "bionic",
    "20.04": "focal",
    "22.04": "jammy",
    "24.04": "noble",
    "26.04": "resolute",
}
UBUNTU_CODENAMES = frozenset(UBUNTU_VERSIONS.values())

# The buildpack-deps packages of a full `python` image (Dockerfiles of docker-library/buildpack-deps and
# docker-library/python, as of 2025-10).
BUILD_TOOLS = ("gcc", "g++", "make", "autoconf", "automake", "libtool", "patch", "dpkg-dev")
FULL_PROGRAMS = """
    bzip2 curl wget git mercurial openssh-client subversion procps file gnupg imagemagick sq
    unzip
    xz-utils
"""
FULL_DEV = """
    default-libmysqlclient-dev libbluetooth-dev libbz2-dev libc6-dev libcurl4-openssl-dev libdb-dev
    libevent-dev libffi-dev libgdbm-dev libglib2.0-dev libgmp-dev libjpeg-dev libkrb5-dev liblzma-dev
    libmagickcore-dev libmagickwand-dev libmaxminddb-dev libncurses5-dev libncursesw5-dev libpng-dev
    libpq-dev libreadline-dev libsqlite3-dev libssl-dev libwebp-dev libxml2-dev libxslt-dev libyaml-dev
    tk-dev uuid-dev zlib1g-dev
"""
FULL_PACKAGES = (*BUILD_TOOLS, *FULL_PROGRAMS.split(), *FULL_DEV.split())

# First patch release of each minor whose plain tag was last built on the given Debian release: Debian
# bullseye came out in 2021-08, bookworm in 2023-06, trixie in 2025-08, and a tag stays on the default of
# its last rebuild.
DEFAULT_DEBIAN: dict[str, tuple[tuple[int, str], ...]] = {
    "3.8": ((17, "bookworm"), (11, "bullseye"), (0, "buster")),
    "3.9": ((23, "trixie"), (17, "bookworm"), (6, "bullseye"), (0, "buster")),
    "3.10": ((18, "trixie"), (12, "bookworm"), (0, "bullseye")),
    "3.11": ((13, "trixie"), (4, "bookworm"), (0, "bullseye")),
    "3.12": ((11, "trixie"), (0, "bookworm")),
    "3.13": ((6, "trixie"), (0, "bookworm")),
    "3.14": ((0, "trixie"),),
}
# The interpreter that conda-based pytorch images brought, by release of torch.
PYTORCH_PYTHON = {"2.0": "3.10", "2.1": "3.10", "2.2": "3.10", "2.3": "3.10"} | {
    f"2.{minor}": "3.11" for minor in range(4, 9)
}
TENSORFLOW_PYTHON = {"2.13": "3.8"} | {f"2.{minor}": "3.11" for minor in range(14, 20)}


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What a tag says. `slim_tag` is the tag of the next smaller variant; the rest is as in `BaseFacts`."""

    variant: str = "full"
    family: str = "debian"
    distribution: str = "debian"
    releases: tuple[str, ...] = ()
    python_version: str | None = None
    python_path: str | None = None
    is_slim: bool = False
    slim_tag: str | None = None
    slim_note: str = ""
    build_tools: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    package_manager: str | None = "apt"
    default_user: str = "root"
    notes: tuple[str, ...] = ()


def default_debian(version: str | None) -> tuple[str, ...]:
    """The Debian releases that the plain tag of this Python version may stand for, likeliest first."""
    if version is None:
        return ("trixie", "bookworm")
    numbers = re.match(r"(3\.\d+)(?:\.(\d+))?$", version)
    steps = DEFAULT_DEBIAN.get(numbers[1]) if numbers else None
    if numbers is None or steps is None:
        return ("trixie", "bookworm")
    if numbers[2] is None:
        return tuple(release for _, release in steps)[:2]
    return (next(release for first, release in steps if int(numbers[2]) >= first),)


def _python(tag: str) -> TagFacts | None:
    """`[VERSION-][slim-][CODENAME]`, `[VERSION-]alpine[N]`."""
    words = [] if tag == "latest" else tag.split("-")
    version = words.pop(0) if words and re.fullmatch(r"\d+(\.\d+){0,2}((a|b|rc)\d+)?", words[0]) else None
    concrete = version if version and version.count(".") else None
    open_version = () if concrete else ("the tag does not fix the minor version of Python",)
    alpine = re.fullmatch(r"alpine(\d+\.\d+)?", words[0]) if len(words) == 1 else None
    if alpine:
        return TagFacts(
            "alpine", "alpine", "alpine", (alpine[1],) if alpine[1] else (), concrete,
            "/usr/local/bin/python", is_slim=True, package_manager="apk", notes=open_version,
        )  # fmt: skip
    slim = bool(words) and words[0] == "slim"
    rest = words[slim:]
    if len(rest) > 1 or (rest and rest[0] not in DEBIAN_CODENAMES):
        return None
    slim_words = ([version] if version else []) + ["slim", *rest]
    return TagFacts(
        "slim" if slim else "full",
        releases=tuple(rest) or default_debian(concrete),
        python_version=concrete,
        python_path="/usr/local/bin/python",
        is_slim=slim,
        slim_tag=None if slim else "-".join(slim_words),
        build_tools=() if slim else BUILD_TOOLS,
        packages=() if slim else FULL_PACKAGES,
        notes=open_version,
    )


def _debian(tag: str) -> TagFacts | None:
    """`CODENAME|VERSION|stable[-DATE][-slim]`."""
    words = ["stable"] if tag == "latest" else tag.split("-")
    slim = words[-1] == "slim"
    name = words[0].partition(".")[0]
    release = name if name in DEBIAN_CODENAMES else DEBIAN_VERSIONS.get(name)
    if release is None and words[0] not in ("stable", "testing", "oldstable", "unstable", "sid"):
        return None
    if words[0] in ("stable", "oldstable"):
        releases: tuple[str, ...] = (
            ("trixie", "bookworm") if words[0] == "stable" else ("bookworm", "bullseye")
        )
    else:
        releases = (release or words[0],)
    return TagFacts(
        "slim" if slim else "full", releases=releases, is_slim=slim,
        slim_tag=None if slim else "-".join([*words, "slim"]),
        slim_note="" if slim else "the slim variant lacks documentation and locales only",
    )  # fmt: skip


def _ubuntu(tag: str) -> TagFacts | None:
    word = tag.split("-")[0]
    release = UBUNTU_VERSIONS.get(word) or (word if word in UBUNTU_CODENAMES else None)
    if release is None and tag not in ("latest", "rolling", "devel"):
        return None
    return TagFacts("full", "debian", "ubuntu", (release,) if release else ("noble", "jammy"), is_slim=True)


def _alpine(tag: str) -> TagFacts | None:
    release = re.match(r"3\.\d+", tag)
    if release is None and tag not in ("latest", "edge", "3"):
        return None
    releases = (release[0],) if release else ()
    return TagFacts("full", "alpine", "alpine", releases, is_slim=True, package_manager="apk")


def _buildpack_deps(tag: str) -> TagFacts | None:
    words = [] if tag in ("latest", "stable") else tag.split("-")
    if words and words[0] not in DEBIAN_CODENAMES | UBUNTU_CODENAMES:
        return None
    if len(words) > 1:
        return None
    distribution = "ubuntu" if words and words[0] in UBUNTU_CODENAMES else "debian"
    return TagFacts(
        distribution=distribution, releases=tuple(words) or ("trixie", "bookworm"),
        build_tools=BUILD_TOOLS, packages=FULL_PACKAGES,
    )  # fmt: skip


def _node(tag: str) -> TagFacts | None:
    """`[VERSION|lts][-CODENAME][-slim]`, `-alpine[N]`: the codename comes before `slim`."""
    words = [] if tag == "latest" else tag.split("-")
    leading = []
    if words and re.fullmatch(r"\d+(\.\d+){0,2}|lts|current|argon|iron|hydrogen|jod", words[0]):
        leading = [words.pop(0)]
    if len(words) == 1 and (alpine := re.fullmatch(r"alpine(\d+\.\d+)?", words[0])):
        releases = (alpine[1],) if alpine[1] else ()
        return TagFacts("alpine", "alpine", "alpine", releases, is_slim=True, package_manager="apk")
    slim = bool(words) and words[-1] == "slim"
    codename = words[: len(words) - slim]
    if len(codename) > 1 or (codename and codename[0] not in DEBIAN_CODENAMES):
        return None
    return TagFacts(
        "slim" if slim else "full", releases=tuple(codename) or ("trixie", "bookworm"), is_slim=slim,
        slim_tag=None if slim else "-".join([*leading, *codename, "slim"]),
        build_tools=() if slim else BUILD_TOOLS, packages=() if slim else FULL_PACKAGES,
    )  # fmt: skip


def _cuda(tag: str) -> TagFacts | None:
    """`VERSION[-cudnnN]-base|runtime|devel-DISTRIBUTION`."""
    match = re.fullmatch(
        r"[\d.]+(-cudnn\d*)?-(base|runtime|devel)-(ubuntu|rockylinux|ubi|centos)([\d.]+)", tag
    )
    if match is None:
        return None
    cudnn, flavour, distribution, release = match.groups()
    ubuntu = distribution == "ubuntu"
    devel = flavour == "devel"
    return TagFacts(
        f"{'cudnn-' if cudnn else ''}{flavour}",
        "debian" if ubuntu else "rhel",
        distribution,
        (UBUNTU_VERSIONS.get(release, release),) if ubuntu else (release,),
        is_slim=not devel,
        slim_tag=tag.replace("-devel-", "-runtime-") if devel else None,
        slim_note="the runtime variant has no nvcc, headers or static libraries" if devel else "",
        build_tools=("gcc", "g++", "make", "nvcc") if devel else (),
        packages=("build-essential", "cuda-nvcc") if devel else (),
        package_manager="apt" if ubuntu else "dnf",
    )


def _pytorch(tag: str) -> TagFacts | None:
    """`VERSION-cudaX-cudnnY-runtime|devel`; `latest` is a runtime image."""
    match = re.fullmatch(r"(\d+\.\d+)(?:\.\d+)?-cuda[\d.]+-cudnn\d+-(runtime|devel)", tag)
    if match is None and tag != "latest":
        return None
    devel = match is not None and match[2] == "devel"
    return TagFacts(
        "devel" if devel else "runtime",
        distribution="ubuntu",
        releases=("jammy", "focal"),
        python_version=PYTORCH_PYTHON.get(match[1]) if match else None,
        python_path="/opt/conda/bin/python",
        is_slim=not devel,
        slim_tag=tag.replace("-devel", "-runtime") if devel else None,
        slim_note="the runtime variant has no nvcc, compilers or headers" if devel else "",
        build_tools=("gcc", "g++", "make", "nvcc") if devel else (),
        packages=("build-essential",) if devel else (),
        notes=("torch comes with the image, outside the requirements",),
    )


def _tensorflow(tag: str) -> TagFacts | None:
    match = re.fullmatch(r"(?:(\d+\.\d+)(?:\.\d+)?|latest|nightly)(-gpu)?(-jupyter)?", tag)
    if match is None:
        return None
    jupyter = match[3] is not None
    return TagFacts(
        "-".join(word.strip("-") for word in (match[2], match[3]) if word) or "full",
        distribution="ubuntu",
        releases=("jammy", "focal"),
        python_version=TENSORFLOW_PYTHON.get(match[1] or ""),
        python_path="/usr/bin/python3",
        is_slim=not jupyter,
        slim_tag=tag.removesuffix("-jupyter") if jupyter else None,
        slim_note="the smaller variant has no Jupyter server" if jupyter else "",
        notes=("tensorflow comes with the image, outside the requirements",),
    )


def _ngc(tag: str) -> TagFacts | None:
    """NVIDIA's own framework images, `YY.MM-[tfN-]py3`."""
    if re.fullmatch(r"\d\d\.\d\d-(tf\d-)?py3(-.*)?", tag) is None:
        return None
    return TagFacts(
        distribution="ubuntu", releases=("noble", "jammy", "focal"), python_path="/usr/bin/python3",
        build_tools=("gcc", "g++", "make", "nvcc"),
        notes=("the framework comes with the image; its build differs from the one on the package index",),
    )  # fmt: skip


def _conda(tag: str) -> TagFacts | None:
    if "alpine" in tag:
        return TagFacts(
            "alpine", "alpine", "alpine", python_path="/opt/conda/bin/python", package_manager="apk"
        )
    return TagFacts(
        releases=("trixie", "bookworm", "bullseye"), python_path="/opt/conda/bin/python",
        packages=("git", "wget", "bzip2"),
    )  # fmt: skip


def _conda_forge(tag: str) -> TagFacts | None:
    return TagFacts(
        distribution="ubuntu", releases=("noble", "jammy", "focal"), python_path="/opt/conda/bin/python",
        packages=("git", "wget", "bzip2"),
    )  # fmt: skip


def _micromamba(tag: str) -> TagFacts | None:
    release = next((word for word in tag.split("-") if word in DEBIAN_CODENAMES), None)
    return TagFacts(
        releases=(release,) if release else ("trixie", "bookworm"), python_path="/opt/conda/bin/python",
        is_slim=True, default_user="mambauser", notes=("Python is there only after it was installed",),
    )  # fmt: skip


def _jupyter(tag: str) -> TagFacts | None:
    python = re.fullmatch(r"(?:.*-)?python-(3\.\d+)(?:\.\d+)?", tag)
    return TagFacts(
        distribution="ubuntu", releases=("noble", "jammy", "focal"), python_version=python[1] if python else None,
        python_path="/opt/conda/bin/python", default_user="jovyan",
    )  # fmt: skip


def _distroless(release: str, python: str) -> Callable[[str], TagFacts | None]:
    def read(tag: str) -> TagFacts | None:
        return TagFacts(
            releases=(release,), python_version=python, python_path="/usr/bin/python3", is_slim=True,
            package_manager=None, default_user="nonroot" if "nonroot" in tag.split("-") else "root",
            notes=("no shell and no package manager",),
        )  # fmt: skip

    return read


READERS: dict[str, Callable[[str], TagFacts | None]] = {
    "python": _python,
    "debian": _debian,
    "ubuntu": _ubuntu,
    "alpine": _alpine,
    "buildpack-deps": _buildpack_deps,
    "node": _node,
    "nvidia/cuda": _cuda,
    "pytorch/pytorch": _pytorch,
    "tensorflow/tensorflow": _tensorflow,
    "nvcr.io/nvidia/pytorch": _ngc,
    "nvcr.io/nvidia/tensorflow": _ngc,
    "continuumio/miniconda3": _conda,
    "continuumio/anaconda3": _conda,
    "condaforge/mambaforge": _conda_forge,
    "condaforge/miniforge3": _conda_forge,
    "mambaorg/micromamba": _micromamba,
    "jupyter/base-notebook": _jupyter,
    "jupyter/minimal-notebook": _jupyter,
    "jupyter/scipy-notebook": _jupyter,
    "jupyter/datascience-notebook": _jupyter,
    "jupyter/tensorflow-notebook": _jupyter,
    "jupyter/pytorch-notebook": _jupyter,
    "gcr.io/distroless/python3-debian11": _distroless("bullseye", "3.9"),
    "gcr.io/distroless/python3-debian12": _distroless("bookworm", "3.11"),
    "gcr.io/distroless/python3-debian13": _distroless("trixie", "3.13"),
}

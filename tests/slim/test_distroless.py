"""An image without a shell: taken where nothing needs one, refused with the reason where something does."""

from pathlib import Path

import pytest

from tare.core.errors import UsageError, VerificationError
from tare.image import analyse, open_image
from tare.image.contents import Contents
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions, slim_image
from tare.slim.proof import prove
from tare.slim.steps.system_packages import SystemPackages
from tare.verify import VerifySettings
from tests.slim.images import archive, planned, removed

DEBIAN = {
    "dash": ["usr/bin/dash"],
    "coreutils": ["usr/bin/env", "usr/bin/ls"],
    "base-files": ["etc/os-release"],
}


def status() -> dict[str, bytes]:
    files = {
        "usr/bin/sh": b"\x7fELF",
        "usr/local/bin/tool": b"#!/bin/sh\nls\n",
        "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
    }
    text = ""
    for name, paths in DEBIAN.items():
        depends = "Depends: dash, coreutils\n" if name == "base-files" else ""
        text += f"Package: {name}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n{depends}\n"
        files |= dict.fromkeys(paths, b"\x7fELF")
        files[f"var/lib/dpkg/info/{name}.list"] = "".join(f"/{path}\n" for path in paths).encode()
    return {**files, "var/lib/dpkg/status": text.encode()}


def test_shell_and_commands_go_with_the_scripts_that_need_them(tmp_path: Path) -> None:
    with planned(tmp_path, status(), [SystemPackages(distroless=True)]) as plan:
        assert {path for path in removed(plan) if path.startswith("usr/")} == {
            "usr/bin/dash", "usr/bin/env", "usr/bin/ls", "usr/local/bin/tool",
        }  # fmt: skip
        assert plan.view.visible("etc/os-release") and not prove(plan).problems


def test_by_default_they_stay(tmp_path: Path) -> None:
    with planned(tmp_path, status(), [SystemPackages()]) as plan:
        assert not {path for path in removed(plan) if path.startswith("usr/")}


@pytest.mark.parametrize(
    ("more", "config", "reason"),
    [
        ({}, {"Cmd": ["/bin/sh", "-c", "python3 /app/main.py"]}, "a shell takes part"),
        ({}, {"Healthcheck": {"Test": ["CMD-SHELL", "ls"]}}, "a shell takes part"),
        ({"app/more.py": b"import os\nos.system('ls')\n"}, {}, "app/more.py runs shell lines: os.system"),
        ({"app/more.py": b"run(['ls'])\nx = 'ls'\n"}, {}, "coreutils stays: app/more.py names it"),
        (
            {"app/go": b"#!/usr/bin/env python3\n"},
            {"Cmd": ["/usr/bin/env", "python3", "/app/main.py"]},
            "coreutils stays",
        ),
    ],
)
def test_refused_with_the_reason(
    tmp_path: Path, more: dict[str, bytes], config: dict[str, object], reason: str
) -> None:
    with (
        pytest.raises(VerificationError, match=reason),
        planned(tmp_path, {**status(), **more}, [SystemPackages(distroless=True)], **config),
    ):
        pass


@pytest.mark.parametrize(
    "options",
    [
        SlimOptions(level=Level.SAFE, distroless=True),
        SlimOptions(level=Level.REACH, distroless=True, without=("system-packages",)),
        SlimOptions(level=Level.REACH, distroless=True, verify=VerifySettings(commands=("ls",))),
    ],
)
def test_what_cannot_go_together(tmp_path: Path, options: SlimOptions) -> None:
    path = archive(tmp_path, [status()])
    with open_image(f"docker-archive:{path}") as image:
        analysis = analyse(image, sample=False)
        with Contents(analysis) as contents, pytest.raises(UsageError, match="--base distroless"):
            slim_image(analysis, contents, options, None, "no engine")

"""What the start reaches: programs, shells, scripts, libraries, Python packages; unknown means keep."""

from pathlib import Path

import pytest

from tare.slim.reach.libraries import names_in_elf, names_in_python
from tare.slim.reach.programs import programs_called, programs_named
from tare.slim.start import Start, read_start
from tare.slim.steps.python_packages import PythonPackages
from tare.slim.steps.system_packages import SystemPackages
from tests.slim.images import SITE, distribution, planned, removed

SHELL = {
    "usr/bin/sh": b"\x7fELF",
    "usr/bin/env": b"\x7fELF",
    "usr/bin/tool": b"\x7fELF",
    "usr/bin/sleep": b"\x7fELF",
}


def start(tmp_path: Path, files: dict[str, bytes], **config: object) -> Start:
    with planned(tmp_path, {**SHELL, **files}, [], **config) as plan:
        return read_start(plan.files)


def test_plain_python(tmp_path: Path) -> None:
    found = start(tmp_path, {})
    assert (
        found.known
        and found.python == {"app/main.py"}
        and found.programs == {"usr/bin/python3"}
        and not found.shell
    )


@pytest.mark.parametrize(
    ("command", "python"),
    [
        (["python3", "-m", "lib.core"], f"{SITE}/lib/core.py"),
        (["python3", "-u", "main.py"], "app/main.py"),
        (["serve", "main:app"], "app/main.py"),
        (["/bin/sh", "-c", "cd /app && exec python3 main.py"], "app/main.py"),
        (["sh", "/start.sh"], "app/main.py"),
        (["/start.sh", "python3", "main.py"], "app/main.py"),
    ],
)
def test_ways_to_start_a_python(tmp_path: Path, command: list[str], python: str) -> None:
    files = {
        "bin/sh": b"\x7fELF", "usr/bin/serve": b"#!/usr/bin/python3\nimport lib\n",
        "start.sh": b"#!/bin/sh\nset -e\nif [ -n \"$X\" ]; then tool run; fi\nexport A=1\npython3 /app/main.py\nexec \"$@\"\n",
    }  # fmt: skip
    found = start(tmp_path, files, Cmd=command)
    assert python in found.python and found.known, found.unknown


@pytest.mark.parametrize(
    ("command", "script", "word"),
    [
        (["sh", "-c", "$RUNNER x"], b"", "variable"),
        (["nowhere"], b"", "not in the image"),
        (["sh", "/s.sh"], b"if then (", "could not be read"),
        (["/s.pl"], b"#!/usr/bin/tool\n", "script for tool"),
        (["sh", "/s.sh"], b". /no/such\n", "sourced"),
        ([], b"", "no entry point"),
        (["sh"], b"", "interactive shell"),
        (["python3"], b"", "interactive Python"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, command: list[str], script: bytes, word: str) -> None:
    found = start(tmp_path, {"s.sh": script, "s.pl": script}, Cmd=command)
    assert not found.known and word in found.unknown[0]


def test_health_checks_count(tmp_path: Path) -> None:
    check = {"Test": ["CMD-SHELL", "tool --ask || exit 1"]}
    assert "usr/bin/tool" in start(tmp_path, {"bin/sh": b"\x7fELF"}, Healthcheck=check).programs


DPKG = b"""Package: dash
Status: install ok installed
Version: 1
Depends: libc6 (>= 2.1)

Package: libc6
Status: install ok installed
Version: 1

Package: used
Status: install ok installed
Version: 1
Depends: lib-of-used | other, perl-base

Package: lib-of-used
Status: install ok installed
Version: 1

Package: perl-base
Status: install ok installed
Version: 1

Package: unused
Status: install ok installed
Version: 1

"""


def debian(**files: bytes) -> dict[str, bytes]:
    lists = {
        "dash": "/usr/bin/sh", "libc6": "/usr/lib/libc.so.6", "used": "/usr/bin/tool", "lib-of-used": "/usr/lib/x.conf",
        "perl-base": "/usr/bin/perl", "unused": "/usr/bin/unused\n/etc/unused.conf\n/usr/share/shared",
    }  # fmt: skip
    found: dict[str, bytes] = {
        "var/lib/dpkg/status": DPKG,
        "usr/share/shared": b"",
        "etc/unused.conf": b"",
        **SHELL,
    }
    for name, paths in lists.items():
        found[f"var/lib/dpkg/info/{name}.list"] = f"/.\n{paths}\n".encode()
        for path in paths.split("\n"):
            found.setdefault(path.strip("/"), b"x")
    return {**found, **files}


def test_debian_packages_that_nothing_reaches_go(tmp_path: Path) -> None:
    files = debian() | {"app/main.py": b"import subprocess\nsubprocess.run(['tool', 'x'])\n"}
    with planned(tmp_path, files, [SystemPackages()]) as plan:
        gone = removed(plan)
        assert {"usr/bin/unused", "etc/unused.conf", "usr/bin/perl", "var/lib/dpkg/info/unused.list"} <= gone
        assert not {"usr/bin/tool", "usr/lib/x.conf", "usr/bin/sh", "usr/lib/libc.so.6", "app/main.py"} & gone
        status = plan.view.content("var/lib/dpkg/status").decode()
    assert "Package: used" in status and "unused" not in status and "perl-base\nStatus" not in status


def test_an_unknown_start_keeps_everything(tmp_path: Path) -> None:
    with planned(tmp_path, debian(), [SystemPackages(), PythonPackages()], Cmd=["sh", "-c", "$X"]) as plan:
        assert not removed(plan) and any("stay" in note for note in plan.view.notes)


APK = b"""P:busybox
V:1
F:bin
R:busybox

P:python3
V:1
D:so:libffi.so.8
F:usr/bin
R:python3

P:libffi
V:1
p:so:libffi.so.8=8.1
F:usr/lib
R:libffi.so.8

P:git
V:1
F:usr/bin
R:git

"""


def test_alpine_packages(tmp_path: Path) -> None:
    files = {
        "lib/apk/db/installed": APK,
        "bin/busybox": b"x",
        "usr/lib/libffi.so.8": b"x",
        "usr/bin/git": b"x",
    }
    with planned(tmp_path, files, [SystemPackages()]) as plan:
        assert removed(plan) == {"usr/bin/git"}
        installed = plan.view.content("lib/apk/db/installed")
    assert b"P:git" not in installed and installed.count(b"P:") == 3 and installed.endswith(b"\n\n")


def python_files() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, text in {
        "lib": "from . import core\n", "needed": "", "dev": "import lib\n", "plugin": "", "lazyone": "", "pthone": "",
    }.items():  # fmt: skip
        files[f"{SITE}/{name}/__init__.py"] = text.encode()
        files |= distribution(name, [f"{name}/__init__.py"])
    files[f"{SITE}/lib-1.0.dist-info/METADATA"] += (
        b"Requires-Dist: needed (>=1)\nRequires-Dist: dev; extra == 'test'\n"
    )
    files[f"{SITE}/lib/core.py"] = b"def f():\n    import lazyone\n    entry_points(group='lib.plugins')\n"
    files[f"{SITE}/plugin-1.0.dist-info/entry_points.txt"] = b"[lib.plugins]\nx = plugin:x\n"
    files[f"{SITE}/pthone-1.0.dist-info/RECORD"] += b"pthone.pth,,\n"
    files[f"{SITE}/pthone.pth"] = b"import pthone\n"
    return files


def test_python_distributions_outside_the_closure_go(tmp_path: Path) -> None:
    with planned(tmp_path, python_files(), [PythonPackages()]) as plan:
        assert {path.split("/")[4].partition("-")[0] for path in removed(plan)} == {"dev"}
        assert not plan.view.visible(f"{SITE}/dev") and not plan.view.visible(f"{SITE}/dev-1.0.dist-info")


def test_computed_imports_keep_every_distribution(tmp_path: Path) -> None:
    files = {**python_files(), "app/main.py": b"import lib\nimportlib.import_module(name)\n"}
    with planned(tmp_path, files, [PythonPackages()]) as plan:
        assert not removed(plan)


def test_names_in_code() -> None:
    elf = [b"\0libone.so.1\0junk /opt/lib", b"two.so\0not.so.x \0"]
    assert names_in_elf(elf) == {"libone.so.1", "libtwo.so"}
    assert names_in_python(b"CDLL('/x/liba.so.2'); find_library('magic')") == ({"liba.so.2"}, {"magic"})
    assert programs_called(b"import subprocess\nsubprocess.run(['ffmpeg', '-i'])\nshutil.which('dot')") == {
        "ffmpeg",
        "dot",
    }
    assert "tool" in programs_named(b"x = 'tool --flag'")


def test_openssl_keeps_its_way_to_the_certificates(tmp_path: Path) -> None:
    status = (
        DPKG
        + b"""Package: libssl3
Status: install ok installed
Version: 3

Package: openssl
Status: install ok installed
Version: 3

"""
    )
    lists = {"libssl3": b"/usr/lib/libssl.so.3\n", "openssl": b"/usr/lib/ssl/certs\n/usr/bin/openssl\n"}
    files = debian() | {f"var/lib/dpkg/info/{name}.list": text for name, text in lists.items()}
    files |= {
        "var/lib/dpkg/status": status,
        "usr/lib/libssl.so.3": b"x",
        "usr/lib/ssl/certs": b"",
        "usr/bin/openssl": b"x",
    }
    for source, kept in ((b"CDLL('libssl.so.3')", True), (b"", False)):
        found = files | {f"{SITE}/lib/tls.py": source}
        with planned(tmp_path, found, [SystemPackages()]) as plan:
            assert plan.view.visible("usr/lib/ssl/certs") == kept
            assert not plan.view.visible("usr/bin/unused")

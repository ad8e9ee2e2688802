"""Each step on small images: what goes, and the traps that stay."""

import hashlib
import json
from pathlib import Path

import pytest

from tare.core.errors import UsageError
from tare.slim.model import Level
from tare.slim.plan import Plan
from tare.slim.registry import STEPS, steps_for
from tare.slim.steps.build_front_ends import BuildFrontEnds
from tare.slim.steps.bytecode import Bytecode
from tare.slim.steps.c_sources import CSources
from tare.slim.steps.caches import PackageManagerCaches
from tare.slim.steps.documentation import Documentation
from tare.slim.steps.headers import Headers
from tare.slim.steps.locales import Locales
from tare.slim.steps.static_libraries import StaticLibraries
from tare.slim.steps.stubs import Stubs
from tare.slim.steps.test_executables import ProgramsOfTests
from tare.slim.steps.tests import Suites
from tests.slim.images import SITE, distribution, planned, removed


def content(plan: Plan, path: str) -> bytes:
    return plan.view.content(path)


def test_names_are_unique_and_without_checks_them() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    chosen = steps_for(Level.SAFE, ("tests",), Bytecode())
    assert "tests" not in {step.name for step in chosen} and "strip" in {step.name for step in chosen}
    assert {step.name for step in steps_for(Level.LOSSLESS, (), Bytecode())} == {
        "package-manager-caches", "cuda-device-code",
    }  # fmt: skip
    with pytest.raises(UsageError, match="no step"):
        steps_for(Level.SAFE, ("testz",), Bytecode())


def test_caches_go_and_models_stay(tmp_path: Path) -> None:
    files = {
        "var/lib/apt/lists/x_Packages": b"1", "root/.cache/pip/http/a": b"1", "var/cache/apt/pkgcache.bin": b"1",
        "root/.cache/huggingface/hub/model": b"1", "home/u/.cache/uv/x": b"1", "var/lib/dpkg/status-old": b"1",
        "tmp/mine": b"1",
    }  # fmt: skip
    with planned(tmp_path, files, [PackageManagerCaches()]) as plan:
        assert removed(plan) == set(files) - {"root/.cache/huggingface/hub/model", "tmp/mine"}


def test_tests_go_unless_something_uses_them(tmp_path: Path) -> None:
    files = {
        f"{SITE}/one/__init__.py": b"", f"{SITE}/one/tests/test_a.py": b"import one.tests.data", f"{SITE}/one/tests/d.bin": b"9",
        f"{SITE}/two/__init__.py": b"", f"{SITE}/two/tests/__init__.py": b"", f"{SITE}/two/tests/test_a.py": b"",
        f"{SITE}/two/use.py": b"def f():\n    from .tests import _kit\n",
        f"{SITE}/django/test/client.py": b"", f"{SITE}/django/test/__init__.py": b"",
        f"{SITE}/tests/test_top.py": b"",
        f"{SITE}/three/tests/test_a.py": b"", f"{SITE}/three/load.py": b"p = join(here, 'tests')",
        f"{SITE}/four/tests/test_a.py": b"", f"{SITE}/five/x.py": b"import_module('four.tests.test_a')",
        f"{SITE}/six/tests/conftest.py": b"", f"{SITE}/six/setup.py": b"add('tests')",
        "app/tests/test_app.py": b"",
    }  # fmt: skip
    with planned(tmp_path, files, [Suites()]) as plan:
        assert removed(plan) == {
            f"{SITE}/one/tests/test_a.py", f"{SITE}/one/tests/d.bin", f"{SITE}/six/tests/conftest.py",
        }  # fmt: skip
        assert any("two/tests stays" in note for note in plan.view.notes)


def test_development_files_stay_with_a_compiler(tmp_path: Path) -> None:
    files = {
        f"{SITE}/lib/include/a.h": b"", f"{SITE}/lib/include/Dense": b"", f"{SITE}/lib/x.a": b"!<arch>\n",
        f"{SITE}/lib/c.pyx": b"",
        "usr/include/stdio.h": b"", f"{SITE}/cupy/_core/include/k.cuh": b"", f"{SITE}/lib/driver.c": b"",
        f"{SITE}/lib/not.a": b"zzz",
        f"{SITE}/lib/build.py": b"open('driver.c')", "usr/include/python3.11/pyconfig.h": b"", f"{SITE}/lib/include/t.json": b"",
    }  # fmt: skip
    steps = (Headers(), StaticLibraries(), CSources())
    with planned(tmp_path, files, steps) as plan:
        assert removed(plan) == {
            f"{SITE}/lib/include/a.h", f"{SITE}/lib/include/Dense", f"{SITE}/lib/x.a", f"{SITE}/lib/c.pyx",
            "usr/include/stdio.h",
        }  # fmt: skip
    with planned(tmp_path, {**files, "usr/bin/gcc": b"\x7fELF"}, steps) as plan:
        assert not removed(plan)


def test_stubs_that_are_read_at_run_time_stay(tmp_path: Path) -> None:
    files = {
        f"{SITE}/lib/a.pyi": b"", f"{SITE}/skimage/__init__.pyi": b"",
        f"{SITE}/skimage/__init__.py": b"x = lazy.attach_stub(__name__, __file__)", f"{SITE}/mypy/typeshed/os.pyi": b"",
    }  # fmt: skip
    with planned(tmp_path, files, [Stubs()]) as plan:
        assert removed(plan) == {f"{SITE}/lib/a.pyi"}


def test_test_executables_by_name_and_evidence(tmp_path: Path) -> None:
    elf = b"\x7fELF" + bytes(100)
    files = {
        f"{SITE}/torch/bin/test_api": elf, f"{SITE}/torch/bin/protoc-3.13.0.0": elf, f"{SITE}/torch/bin/torch_shm_manager": elf,
        f"{SITE}/other/bin/run_test": elf, f"{SITE}/other/run.py": b"subprocess.run(['run_test'])",
        f"{SITE}/torch/bin/test_script": b"#!/bin/sh",
    }  # fmt: skip
    with planned(tmp_path, files, [ProgramsOfTests()]) as plan:
        assert removed(plan) == {f"{SITE}/torch/bin/test_api", f"{SITE}/torch/bin/protoc-3.13.0.0"}


FRONT = {
    f"{SITE}/pip/__init__.py": b"", f"{SITE}/setuptools/__init__.py": b"", f"{SITE}/pkg_resources/__init__.py": b"",
    f"{SITE}/distutils-precedence.pth": b"", "usr/bin/pip": b"#!/usr/bin/python3\n",
    **distribution("pip", ["pip/__init__.py", "../../../bin/pip"]),
    **distribution("setuptools", ["setuptools/__init__.py", "pkg_resources/__init__.py", "distutils-precedence.pth"]),
}  # fmt: skip


def test_build_front_ends_go_with_their_metadata(tmp_path: Path) -> None:
    with planned(tmp_path, FRONT, [BuildFrontEnds()]) as plan:
        assert removed(plan) == set(FRONT)
        assert not any(plan.view.visible(f"{SITE}/{name}-1.0.dist-info") for name in ("pip", "setuptools"))


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("app/main.py", b"def f():\n    import pkg_resources\n", "setuptools"),
        ("app/main.py", b"run([sys.executable, '-m', 'pip', 'list'])", "pip"),
        (
            f"{SITE}/lib/__init__.py",
            b"try:\n    import pkg_resources\nexcept ImportError: pass\n",
            "setuptools",
        ),
        (f"{SITE}/lib/__init__.py", b"from lib import util\n", ""),
    ],
)
def test_build_front_ends_stay_when_used(tmp_path: Path, path: str, text: bytes, stays: str) -> None:
    files = {**FRONT, f"{SITE}/lib/util.py": b"def build():\n    import setuptools\n", path: text}
    with planned(tmp_path, files, [BuildFrontEnds()]) as plan:
        for name in ("pip", "setuptools"):
            assert plan.view.visible(f"{SITE}/{name}/__init__.py") == (name == stays)


def test_bytecode_of_the_start_stays(tmp_path: Path) -> None:
    files = {
        f"{SITE}/lib/__pycache__/__init__.cpython-311.pyc": b"1", f"{SITE}/lib/__pycache__/core.cpython-311.pyc": b"1",
        f"{SITE}/lib/__pycache__/lazy.cpython-311.pyc": b"1", f"{SITE}/lib/__pycache__/gone.cpython-311.pyc": b"1",
        f"{SITE}/lib/sourceless.pyc": b"1", "usr/lib/python3.11/__pycache__/abc.cpython-311.pyc": b"1",
        f"{SITE}/lib/__pycache__/core.cpython-311.opt-1.pyc": b"1",
    }  # fmt: skip
    files |= {f"{SITE}/never/__init__.py": b"", f"{SITE}/never/__pycache__/__init__.cpython-311.pyc": b"1"}
    with planned(tmp_path, files, [Bytecode()]) as plan:
        assert removed(plan) == {
            f"{SITE}/never/__pycache__/__init__.cpython-311.pyc", f"{SITE}/lib/__pycache__/core.cpython-311.opt-1.pyc",
        }  # fmt: skip
    cache = f"{SITE}/lib/__pycache__"
    seen = frozenset({f"{cache}/lazy.cpython-311.pyc", f"{cache}/core.cpython-311.pyc"})
    with planned(tmp_path, files, [Bytecode(seen=seen)]) as plan:
        assert removed(plan) == {
            f"{cache}/__init__.cpython-311.pyc", f"{cache}/core.cpython-311.opt-1.pyc",
            "usr/lib/python3.11/__pycache__/abc.cpython-311.pyc",
            f"{SITE}/never/__pycache__/__init__.cpython-311.pyc",
        }  # fmt: skip
    with planned(tmp_path, files, [Bytecode()], Cmd=["/bin/sh"]) as plan:
        assert not removed(plan)


def test_documentation_and_locales(tmp_path: Path) -> None:
    files = {
        "usr/share/doc/x/changelog.gz": b"1", "usr/share/doc/x/copyright": b"1", "usr/share/man/man1/a.1": b"1",
        "usr/share/locale/de/LC_MESSAGES/a.mo": b"1", "usr/share/locale/fr_FR/LC_MESSAGES/a.mo": b"1",
        f"{SITE}/django/locale/de/LC_MESSAGES/a.mo": b"1", "usr/share/locale/locale.alias": b"1",
    }  # fmt: skip
    with planned(tmp_path, files, [Documentation(), Locales()], Env=["LANG=fr_FR.UTF-8"]) as plan:
        assert removed(plan) == {
            "usr/share/doc/x/changelog.gz", "usr/share/man/man1/a.1", "usr/share/locale/de/LC_MESSAGES/a.mo",
        }  # fmt: skip


def test_rpm_systems_stay_as_their_database_says(tmp_path: Path) -> None:
    files = {"usr/share/man/man1/a.1": b"1", "var/lib/rpm/rpmdb.sqlite": b"1", "usr/include/a.h": b""}
    with planned(tmp_path, files, [Documentation(), Headers()]) as plan:
        assert not removed(plan)


def test_record_tells_the_truth(tmp_path: Path) -> None:
    files = {
        f"{SITE}/pkg/__init__.py": b"", f"{SITE}/pkg/tests/test_a.py": b"", f"{SITE}/pkg/a.pyi": b"",
        **distribution("pkg", ["pkg/__init__.py", "pkg/tests/test_a.py", "pkg/a.pyi"]),
    }  # fmt: skip
    with planned(tmp_path, files, [Suites(), Stubs()]) as plan:
        record = content(plan, f"{SITE}/pkg-1.0.dist-info/RECORD").decode()
        marker = f"{SITE}/pkg-1.0.dist-info/tare-modified.json"
        mark = b"".join(part for part in plan.view.added[marker].content.parts if isinstance(part, bytes))  # type: ignore[union-attr]
        assert json.loads(mark)["files_by_step"] == {"stubs": 1, "tests": 1}
    lines = record.splitlines()
    assert lines[0] == "pkg/__init__.py,sha256=abc,1" and "tests" not in record.partition("tare-modified")[0]
    import base64

    expected = base64.urlsafe_b64encode(hashlib.sha256(mark).digest()).rstrip(b"=").decode()
    assert lines[-1] == f"pkg-1.0.dist-info/tare-modified.json,sha256={expected},{len(mark)}"


def test_dpkg_tells_the_truth(tmp_path: Path) -> None:
    files = {
        "usr/share/man/man1/a.1": b"1", "usr/bin/tool": b"x",
        "var/lib/dpkg/status": b"Package: tool\nStatus: install ok installed\nVersion: 1\nDescription: a\n b\n\n"
        b"Package: other\nStatus: install ok installed\nVersion: 1\n\n",
        "var/lib/dpkg/info/tool.list": b"/.\n/usr/bin/tool\n/usr/share/man/man1/a.1\n",
        "var/lib/dpkg/info/tool.md5sums": b"00  usr/bin/tool\n11  usr/share/man/man1/a.1\n",
    }  # fmt: skip
    with planned(tmp_path, files, [Documentation()]) as plan:
        assert content(plan, "var/lib/dpkg/info/tool.list") == b"/.\n/usr/bin/tool\n"
        assert content(plan, "var/lib/dpkg/info/tool.md5sums") == b"00  usr/bin/tool\n"
        status = content(plan, "var/lib/dpkg/status").decode()
    assert status == (
        "Package: tool\nStatus: install ok installed\nVersion: 1\nDescription: a\n b\nTare-Modified: documentation\n\n"
        "Package: other\nStatus: install ok installed\nVersion: 1\n\n"
    )


def test_apk_tells_the_truth(tmp_path: Path) -> None:
    installed = (
        b"C:Q1\nP:tool\nV:1\nF:usr/share/man/man1\nR:a.1\na:0:0:644\nZ:Q1x\nF:usr/bin\nR:tool\nZ:Q1y\n\n"
    )
    files = {"usr/share/man/man1/a.1": b"1", "usr/bin/tool": b"x", "lib/apk/db/installed": installed}
    with planned(tmp_path, files, [Documentation()]) as plan:
        text = content(plan, "lib/apk/db/installed")
    assert text == b"C:Q1\nP:tool\nV:1\nF:usr/share/man/man1\nF:usr/bin\nR:tool\nZ:Q1y\n\n"


def test_hard_links_save_bytes_only_with_the_last_name(tmp_path: Path) -> None:
    from tare.image import analyse, open_image
    from tare.image.contents import Contents
    from tare.slim.plan import make_plan
    from tare.slim.view import ImageFiles
    from tests.support.random_image import Operation, layer_tar, write_docker_archive

    operations = [
        Operation("file", "var/cache/apt/a", b"123"), Operation("hardlink", "keep", link="var/cache/apt/a"),
        Operation("file", "var/cache/apt/b", b"12345"), Operation("hardlink", "var/cache/apt/c", link="var/cache/apt/b"),
    ]  # fmt: skip
    path = write_docker_archive(tmp_path / "i.tar", [layer_tar(operations)])
    with open_image(str(path)) as image:
        analysis = analyse(image)
        with Contents(analysis) as contents:
            plan = make_plan(ImageFiles(analysis, contents), [PackageManagerCaches()])
    assert sum(entry.saved_bytes for entry in plan.ledger) == 5

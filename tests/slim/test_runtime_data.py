"""What libraries open by name keeps its package, and a plan that cuts the way to it is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tare.slim.model import Level, Proposal
from tare.slim.proof import prove
from tare.slim.reach.runtime_data import openssl_folders, runtime_data
from tare.slim.steps.system_packages import SystemPackages
from tare.slim.view import View
from tests.slim.images import planned, removed

CRYPTO = b"\x7fELF\0OPENSSLDIR\0/opt/own/ssl\0/opt/own/ossl-modules\0end\0"
FILES = {
    "usr/lib/libcrypto.so.3": CRYPTO,
    "opt/own/ssl/cert.pem": b"certificates",
    "opt/own/ssl/openssl.cnf": b"",
    "opt/own/ssl/unrelated": b"",
    "opt/own/ossl-modules/legacy.so": b"\x7fELF",
    "etc/nsswitch.conf": b"hosts: files wins\n",
    "usr/lib/libnss_wins.so.2": b"\x7fELF",
    "usr/lib/libnss_other.so.2": b"\x7fELF",
    "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
}
STATUS = "".join(
    f"Package: {name}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"
    for name in ("trust", "toy")
)
PACKAGES = {
    "var/lib/dpkg/status": STATUS.encode(),
    "var/lib/dpkg/info/trust.list": b"/opt/own/ssl/cert.pem\n/opt/own/ssl/openssl.cnf\n",
    "var/lib/dpkg/info/toy.list": b"/usr/share/toy\n",
    "usr/share/toy": b"1",
}


@dataclass(frozen=True)
class Cut:
    path: str
    name: str = "cut"
    level: Level = Level.LOSSLESS
    reason: str = "takes a path away"

    def plan(self, view: View) -> Iterable[Proposal]:
        return [Proposal(self.path, "wrong")]


def test_what_openssl_and_name_service_open(tmp_path: Path) -> None:
    with planned(tmp_path, FILES, []) as plan:
        found = {path for path, _ in runtime_data(plan.files)}
        assert {folder for _, folder in openssl_folders(plan.files)} == {
            "opt/own/ssl",
            "opt/own/ossl-modules",
        }
    assert found == {
        "opt/own/ssl/cert.pem", "opt/own/ssl/openssl.cnf", "opt/own/ossl-modules/legacy.so", "etc/nsswitch.conf",
        "usr/lib/libnss_wins.so.2", "etc/passwd",
    }  # fmt: skip


def test_a_package_of_certificates_is_reached_without_knowing_its_name(tmp_path: Path) -> None:
    with planned(tmp_path, {**FILES, **PACKAGES}, [SystemPackages()]) as plan:
        assert {path for path in removed(plan) if not path.startswith("var/")} == {"usr/share/toy"}


def test_the_proof_names_the_step_that_cuts_the_way(tmp_path: Path) -> None:
    for path in ("opt/own/ssl/cert.pem", "opt/own/ssl", "etc/passwd", "usr/lib/libnss_wins.so.2"):
        folder = tmp_path / path.replace("/", "-")
        folder.mkdir()
        with planned(folder, FILES, [Cut(path)]) as plan:
            proof = prove(plan)
            assert proof.guilty == {"cut"} and proof.checked["data files"] >= 6, path
    with planned(tmp_path, FILES, [Cut("opt/own/ssl/unrelated")]) as plan:
        assert not prove(plan).problems

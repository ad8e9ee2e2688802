"""strace with its own loader and libraries, as files that are added to an image for the time of a trace.

The image may hold another C library, or none: strace is started by the loader that it came with. It runs beside the
workload (`-D`), so that the workload is the container's first process, ends with its own exit code, and takes the tracer
with it. Child processes may trace each other without any capability (ptrace(2)).
"""

import platform
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tare.build.process import ask
from tare.core.errors import EngineError
from tare.image.mutate import Content, DraftEntry, OnDisk
from tare.image.tarhead import DIRECTORY, FILE
from tare.image.tarwrite import TarEntry

FOLDER = ".tare-trace"
LOGS = f"/{FOLDER}/log"
_HINT = "apt-get install strace, on the machine that runs tare"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Tracer:
    """Files to add, and the words to put before a command."""

    files: Mapping[str, DraftEntry]
    words: tuple[str, ...]


def find_tracer(environ: Mapping[str, str], architecture: str) -> Tracer:
    """The strace of this machine. Raises `EngineError` where there is none, or none for the image's processor."""
    here = _MACHINES.get(platform.machine(), platform.machine())
    if architecture and architecture != here:
        raise EngineError(f"an image for {architecture} cannot be traced on {here}", hint="use --level reach")
    program = shutil.which("strace", path=environ.get("PATH"))
    if program is None:
        raise EngineError("--level trace needs strace, which is not installed", hint=_HINT)
    answer = ask(["ldd", program], timeout_s=20)
    libraries = [Path(path) for path in re.findall(r"(?:=> |^\s*)(/\S+)", answer.stdout, re.MULTILINE)]
    loader = next((path for path in libraries if path.name.startswith(("ld-linux", "ld-musl", "ld64"))), None)
    files = {
        FOLDER: DraftEntry(TarEntry(FOLDER, DIRECTORY, mode=0o755)),
        f"{FOLDER}/log": DraftEntry(TarEntry(f"{FOLDER}/log", DIRECTORY, mode=0o1777)),
    }
    for path in (Path(program), *libraries):
        name = f"{FOLDER}/{path.name}"
        size = path.stat().st_size
        files[name] = DraftEntry(
            TarEntry(name, FILE, size, 0o755), Content(None, (OnDisk(path.resolve(), size),))
        )
    start = f"/{FOLDER}/{Path(program).name}"
    through = (f"/{FOLDER}/{loader.name}", "--library-path", f"/{FOLDER}") if loader else ()
    options = (
        "-D",
        "-f",
        "-qq",
        "-y",
        "-s",
        "4096",
        "-e",
        "trace=%file,fchdir,getdents64",
        "-e",
        "signal=none",
    )
    return Tracer(files, (*through, start, *options, "-o", f"{LOGS}/trace", "--"))

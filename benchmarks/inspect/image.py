"""Builds the image that the inspect benchmark reads: real wheels, generated data, and much waste.

No engine is needed, and the same input gives the same bytes. The archive has the form that Docker 25 and later save
(`blobs/sha256/…` with both manifest.json and index.json), so that every reader finds what it knows.
"""

import gzip
import hashlib
import io
import json
import random
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

WHEELS = (
    "numpy==1.26.4",
    "scipy==1.11.4",
    "pandas==2.1.4",
    "scikit-learn==1.3.2",
    "matplotlib==3.8.2",
    "sympy==1.12",
    "transformers==4.35.0",
    "botocore==1.34.0",
    "Django==4.2.9",
    "plotly==5.18.0",
    "pyarrow==14.0.2",
    "opencv-python-headless==4.9.0.80",
    "polars==0.20.3",
    "networkx==3.2.1",
)
SITE = "usr/local/lib/python3.11/site-packages"
_MIB = 1 << 20
_MTIME = 1_700_000_000


@dataclass(frozen=True)
class Item:
    """One tar entry; `content` is None for what has none."""

    path: str
    content: bytes | None = None
    mode: int = 0o644
    type: bytes = tarfile.REGTYPE
    link: str = ""


def directory(path: str) -> Item:
    """A directory."""
    return Item(path, None, 0o755, tarfile.DIRTYPE)


def whiteout(path: str) -> Item:
    """The mark that removes a path of lower layers."""
    folder, _, name = path.rpartition("/")
    return Item(f"{folder}/.wh.{name}", b"")


def _wheel(wheels: Path, requirement: str) -> Path:
    stem = requirement.partition("==")[0].replace("-", "_").lower()
    return next(path for path in sorted(wheels.glob("*.whl")) if path.name.lower().startswith(f"{stem}-"))


def _members(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/"):
                yield name, archive.read(name)


def _with_directories(items: Iterable[Item]) -> Iterator[Item]:
    """Each item after its parents, as a tar of a file system has them."""
    made: set[str] = set()
    for item in items:
        parts = item.path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            parent = "/".join(parts[:depth])
            if parent not in made:
                made.add(parent)
                yield directory(parent)
        yield item


def _words(seed: int, size: int) -> bytes:
    chooser = random.Random(seed)
    words = [chooser.randbytes(chooser.randint(1, 5)).hex() for _ in range(3000)]
    text = " ".join(chooser.choice(words) for _ in range(size // 5 + 1))
    return text.encode()[:size]


def _base(_: Path) -> Iterator[Item]:
    chooser = random.Random(1)
    text = _words(2, 4 * _MIB)
    for number in range(6000):
        size = min(int(chooser.lognormvariate(8.2, 1.4)), 2 * _MIB)
        at = chooser.randrange(len(text) - size)
        folder = f"usr/lib/part{number % 40:02}/{number % 7}"
        yield Item(f"{folder}/file{number:05}", text[at : at + size], 0o755 if number % 9 == 0 else 0o644)
        if number % 25 == 0:
            yield Item(f"{folder}/hard{number:05}", None, 0o644, tarfile.LNKTYPE, f"{folder}/file{number:05}")
            yield Item(f"{folder}/soft{number:05}", None, 0o777, tarfile.SYMTYPE, f"file{number:05}")
    status = []
    for number in range(120):
        name = f"part{number:03}"
        status.append(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{number}-1\n"
        )
        listed = "".join(f"/usr/lib/part{n % 40:02}/{n % 7}/file{n:05}\n" for n in range(number, 6000, 120))
        yield Item(f"var/lib/dpkg/info/{name}.list", listed.encode())
    yield Item("var/lib/dpkg/status", "\n".join(status).encode())


def _installed(requirement: str) -> Callable[[Path], Iterator[Item]]:
    def items(wheels: Path) -> Iterator[Item]:
        for name, content in _members(_wheel(wheels, requirement)):
            yield Item(f"{SITE}/{name}", content)

    return items


def _weights(_: Path) -> Iterator[Item]:
    for number in range(5):
        yield Item(f"models/part-{number}.safetensors", random.Random(100 + number).randbytes(128 * _MIB))


def _table(rows: int) -> bytes:
    chooser = random.Random(7)
    return b"".join(
        b"%d,%.6f,%.6f,%s\n"
        % (row, chooser.random(), chooser.gauss(0, 1), chooser.choice((b"yes", b"no", b"n/a")))
        for row in range(rows)
    )


def _data(_: Path) -> Iterator[Item]:
    table = _table(100_000)
    yield Item("data/train.csv", table * (300 * _MIB // len(table)))
    yield Item("data/test.csv", table * (100 * _MIB // len(table)))


def _again(mode: int, change: bytes, *requirements: str) -> Callable[[Path], Iterator[Item]]:
    """Files of lower layers written again: with another mode only, or with `change` at their end."""

    def items(wheels: Path) -> Iterator[Item]:
        for requirement in requirements:
            for name, content in _members(_wheel(wheels, requirement)):
                yield Item(f"{SITE}/{name}", content + change, mode)

    return items


def _removed(wheels: Path) -> Iterator[Item]:
    plotly = [name for name, _ in _members(_wheel(wheels, "plotly==5.18.0")) if "/validators/" in name]
    yield from (whiteout(f"{SITE}/{name}") for name in plotly[::20])
    for requirement in ("scikit-learn==1.3.2", "networkx==3.2.1", "sympy==1.12"):
        names = [name for name, _ in _members(_wheel(wheels, requirement))]
        folders = sorted({name[: name.index("/tests/") + 6] for name in names if "/tests/" in name})
        outermost = [one for one in folders if not any(one.startswith(f"{other}/") for other in folders)]
        yield from (whiteout(f"{SITE}/{folder}") for folder in outermost)
    yield Item(f"{SITE}/opencv_python_headless.libs/.wh..wh..opq", b"")
    yield Item(f"{SITE}/opencv_python_headless.libs/README", b"moved\n")
    yield whiteout("models/part-4.safetensors")


def _app(_: Path) -> Iterator[Item]:
    table = _table(100_000)
    yield Item("app/data/test.csv", table * (100 * _MIB // len(table)))
    for number in range(300):
        yield Item(f"app/src/module{number}.py", _words(number, 4000))


LAYERS: tuple[tuple[str, Callable[[Path], Iterator[Item]]], ...] = (
    ("ADD rootfs.tar /", _base),
    *((f"RUN pip install {requirement}", _installed(requirement)) for requirement in WHEELS),
    ("COPY models /models", _weights),
    ("COPY data /data", _data),
    (
        "RUN chmod -R g+w site-packages",
        _again(0o664, b"", "transformers==4.35.0", "scipy==1.11.4", "plotly==5.18.0"),
    ),
    ("RUN pip install --upgrade pandas pyarrow", _again(0o644, b"\n", "pandas==2.1.4", "pyarrow==14.0.2")),
    ("RUN find . -name tests | xargs rm -r", _removed),
    ("COPY . /app", _app),
)


def write_layer(target: Path, items: Iterable[Item]) -> tuple[str, int]:
    """A layer's tar; its digest and the number of entries."""
    count = 0
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for item in _with_directories(items):
            info = tarfile.TarInfo(item.path)
            info.type, info.mode, info.linkname, info.mtime = item.type, item.mode, item.link, _MTIME
            info.size = len(item.content or b"")
            tar.addfile(info, io.BytesIO(item.content or b""))
            count += 1
    return digest_file(target), count


def digest_file(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _build_layer(place: int, work: Path, wheels: Path, compressed: bool) -> tuple[str, str, int]:
    plain = work / f"{place}.tar"
    diff_id, count = write_layer(plain, LAYERS[place][1](wheels))
    if not compressed:
        plain.rename(work / f"{place}.blob")
        return diff_id, diff_id, count
    packed = work / f"{place}.blob"
    with (
        plain.open("rb") as source,
        packed.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)
    plain.unlink()
    return diff_id, digest_file(packed), count


def build(target: Path, wheels: Path, *, compressed: bool) -> int:
    """Write the archive; gives the number of tar entries of all layers."""
    work = target.with_suffix(".work")
    work.mkdir(parents=True)
    with ProcessPoolExecutor(2) as pool:
        futures = [pool.submit(_build_layer, place, work, wheels, compressed) for place in range(len(LAYERS))]
        built = [future.result() for future in futures]
    write_archive(
        target,
        [
            (work / f"{place}.blob", blob, diff_id, LAYERS[place][0])
            for place, (diff_id, blob, _) in enumerate(built)
        ],
        "tare-benchmark:plain" if not compressed else "tare-benchmark:gzip",
    )
    shutil.rmtree(work)
    return sum(count for _, _, count in built)


def write_archive(target: Path, layers: list[tuple[Path, str, str, str]], name: str) -> None:
    """A docker archive from (blob file, digest, diff ID, instruction) for each layer."""
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Cmd": ["python3"]},
            "rootfs": {"type": "layers", "diff_ids": [diff_id for _, _, diff_id, _ in layers]},
            "history": [{"created": "2023-11-14T22:13:20Z", "created_by": text} for _, _, _, text in layers],
        }
    ).encode()
    kind = "application/vnd.oci.image"

    def described(media_type: str, content: bytes) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    suffixes = ["" if digest == diff_id else "+gzip" for _, digest, diff_id, _ in layers]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{kind}.manifest.v1+json",
            "config": described(f"{kind}.config.v1+json", config),
            "layers": [
                {"mediaType": f"{kind}.layer.v1.tar{suffix}", "digest": digest, "size": path.stat().st_size}
                for suffix, (path, digest, _, _) in zip(suffixes, layers, strict=True)
            ],
        }
    ).encode()
    entry = described(f"{kind}.manifest.v1+json", manifest)
    entry["annotations"] = {"org.opencontainers.image.ref.name": name.partition(":")[2]}
    blob = "blobs/sha256/{}".format
    saved = {
        "Config": blob(hashlib.sha256(config).hexdigest()),
        "RepoTags": [name],
        "Layers": [blob(digest[7:]) for _, digest, _, _ in layers],
    }
    texts = {
        blob(hashlib.sha256(config).hexdigest()): config,
        blob(hashlib.sha256(manifest).hexdigest()): manifest,
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
        "manifest.json": json.dumps([saved]).encode(),
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
    }
    part = target.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        for path, digest, _, _ in layers:
            info = tarfile.TarInfo(blob(digest[7:]))
            info.size = path.stat().st_size
            with path.open("rb") as file:
                tar.addfile(info, file)
        for member, content in texts.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    part.rename(target)

"""A layer with a million files: read whole, in memory and time that grow with the entries and nothing else."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import zstandard

from tests.support.random_image import config_json, digest, write_files

COUNT = 1_000_000
LOOK = """
import json, sys
from tare.image import analyse, open_image
with open_image(sys.argv[1]) as image:
    found = analyse(image)
    print(json.dumps([len(found.scans[0].entries), sum(1 for _ in found.tree.walk())]))
"""


def million(target: Path) -> str:
    """The blob of a layer of a million empty files in ten thousand directories; gives the diff ID."""
    model = tarfile.TarInfo("d0000/file0000000").tobuf(tarfile.USTAR_FORMAT)
    base = sum(model[:148]) + 8 * 32 + sum(model[156:])
    zero = sum(b"00000000000")
    plain = hashlib.sha256()
    with target.open("wb") as file, zstandard.ZstdCompressor(level=1).stream_writer(file) as packed:
        for start in range(0, COUNT, 10_000):
            part = bytearray()
            for number in range(start, start + 10_000):
                digits = b"%04d%07d" % (number % 10_000, number)
                head = b"d%b/file%b" % (digits[:4], digits[4:])
                part += head + model[17:148] + b"%06o\0 " % (base + sum(digits) - zero) + model[156:]
            plain.update(part)
            packed.write(part)
        plain.update(bytes(1024))
        packed.write(bytes(1024))
    return f"sha256:{plain.hexdigest()}"


def test_a_million_entries(tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    diff_id = million(blob)
    config = json.loads(config_json([b""]))
    config["rootfs"]["diff_ids"] = [diff_id]
    raw_config = json.dumps(config).encode()
    raw = blob.read_bytes()
    kind = "application/vnd.oci.image."
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "config": {
                "mediaType": f"{kind}config.v1+json",
                "digest": digest(raw_config),
                "size": len(raw_config),
            },
            "layers": [{"mediaType": f"{kind}layer.v1.tar+zstd", "digest": digest(raw), "size": len(raw)}],
        }
    ).encode()
    entry = {"mediaType": f"{kind}manifest.v1+json", "digest": digest(manifest), "size": len(manifest)}
    files = {"blobs/sha256/" + digest(one)[7:]: one for one in (raw_config, raw, manifest)}
    files |= {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
    }
    layout = write_files(tmp_path / "layout", files)
    assert len(raw) < 60_000_000
    with (tmp_path / "answer.json").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", LOOK, f"oci:{layout}"], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert json.loads((tmp_path / "answer.json").read_bytes()) == [COUNT, COUNT + 10_000]
    assert usage.ru_maxrss * 1024 / COUNT < 2000, "bytes of memory for each entry"

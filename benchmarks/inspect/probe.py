"""What the benchmark runs in a process of its own: `probe.py look|floor|cached ARCHIVE [CACHE]`; prints JSON.

`floor` does what nobody who verifies an image can leave out, and nothing else: read every layer, unpack it, hash what has
a digest. `look` is the library's whole analysis: entries, content identity, merged tree, packages, pull size.
"""

import hashlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import BinaryIO, cast

from tare.core.io import open_stream
from tare.image import Image, analyse, find_waste, open_image
from tare.image.access import Access
from tare.image.digests import VerifyingReader
from tare.image.layer_cache import LayerCache

_BUFFER = 1 << 20


def floor(image: Image) -> int:
    """Read, unpack and hash all layers; gives the unpacked bytes."""
    total = 0
    buffer = memoryview(bytearray(_BUFFER))
    for layer in image.layers:
        with image.open_blob(layer) as blob:
            packed = layer.digest != layer.diff_id
            reader = VerifyingReader(blob, layer.digest if packed else None, layer.digest)
            plain = open_stream(cast(BinaryIO, reader))
            running = hashlib.sha256()
            while count := plain.readinto(buffer):  # type: ignore[attr-defined]
                running.update(buffer[:count])
                total += count
            reader.finish()
            assert f"sha256:{running.hexdigest()}" == layer.diff_id
    return total


def main(what: str, archive: str, cache: str = "") -> None:
    """Do one thing and say what it cost, without the start of the interpreter."""
    started, wall = time.process_time(), time.monotonic()
    answer: dict[str, object] = {}
    with open_image(archive, access=Access()) as image:
        if what == "floor":
            answer["bytes"] = floor(image)
        else:
            found = analyse(image, cache=LayerCache(Path(cache)) if cache else None)
            waste = find_waste(found.tree)
            answer |= {
                "entries": sum(len(scan.entries) for scan in found.scans),
                "hidden_bytes": waste.hidden_bytes,
                "packages": len(found.packages),
            }
    answer |= {
        "cpu_s": time.process_time() - started,
        "wall_s": time.monotonic() - wall,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])

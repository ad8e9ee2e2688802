"""Images whose pages are looked at: one with waste of every kind and hostile names, one with very many files."""

from pathlib import Path

from tare import api
from tare.schema.inspect import InspectReport
from tests.support.random_image import Operation, layer_tar, write_docker_archive

HOSTILE = (
    "srv/</script><img src=x onerror=document.title='owned'>",
    "srv/<svg onload=document.title='owned'>",
    'srv/" autofocus onfocus="document.title=1',
    "srv/{{ 7 * 7 }}{% raw %}",
    "srv/\u2028line\u2029separators",
    "srv/bidi\u202egnp.exe",
    "srv/\x1b[31mred",
    "srv/<!--<script>",
    "srv/&lt;already&gt;",
)
LINES = b"all the same words again and again\n"


def small(directory: Path) -> InspectReport:
    """Three layers: everything, then a chmod, an overwrite and removals, then a copy of what was there."""
    base = [Operation("file", name, LINES * 40) for name in HOSTILE]
    base += [
        Operation(
            "file", f"usr/lib/python3/site-packages/torch/lib/part{number}.so", bytes([number]) * 90_000
        )
        for number in range(6)
    ]
    base += [
        Operation("file", "usr/lib/python3/site-packages/torch-2.1.0.dist-info/METADATA", _METADATA),
        Operation("file", "usr/lib/python3/site-packages/torch-2.1.0.dist-info/RECORD", _RECORD),
        Operation("file", "var/cache/apt/archives/a.deb", b"d" * 300_000),
        Operation("file", "opt/model.safetensors", b"w" * 700_000),
        Operation("file", "opt/tool", b"t" * 120_000),
        Operation("file", "etc/settings", LINES * 900),
    ]
    second = [
        Operation("file", "opt/tool", b"t" * 120_000, mode=0o755),
        Operation("file", "etc/settings", LINES * 901),
        Operation("whiteout", "var/cache/apt/archives/a.deb"),
    ]
    third = [
        Operation("file", "app/model.safetensors", b"w" * 700_000),
        Operation("file", "app/main.py", LINES),
    ]
    tars = [layer_tar(layer) for layer in (base, second, third)]
    archive = write_docker_archive(directory / "small.tar", tars, name="hostile:<b>latest</b>")
    return api.inspect(f"docker-archive:{archive}", files=True, changes=True)


_METADATA = b"Metadata-Version: 2.1\nName: torch\nVersion: 2.1.0\n"
_RECORD = b"".join(b"torch/lib/part%d.so,,\n" % number for number in range(6))

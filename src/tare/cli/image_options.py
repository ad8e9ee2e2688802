"""What the verbs that read images have in common on the command line."""

import os
import sys
from pathlib import Path

import click

from tare.image.access import Access, access_from_environment
from tare.image.layer_cache import LayerCache

PLATFORM = click.option("--platform", help="Which image of an index: linux/arm64.")
NO_CACHE = click.option(
    "--no-cache", is_flag=True, help="Neither use nor keep what was found in layers before."
)
INSECURE = click.option(
    "--insecure", is_flag=True, help="Ask registries without verified TLS, and without TLS."
)


def image_access(insecure: bool = False) -> Access:
    """The environment's engines, credentials, mirrors and stores; and stdin for `-`."""
    return access_from_environment(os.environ, insecure=insecure, stdin=sys.stdin.buffer)


def layer_cache(unwanted: bool) -> LayerCache | None:
    """The cache of layer scans beneath XDG_CACHE_HOME or ~/.cache; None where it is unwanted or there is no home."""
    if unwanted:
        return None
    named = os.environ.get("XDG_CACHE_HOME", "")
    if named.startswith("/"):
        return LayerCache(Path(named) / "tare")
    home = os.environ.get("HOME", "")
    return LayerCache(Path(home) / ".cache" / "tare") if home.startswith("/") else None

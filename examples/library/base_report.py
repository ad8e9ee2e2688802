"""What one change of each base saves over a fleet: python base_report.py STORE SOURCE…

STORE is a directory that keeps results: run it again and only what is new is read.
"""

import os
import sys
from pathlib import Path

from tare import api
from tare.image.access import access_from_environment


def main(store: str, sources: list[str]) -> int:
    report = api.fleet(sources, Path(store), access=access_from_environment(os.environ))
    for base in report.bases:
        saved = base.saved_pull_bytes.value
        told = "unknown" if saved is None else f"{saved:,.0f} bytes of pulls"
        print(f"{base.name or base.digest}: {base.images} images, {base.freeable_bytes:,} bytes can go, saves {told}")
        if base.fix:
            print(f"  {base.fix}")
    for missing in report.missing:  # the figures above do not hold these
        print(f"missing: {missing.what}: {missing.message}", file=sys.stderr)
    return 0 if report.complete else 2


if __name__ == "__main__":  # workers are processes of their own, which import this file
    sys.exit(main(sys.argv[1], sys.argv[2:]))

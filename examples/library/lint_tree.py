"""Safe fixes for every Dockerfile below a directory, as diffs; nothing is written: python lint_tree.py DIRECTORY"""

import sys
from collections import Counter
from pathlib import Path

from tare import api
from tare.api._lint import SAFE


def main(directory: str) -> int:
    report = api.lint([Path(directory)], fixes=SAFE, write=False)
    for change in report.changes:
        print(change.diff, end="")
    for (code, name), count in Counter((one.code, one.name) for one in report.findings).most_common():
        print(f"{count:>4} {code} {name}")
    for error in report.errors:  # a file that was not checked is not clean
        print(f"not checked: {error.path}: {error.message}", file=sys.stderr)
    return 2 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

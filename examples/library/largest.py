"""The largest packages of some images, and what fixes would free: python largest.py IMAGE…"""

import sys

from tare import api
from tare.core.errors import TareError


def main(references: list[str]) -> int:
    for reference in references:
        try:
            report = api.inspect(reference)
        except TareError as error:  # every expected failure: one message, its place, what to do next
            print(f"{error} ({error.hint})", file=sys.stderr)
            return error.exit_code
        print(f"{reference}: {report.size_bytes:,} bytes, {report.what_if.freeable_bytes:,} can go")
        for package in report.packages[:5]:
            print(f"  {package.size_bytes:>12,}  {package.manager} {package.name} {package.version}")
        for item in report.what_if.items[:3]:
            print(f"  {item.size_bytes:>12,}  {item.name}: {item.remedy.title}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

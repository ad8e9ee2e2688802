"""What a team has decided to live with: `[[ignore]]` entries with an end, a reason and an owner."""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from tare.core.errors import UsageError


class Ignore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`id` is any name of the vulnerability. `until` is the last day; without one the entry never ends, which `reason`
    should argue. `package`, `path` and `image` are patterns."""

    id: str
    reason: str
    until: date | None = None
    owner: str = ""
    package: str = "*"
    path: str = "*"
    image: str = "*"


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy file."""

    ignore: tuple[Ignore, ...] = ()


@dataclass(slots=True)
class PolicyRun:
    """A policy applied to one scan; notes which entries were used. `complete`: everything was checked, so that an entry which
    was not used is not needed."""

    policy: Policy
    image: str
    today: date
    used: set[int]
    complete: bool = True

    def ignored(self, names: set[str], package: str, path: str) -> str:
        """The reason of the entry that covers a finding, '' when none does. Expired entries cover nothing."""
        for place, entry in enumerate(self.policy.ignore):
            covered = (
                entry.id in names
                and fnmatchcase(package, entry.package)
                and fnmatchcase(path, entry.path)
                and fnmatchcase(self.image, entry.image)
            )
            if covered:
                self.used.add(place)
                if entry.until is None or entry.until >= self.today:
                    return entry.reason
        return ""

    def warnings(self) -> tuple[str, ...]:
        """Entries that have ended, or that nothing needed."""
        found = []
        for place, entry in enumerate(self.policy.ignore):
            if place not in self.used:
                if not self.complete:
                    continue
                found.append(f"the policy ignores {entry.id}, which is not there any more")
            elif entry.until is not None and entry.until < self.today:
                found.append(f"the policy's entry for {entry.id} ended on {entry.until}")
        return tuple(found)


def policy_text(entries: Iterable[Ignore]) -> str:
    """A policy file that covers exactly these, sorted so that changes of it read well."""
    blocks = []
    for entry in sorted(entries, key=lambda one: (one.id, one.package, one.path)):
        rows = [
            f"{name} = {_toml(getattr(entry, name))}"
            for name in ("id", "reason", "until", "owner", "package", "path")
        ]
        blocks.append(
            "\n".join(["[[ignore]]", *(row for row in rows if not row.endswith(('= ""', '= "*"', "= None")))])
        )
    return "\n\n".join(blocks) + "\n"


def exactly(text: str) -> str:
    """A pattern that fits this text alone."""
    return re.sub(r"([*?[])", r"[\1]", text)


def _toml(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else str(value)


def read_policy(path: Path) -> Policy:
    """Read a policy. Raises `UsageError` with the file and the key."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Policy)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UsageError(
            str(error), where=str(path), hint="[[ignore]] with id, reason, until, owner, package, path"
        ) from error

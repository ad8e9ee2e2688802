"""Requirement files made flat: every requirement with its place, the index options, and what no index
can answer.

Only what an estimate needs of pip's format
(https://pip.pypa.io/en/stable/reference/requirements-file-format/): nested `-r` and `-c`, continuations,
comments, hashes, index options, direct references.
"""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tare.core.errors import ProjectError
from tare.knowledge.index_settings import IndexSettings

_VCS = re.compile(r"^((git|hg|svn|bzr)\+|[\w.\[\],-]+\s*@\s*(git|hg|svn|bzr)\+)", re.IGNORECASE)
_DIRECT = re.compile(r"^(?:(?P<name>[\w.\[\],-]+)\s*@\s*)?(?P<url>(https?|file)://\S+|\.{0,2}/\S+|\.)")
_OPTIONS_WITH_VALUE = {
    "-r": "-r",
    "--requirement": "-r",
    "-c": "-c",
    "--constraint": "-c",
    "-i": "--index-url",
    "--index-url": "--index-url",
    "--pypi-url": "--index-url",
    "--extra-index-url": "--extra-index-url",
    "-f": "--find-links",
    "--find-links": "--find-links",
    "-e": "-e",
    "--editable": "-e",
}


_HASH = re.compile(r"\s--hash[=\s]+(\w+:[0-9a-fA-F]+)")


@dataclass(frozen=True, slots=True)
class RequirementText:
    """One requirement as pip and uv read it, and where it stands (`requirements.txt:3`). `hashes`: those that its file may
    have, as `sha256:…`; any where there is none."""

    text: str
    where: str
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlatRequirements:
    """All requirements and constraints. `skipped` are those that only a checkout or a build can size:
    editable, VCS and local ones. `settings` has the index options of the files on top of those handed
    in."""

    requirements: tuple[RequirementText, ...]
    constraints: tuple[RequirementText, ...]
    skipped: tuple[RequirementText, ...]
    settings: IndexSettings


@dataclass(slots=True)
class _Collector:
    settings: IndexSettings
    requirements: list[RequirementText]
    constraints: list[RequirementText]
    skipped: list[RequirementText]
    seen: set[tuple[Path, bool]]

    def file(self, path: Path, *, constraint: bool, asked_by: str | None = None) -> None:
        key = (path.resolve(), constraint)
        if key in self.seen:
            return
        self.seen.add(key)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ProjectError(
                f"the requirements file {path} cannot be read: {error.strerror}",
                where=asked_by,
                hint="a `-r` or `-c` path is relative to the file that names it",
            ) from error
        except UnicodeDecodeError as error:
            raise ProjectError(
                "the requirements file is not UTF-8 text", where=str(path), hint="save it as UTF-8"
            ) from error
        self.lines(text.splitlines(), str(path), path.parent, constraint=constraint)

    def lines(self, lines: list[str], name: str, folder: Path, *, constraint: bool) -> None:
        for number, line in _logical(lines):
            where = f"{name}:{number}"
            if line.startswith("-"):
                self.option(line, where, folder, constraint=constraint)
                continue
            text = re.split(r"\s--(?:hash|config-settings?|global-option)\b", line)[0].strip()
            entry = RequirementText(text, where, tuple(sorted(_HASH.findall(line))))
            direct = _DIRECT.match(text)
            if (
                _VCS.match(text)
                or (direct and not direct["url"].split("#")[0].endswith(".whl"))
                or (direct and not direct["url"].startswith("http"))
            ):
                self.skipped.append(entry)
            else:
                (self.constraints if constraint else self.requirements).append(entry)

    def option(self, line: str, where: str, folder: Path, *, constraint: bool) -> None:
        try:
            words = shlex.split(line)
        except ValueError:
            words = line.split()
        head, equals, value = words[0].partition("=")
        if not equals and head not in _OPTIONS_WITH_VALUE and head[:2] in ("-r", "-c", "-e", "-i", "-f"):
            head, value = head[:2], head[2:]
        option = _OPTIONS_WITH_VALUE.get(head)
        value = value or (words[1] if len(words) > 1 else "")
        match option:
            case "-r" | "-c":
                if "://" in value:
                    self.skipped.append(RequirementText(line, where))
                else:
                    nested = folder / value
                    self.file(nested, constraint=constraint or option == "-c", asked_by=where)
            case "--index-url":
                self.settings = replace(self.settings, index_url=value)
            case "--extra-index-url":
                urls = (*self.settings.extra_index_urls, value)
                self.settings = replace(self.settings, extra_index_urls=tuple(dict.fromkeys(urls)))
            case "--find-links":
                place = value if "://" in value else str((folder / value).absolute())
                places = tuple(dict.fromkeys((*self.settings.find_links, place)))
                self.settings = replace(self.settings, find_links=places)
            case "-e":
                self.skipped.append(RequirementText(line, where))
            case _:
                if head == "--no-index":
                    self.settings = replace(self.settings, no_index=True)


def _logical(lines: list[str]) -> Iterable[tuple[int, str]]:
    """Lines with continuations joined and comments gone, each with the number of its first line."""
    held = ""
    start = 0
    for number, line in enumerate(lines, 1):
        start = start or number
        body = re.sub(r"(^|\s)#.*$", "", line)
        if body.endswith("\\") and body == line:
            held += body[:-1] + " "
            continue
        text = (held + body).strip()
        if text:
            yield start, text
        held, start = "", 0
    if held.strip():
        yield start, held.strip()


def flatten(
    files: Iterable[Path] = (),
    lines: Iterable[str] = (),
    *,
    settings: IndexSettings,
    constraints: Iterable[Path] = (),
    constraint_lines: Iterable[str] = (),
    folder: Path = Path(),
) -> FlatRequirements:
    """Read requirement files and further lines (from a command, relative to `folder`) as one list. `constraint_lines`: as
    in a constraints file, such as the pins of a lock.

    Raises `ProjectError` for files that cannot be read.
    """
    collector = _Collector(settings, [], [], [], set())
    for path in files:
        collector.file(path, constraint=False)
    for path in constraints:
        collector.file(path, constraint=True)
    collector.lines(list(lines), "command", folder, constraint=False)
    collector.lines(list(constraint_lines), "lock", folder, constraint=True)
    return FlatRequirements(
        tuple(collector.requirements),
        tuple(collector.constraints),
        tuple(collector.skipped),
        collector.settings,
    )

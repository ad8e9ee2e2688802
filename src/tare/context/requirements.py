"""Requirement files as pip reads them: options, nesting, continuations, comments, hashes, encodings.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. `${NAME}` is kept as written.
"""

import codecs
import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_COMMENT = re.compile(r"(^|\s+)#.*$")
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32, "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_VCS = re.compile(r"^(git|hg|svn|bzr)\+", re.I)
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://|^file:")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][\w.-]*)(\[[^\]]*\])?")
_WHEEL = re.compile(r"([A-Za-z0-9][\w.]*)-[^-/]+(?:-\d[^-/]*)?-[^-/]+-[^-/]+-[^-/]+\.whl")
_SHORT = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
}
_SWITCHES = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes", "--always-unzip", "-Z"})


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One requirement.

    `text` is the logical line without comments and options. `name` is normalised, None for a bare URL or path that
    names nothing. `specifier` as in `>=1,<2` ('' for any), `url` for direct references, VCS URLs and local paths.
    `path` and `line` (from 1, `end_line` inclusive) say where it stands.
    """

    text: str
    name: str | None
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str | None = None
    url: str | None = None
    editable: bool = False
    hashes: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    constraint: bool = False
    path: str = ""
    line: int = 0
    end_line: int = 0

    @property
    def pinned(self) -> str | None:
        """The one version that `==` or `===` allows; None otherwise."""
        match = re.fullmatch(r"={2,3}\s*([^\s,*]+)", self.specifier)
        return match.group(1) if match else None

    @property
    def is_local(self) -> bool:
        """Whether it is a path in the project rather than a name or an address."""
        return self.url is not None and not _SCHEME.match(self.url) and not _VCS.match(self.url)


@dataclass(frozen=True, slots=True)
class Include:
    """A `-r` or `-c` line. `target` is relative to the context, None when it is a URL or leads out of it."""

    written: str
    target: str | None
    constraint: bool
    line: int


@dataclass(frozen=True, slots=True)
class RequirementFile:
    """One file of requirements with its own lines only; `includes` names the others.

    `options` holds every option line as (name, value, line), long names; the properties pick from it.
    """

    path: str
    lines: tuple[RequirementLine, ...]
    includes: tuple[Include, ...] = ()
    options: tuple[tuple[str, str, int], ...] = ()
    problems: tuple[str, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Values of an option such as `--extra-index-url`, in order."""
        return tuple(value for option, value, _ in self.options if option == name)

    @property
    def index_url(self) -> str | None:
        """The last `--index-url`, None when the default index is used."""
        given = self.values("--index-url")
        return given[-1] if given else None

    @property
    def extra_index_urls(self) -> tuple[str, ...]:
        """Every `--extra-index-url`."""
        return self.values("--extra-index-url")

    @property
    def require_hashes(self) -> bool:
        """Whether pip would demand hashes for everything: asked for, or any line has one."""
        return bool(self.values("--require-hashes")) or any(line.hashes for line in self.lines)


def decode(data: bytes) -> tuple[str, str | None]:
    """Text of a requirement file by BOM, coding line, then UTF-8; and a problem when bytes had to be replaced."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode(data[len(bom) :], "utf-16-le" if encoding == "utf-16" else encoding)
    for line in data.split(b"\n")[:2]:
        coding = _CODING.search(line) if line.startswith(b"#") else None
        if coding:
            return _decode(data, coding.group(1).decode("ascii"))
    return _decode(data, "utf-8")


def _decode(data: bytes, encoding: str) -> tuple[str, str | None]:
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), f"not valid {encoding}; undecodable bytes were replaced"
    except LookupError:
        return data.decode("utf-8", "replace"), f"unknown encoding {encoding!r}; read as UTF-8"


def logical_lines(text: str) -> Iterator[tuple[str, int, int]]:
    """Lines with continuations joined and comments gone: (text, first line, last line)."""
    parts: list[str] = []
    first = 0
    number = 0
    for number, raw in enumerate(text.splitlines(), 1):
        comment = _COMMENT.match(raw)
        if raw.endswith("\\") and not comment:
            first = first if parts else number
            parts.append(raw.strip("\\"))
            continue
        parts.append(" " + raw if comment else raw)
        yield _COMMENT.sub("", "".join(parts)).strip(), first or number, number
        parts, first = [], 0
    if parts:
        yield _COMMENT.sub("", "".join(parts)).strip(), first, number


def parse_requirements(data: bytes, path: str) -> RequirementFile:
    """Read one requirement file. What pip would refuse becomes a problem that names the line."""
    text, problem = decode(data)
    problems = [problem] if problem else []
    lines: list[RequirementLine] = []
    includes: list[Include] = []
    options: list[tuple[str, str, int]] = []
    for logical, first, last in logical_lines(text):
        if not logical:
            continue
        words = logical.split(" ")
        start = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
        subject = " ".join(words[:start]).strip()
        try:
            given = tuple(_options(" ".join(words[start:])))
        except ValueError as error:
            problems.append(f"line {first}: {error}")
            continue
        editable = [value for name, value in given if name == "--editable"]
        if subject or editable:
            own = tuple(item for item in given if item[0] not in ("--editable", "--hash"))
            hashes = tuple(value for name, value in given if name == "--hash")
            made = parse_line(editable[0] if editable else subject, path=path, line=first, end_line=last)
            if isinstance(made, str):
                problems.append(f"line {first}: {made}")
            else:
                lines.append(replace(made, editable=bool(editable), hashes=hashes, options=own))
            continue
        for name, value in given:
            if name in ("--requirement", "--constraint"):
                includes.append(Include(value, _beside(path, value), name == "--constraint", first))
            else:
                options.append((name, value, first))
    return RequirementFile(path, tuple(lines), tuple(includes), tuple(options), tuple(problems))


def _options(text: str) -> Iterator[tuple[str, str]]:
    words = iter(shlex.split(text))
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--") and len(name) > 2 and name.startswith("-"):
            name, equals, value = word[:2], "=", word[2:].removeprefix("=")
        name = _SHORT.get(name, name)
        if name == "--pypi-url":
            name = "--index-url"
        if not name.startswith("-"):
            raise ValueError(f"{word!r} stands after an option")
        if not equals and name not in _SWITCHES:
            value = next(words, "")
        yield name, value


def _beside(path: str, target: str) -> str | None:
    if _SCHEME.match(target):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return None if joined.startswith(("../", "/")) or joined == ".." else joined


def parse_line(text: str, *, path: str = "", line: int = 0, end_line: int = 0) -> RequirementLine | str:
    """One requirement without options; the problem as a sentence when it is none."""
    address, marker = _split_marker(text)
    if _VCS.match(address) or _SCHEME.match(address) or _is_path(address):
        egg = _EGG.search(address)
        wheel = _WHEEL.search(posixpath.basename(address))
        name = egg.group(1) if egg else wheel.group(1) if wheel else None
        extras = re.search(r"\[([^\]]*)\]$", address) if _is_path(address) else None
        url = address[: extras.start()] if extras else address
        names = extras.group(1) if extras else (egg.group(2) or "").strip("[]") if egg else ""
        return RequirementLine(
            text=text,
            name=canonicalize_name(name) if name else None,
            extras=tuple(part.strip() for part in names.split(",") if part.strip()),
            marker=marker,
            url=url,
            path=path,
            line=line,
            end_line=end_line,
        )
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        return f"{text!r} is not a requirement: {str(error).splitlines()[0]}"
    return RequirementLine(
        text=text,
        name=canonicalize_name(parsed.name),
        specifier=str(parsed.specifier),
        extras=tuple(sorted(parsed.extras)),
        marker=str(parsed.marker) if parsed.marker else None,
        url=parsed.url,
        path=path,
        line=line,
        end_line=end_line,
    )


def _split_marker(text: str) -> tuple[str, str | None]:
    address, separator, marker = text.partition("; " if _SCHEME.match(text) or _VCS.match(text) else ";")
    return address.strip(), marker.strip() if separator else None


def _is_path(text: str) -> bool:
    return text.startswith((".", "/", "~")) or (
        "@" not in text and ("/" in text or text.endswith((".whl", ".tar.gz", ".zip")))
    )


def read_all(starts: Iterable[str], load: Callable[[str], bytes | None]) -> tuple[RequirementFile, ...]:
    """Read files and all that they include, each once, in the order met.

    `load` answers with a file's bytes, None when it cannot be had; that becomes a problem of the including file.
    """
    done: dict[str, RequirementFile] = {}
    constraints: set[str] = set()
    waiting = list(starts)
    while waiting:
        path = waiting.pop(0)
        data = load(path) if path not in done else None
        if data is None:
            continue
        parsed = parse_requirements(data, path)
        missing = [
            f"line {include.line}: {include.written} is not in the build context"
            for include in parsed.includes
            if include.target is not None and include.target not in done and load(include.target) is None
        ]
        constraints.update(i.target for i in parsed.includes if i.constraint and i.target)
        done[path] = replace(parsed, problems=(*parsed.problems, *missing))
        waiting[:0] = [include.target for include in parsed.includes if include.target]
    return tuple(_as_constraints(file) if file.path in constraints else file for file in done.values())


def _as_constraints(file: RequirementFile) -> RequirementFile:
    return replace(file, lines=tuple(replace(line, constraint=True) for line in file.lines))

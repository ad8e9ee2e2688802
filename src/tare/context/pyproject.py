"""`pyproject.toml`: what it asks for and which files of the project its build reads.

`[project]` (PEP 621), `[dependency-groups]` (PEP 735), `[build-system]` (PEP 518) and `[tool.poetry]`; Poetry's
constraints are given as PEP 440 specifiers.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from tare.context.requirements import RequirementLine, parse_line


@dataclass(frozen=True, slots=True)
class PyProject:
    """Facts of one `pyproject.toml`. `extras` and `groups` map names to requirements.

    `build_files` are paths beside it that the build reads (readme, licence), as written.
    """

    path: str
    name: str | None = None
    requires_python: str | None = None
    dependencies: tuple[RequirementLine, ...] = ()
    extras: Mapping[str, tuple[RequirementLine, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[RequirementLine, ...]] = field(default_factory=dict)
    build_requires: tuple[RequirementLine, ...] = ()
    build_backend: str | None = None
    build_files: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    poetry: bool = False
    problems: tuple[str, ...] = ()


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.lines = text.splitlines()
        self.path = path
        self.problems: list[str] = []

    def line_of(self, needle: str) -> int:
        """The first line that holds a text, 1 when TOML spelt it in another way."""
        return next((n for n, line in enumerate(self.lines, 1) if needle in line), 1)

    def requirements(self, value: object) -> tuple[RequirementLine, ...]:
        made: list[RequirementLine] = []
        for text in _strings(value):
            line = self.line_of(text)
            parsed = parse_line(text, path=self.path, line=line, end_line=line)
            if isinstance(parsed, str):
                self.problems.append(parsed)
            else:
                made.append(parsed)
        return tuple(made)

    def poetry(self, value: object) -> tuple[RequirementLine, ...]:
        made: list[RequirementLine] = []
        for name, wish in _table(value).items():
            if name == "python":
                continue
            for one in wish if isinstance(wish, list) else [wish]:
                line = next(
                    (n for n, text in enumerate(self.lines, 1) if re.match(rf"\W*{re.escape(name)}\b", text)),
                    1,
                )
                made.append(_poetry_line(name, one, self.path, line))
        return tuple(made)


def parse_pyproject(data: bytes, path: str) -> PyProject:
    """Read a `pyproject.toml`. A file that is not TOML yields an empty `PyProject` with a problem."""
    try:
        text = data.decode()
        tree = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return PyProject(path, problems=(f"not valid TOML: {error}",))
    reader = _Reader(text, path)
    project = _table(tree.get("project"))
    poetry = _table(_table(tree.get("tool")).get("poetry"))
    build = _table(tree.get("build-system"))
    groups = _groups(_table(tree.get("dependency-groups")), reader)
    for name, group in _table(poetry.get("group")).items():
        groups[name] = reader.poetry(_table(group).get("dependencies"))
    if "dev-dependencies" in poetry:
        groups.setdefault("dev", reader.poetry(poetry["dev-dependencies"]))
    extras = {n: reader.requirements(v) for n, v in _table(project.get("optional-dependencies")).items()}
    return PyProject(
        path=path,
        name=_string(project.get("name")) or _string(poetry.get("name")),
        requires_python=_string(project.get("requires-python"))
        or _poetry_specifier(_string(_table(poetry.get("dependencies")).get("python")) or "")
        or None,
        dependencies=reader.requirements(project.get("dependencies"))
        + reader.poetry(poetry.get("dependencies")),
        extras=extras,
        groups=groups,
        build_requires=reader.requirements(build.get("requires")),
        build_backend=_string(build.get("build-backend")),
        build_files=_build_files(project, poetry),
        scripts=tuple(sorted({**_table(project.get("scripts")), **_table(poetry.get("scripts"))})),
        dynamic=_strings(project.get("dynamic")),
        poetry=bool(poetry),
        problems=tuple(reader.problems),
    )


def _groups(tables: Mapping[str, object], reader: _Reader) -> dict[str, tuple[RequirementLine, ...]]:
    """Dependency groups with their `include-group` entries followed; a circle ends where it closes."""

    def resolve(name: str, seen: frozenset[str]) -> tuple[RequirementLine, ...]:
        made: tuple[RequirementLine, ...] = ()
        value = tables.get(name)
        for item in value if isinstance(value, list) else ():
            included = _string(_table(item).get("include-group"))
            if included and included not in seen:
                made += resolve(included, seen | {included})
            elif isinstance(item, str):
                made += reader.requirements([item])
        return made

    return {name: resolve(name, frozenset({name})) for name in tables}


def _build_files(project: Mapping[str, object], poetry: Mapping[str, object]) -> tuple[str, ...]:
    found: list[str] = []
    for value in (project.get("readme"), project.get("license"), poetry.get("readme")):
        if isinstance(value, Mapping):
            found.extend(_strings([value.get("file")]))
        else:
            found.extend(_strings(value if isinstance(value, list) else [value]))
    found.extend(_strings(project.get("license-files")))
    return tuple(dict.fromkeys(found))


def _poetry_line(name: str, wish: object, path: str, line: int) -> RequirementLine:
    table = _table(wish)
    version = _string(wish) or _string(table.get("version")) or ""
    git = _string(table.get("git"))
    reference = next((_string(table[key]) for key in ("rev", "tag", "branch") if key in table), None)
    url = f"git+{git}{'@' + reference if reference else ''}" if git else None
    url = url or _string(table.get("url")) or _string(table.get("path"))
    extras = _strings(table.get("extras"))
    specifier = "" if url else _poetry_specifier(version)
    markers = [_string(table.get("markers")) or ""]
    python = _poetry_specifier(_string(table.get("python")) or "")
    markers += [
        f"python_version {p}" for p in re.sub(r"([<>=!~]+)([^,]+)", r"\1 '\2'", python).split(",") if p
    ]
    marker = " and ".join(part for part in markers if part) or None
    bracket = f"[{','.join(extras)}]" if extras else ""
    text = f"{name}{bracket}{' @ ' + url if url else specifier}{' ; ' + marker if marker else ''}"
    return RequirementLine(
        text=text,
        name=canonicalize_name(name),
        specifier=specifier,
        extras=extras,
        marker=marker,
        url=url,
        editable=table.get("develop") is True,
        path=path,
        line=line,
        end_line=line,
    )


def _poetry_specifier(text: str) -> str:
    """A Poetry constraint in PEP 440: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`, `*` anything, `1.2` is `==1.2`.

    https://python-poetry.org/docs/dependency-specification/. Alternatives (`||`) have no PEP 440 form: the lowest
    bound of the first is kept, nothing else.
    """
    first = text.split("||")[0].strip()
    parts = [part.strip() for part in first.split(",") if part.strip() not in ("", "*")]
    made = ",".join(_one_constraint(part) for part in parts)
    return made if "||" not in text else ",".join(p for p in made.split(",") if p.startswith(">="))


def _one_constraint(part: str) -> str:
    match = re.fullmatch(r"([\^~])\s*v?(\d+(?:\.\d+)*)(.*)", part)
    if match is None:
        return re.sub(r"\s+", "", part) if re.match(r"[<>=!~]", part) else f"=={part}"
    sign, release, rest = match.groups()
    numbers = [int(number) for number in release.split(".")]
    last = len(numbers) - 1
    place = min(1, last) if sign == "~" else next((i for i, n in enumerate(numbers) if n), last)
    upper = [*numbers[:place], numbers[place] + 1]
    return f">={release}{rest},<{'.'.join(map(str, upper))}"


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

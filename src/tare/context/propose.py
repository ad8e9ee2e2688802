"""A `.dockerignore` that keeps what is there and adds what must not travel, and never takes away what is needed.

What is needed is collected first (`needed_paths`). Every pattern is then tried with the engine's own rules on the
whole file so far; one that would leave out anything needed is replaced by plain paths, or given up.
"""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tare.context.baggage import BAGGAGE, HARMLESS_SECRETS, STANDING, Baggage, Category, heavy_kind
from tare.context.ignore import IgnoreRules, Verdict, parse_ignore
from tare.context.project import ProjectFacts, is_test
from tare.context.usage import Use, find_uses
from tare.context.walk import Context, ContextEntry
from tare.dockerfile.nodes import Dockerfile

_VERSIONED_BY_GIT = frozenset(
    {
        "setuptools-scm",
        "hatch-vcs",
        "poetry-dynamic-versioning",
        "versioneer",
        "pbr",
        "uv-dynamic-versioning",
        "versioningit",
    }
)
_GIT_NEEDED = re.compile(
    r"\bgit\s+(?:-\S+\s+)*(?:rev-parse|describe|log|status|submodule|show|rev-list)\b|\bdvc\s+pull\b"
)
_TESTS_RUN = re.compile(r"\b(pytest|unittest|nose2?|tox|nox|manage\.py\s+test)\b")
_MOST_PLAIN_PATHS = 50
_WORD = re.compile(r"[\w./@+-]+")
_SPECIAL = re.compile(r"([\\*?\[\]])")


@dataclass(frozen=True, slots=True)
class AddedPattern:
    """One line of the proposal. `size_bytes` and `files` count what it alone newly leaves out."""

    pattern: str
    reason: str
    size_bytes: int
    files: int
    category: Category


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file that looks like a secret. `left_out`: the proposal keeps it out; otherwise `reason` says why it cannot."""

    path: str
    reason: str
    left_out: bool


@dataclass(frozen=True, slots=True)
class IgnoreProposal:
    """`text` is the whole new file, to be written to `path`; equal to the old text when nothing is added.

    `kept` maps paths that look like baggage but stay to what needs them.
    """

    path: Path
    text: str
    added: tuple[AddedPattern, ...]
    secrets: tuple[SecretFile, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def size_bytes(self) -> int:
        """Bytes that no longer travel."""
        return sum(added.size_bytes for added in self.added)


def propose_ignore(context: Context, dockerfile: Dockerfile, project: ProjectFacts) -> IgnoreProposal:
    """Propose an ignore file. Nothing that is needed and sent today is left out by it."""
    target = context.ignore_path or context.root / ".dockerignore"
    uses = find_uses(dockerfile)
    if not all(use.known for use in uses):
        reason = "a COPY source holds a variable whose value is not known"
        return IgnoreProposal(
            target, context.ignore_text, (), _secrets(context, context.rules, {}), (("*", reason),)
        )
    needed = needed_paths(context, dockerfile, project, uses)
    draft = _Draft(context, needed)
    inside = named_inside(context, uses)
    for baggage in BAGGAGE:
        draft.add(baggage, frozenset() if baggage.junk else inside)
    for baggage in _environments(context):
        draft.add(baggage, frozenset())
    if _sources_understood(project):
        for baggage in _heavy(context):
            draft.add(baggage, inside)
    if context.ignore_path is None and any(use.whole for use in uses):
        tools = {path for path, _ in _needed_by_tools(context, dockerfile, project)}
        for baggage in STANDING:
            name = baggage.pattern.removeprefix("**/")
            if name not in tools and not any(use.names(name) for use in uses if not use.whole):
                draft.stand(baggage)
    lost = {
        path: why
        for path, why in needed.items()
        if draft.rules.excluded(path) and not context.rules.excluded(path)
    }
    if lost:
        return IgnoreProposal(
            target, context.ignore_text, (), _secrets(context, context.rules, needed), tuple(lost.items())
        )
    return IgnoreProposal(
        path=target,
        text=draft.text,
        added=tuple(draft.added),
        secrets=_secrets(context, draft.rules, needed),
        kept=tuple(sorted(draft.kept.items())),
    )


def needed_paths(
    context: Context, dockerfile: Dockerfile, project: ProjectFacts, uses: Iterable[Use]
) -> dict[str, str]:
    """Paths that must go on being sent, each with the reason. A directory stands for itself, not for what it holds;
    what must be kept inside is listed too."""
    needed: dict[str, str] = {}
    sent = sorted(entry.path for entry in context.sent)
    environments = tuple(posixpath.dirname(path) for path in sent if path.endswith("/pyvenv.cfg"))

    def keep(path: str, reason: str, *, inside: bool = False) -> None:
        if context.holds(path):
            needed.setdefault(path, reason)
        if inside:
            for other in sent[bisect_left(sent, path + "/") : bisect_left(sent, path + "0")]:
                needed.setdefault(other, reason)

    for use in uses:
        if not use.whole:
            for path in sent:
                if use.names(path):
                    keep(
                        path,
                        f"named by {'a bind mount' if use.mount else use.instruction.keyword} (line {use.instruction.line})",
                    )
    for path in project.build_files:
        keep(path, "read when dependencies or the project are installed", inside=True)
    for path in project.local_files:
        keep(path, "imported by the application")
    for found in project.opened_files:
        if any(found.value == home or found.value.startswith(home + "/") for home in environments):
            continue  # an environment of another machine is of no use to the application that names it
        keep(found.value, f"named in {found.path}:{found.line}", inside=True)
    for native in project.native_extensions:
        keep(native.value, "native code that the build compiles or the application loads")
    for path, line in _named_in_commands(context, dockerfile):
        keep(path, f"named by a command (line {line})", inside=True)
    for path, reason in _needed_by_tools(context, dockerfile, project):
        keep(path, reason, inside=True)
    for path in _exceptions(context):
        keep(path, "re-included by an existing line that begins with !")
    return needed


def named_inside(context: Context, uses: Iterable[Use]) -> frozenset[str]:
    """Paths inside directories that a COPY names, other than the whole context."""
    narrow = [use for use in uses if not use.whole]
    return frozenset(e.path for e in context.sent if any(use.takes(e.path) for use in narrow))


def _named_in_commands(context: Context, dockerfile: Dockerfile) -> Iterator[tuple[str, int]]:
    """Context paths that RUN, CMD, ENTRYPOINT and the like name, relative or by the end of an absolute path."""
    for instruction in dockerfile.instructions:
        if instruction.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ENV", "ONBUILD"):
            continue
        text = instruction.value + "\n" + "\n".join(doc.content for doc in instruction.heredocs)
        for word in dict.fromkeys(_WORD.findall(text)):
            parts = [part for part in word.split("/") if part not in ("", ".")]
            ends = range(len(parts)) if word.startswith("/") else range(min(1, len(parts)))
            for start in ends:
                path = "/".join(parts[start:])
                plain = "/" not in path and "." not in path and instruction.keyword in ("ENV",)
                if context.holds(path) and not plain:
                    yield path, instruction.line
                    break


def _needed_by_tools(
    context: Context, dockerfile: Dockerfile, project: ProjectFacts
) -> Iterator[tuple[str, str]]:
    runs = "\n".join(
        i.value + "".join(doc.content for doc in i.heredocs)
        for i in dockerfile.instructions
        if i.keyword == "RUN"
    )
    requires = {
        line.name for one in project.pyprojects for line in one.build_requires
    } | project.distributions
    if (
        _GIT_NEEDED.search(runs)
        or requires & _VERSIONED_BY_GIT
        or re.search(r"\bgit\b", " ".join(project.programs))
    ):
        yield ".git", "the build or the application asks Git about the project"
    if _TESTS_RUN.search(runs):
        for entry in context.sent:
            if is_test(entry.path) or entry.path in ("tests", "test"):
                yield entry.path, "the build runs the tests"
    if re.search(r"\b(npm|yarn|pnpm|node|npx)\b", runs):
        for entry in context.sent:
            if posixpath.basename(entry.path) == "node_modules":
                yield entry.path, "the build uses Node"


def _exceptions(context: Context) -> Iterator[str]:
    """Paths that are sent only because a line of the existing file brings them back."""
    rules = context.rules
    if not rules.has_exceptions:
        return
    plain = IgnoreRules(tuple(pattern for pattern in rules.patterns if not pattern.exception))
    for entry in context.sent:
        # what `*` hides and `!src` brings back is a whole tree; only what a line matches itself is meant by name
        named = any(p.exception and p.matches(entry.path) for p in rules.patterns)
        if named and plain.excluded(entry.path) and not rules.excluded(entry.path):
            yield entry.path


def _environments(context: Context) -> Iterator[Baggage]:
    """Virtual environments, known by `pyvenv.cfg` whatever they are called."""
    for entry in context.sent:
        home, name = posixpath.split(entry.path)
        if name == "pyvenv.cfg" and home:
            yield Baggage(quote(home), "environment", "virtual environment of another machine")


def _sources_understood(project: ProjectFacts) -> bool:
    """Whether "nothing opens it" can be said at all: there is source, and all of it could be parsed."""
    return bool(project.source_files) and not any(one.path.endswith(".py") for one in project.problems)


def _heavy(context: Context) -> Iterator[Baggage]:
    """Data sets and weights, by directory when a directory holds nothing else."""
    kinds = {e.path: kind for e in context.sent if (kind := heavy_kind(e.path, e.size_bytes)) is not None}
    by_directory: dict[str, list[str]] = {}
    for entry in context.sent:
        if entry.kind != "directory":
            by_directory.setdefault(posixpath.dirname(entry.path), []).append(entry.path)
    done: set[str] = set()
    for path, kind in kinds.items():
        home = posixpath.dirname(path)
        words = "model weights" if kind == "model" else "data set"
        reason = f"{words} that nothing in the application opens"
        below = any(other.startswith(home + "/") for other in by_directory) if home else True
        if home and not below and all(kinds.get(other) == kind for other in by_directory[home]):
            if home not in done:
                done.add(home)
                yield Baggage(quote(home), kind, reason, junk=False)
        else:
            yield Baggage(quote(path), kind, reason, junk=False)


def quote(path: str) -> str:
    """A path as an ignore pattern that matches it alone. A name that the file format cannot hold gives a pattern
    with `?` in place of what it cannot hold."""
    text = re.sub(r"[\x00-\x1f|{}\udc80-\udcff]", "?", _SPECIAL.sub(r"\\\1", path))
    text = re.sub(r"^\s|\s$", "?", text)
    return "\\" + text if text.startswith(("#", "!")) else text


class _Draft:
    """The growing file. A line is only kept if nothing needed is lost by it."""

    def __init__(self, context: Context, needed: dict[str, str]) -> None:
        self.needed = needed
        self.text = context.ignore_text
        self.rules = context.rules
        self.left: dict[str, ContextEntry] = {entry.path: entry for entry in context.sent}
        self.added: list[AddedPattern] = []
        self.kept: dict[str, str] = {}

    def add(self, baggage: Baggage, guarded: frozenset[str]) -> None:
        """Add one kind, by its pattern if that is harmless, else path by path."""
        rules = parse_ignore(baggage.pattern)
        hits = every = matching(rules, self.left)
        if baggage.category == "secret":
            hits = [path for path in every if not HARMLESS_SECRETS.search(path)]
        if not hits:
            return
        blocked = [path for path in hits if path in self.needed or path in guarded]
        if not blocked and len(hits) == len(every) and self.line(baggage, baggage.pattern):
            return
        for path in blocked:
            self.kept[path] = self.needed.get(path, "inside a directory that a COPY names")
        stays = set(blocked)
        for path in blocked:
            stays.update(_parents(path))
        lines = 0
        for path in sorted(hits, key=lambda hit: hit.count("/")):
            if lines < _MOST_PLAIN_PATHS and path in self.left and path not in stays:
                lines += self.line(baggage, quote(path))

    def stand(self, baggage: Baggage) -> None:
        """Append a pattern that leaves out nothing today, unless it is there or something needed would go."""
        if baggage.pattern not in {added.pattern for added in self.added}:
            self.line(baggage, baggage.pattern, absent=True)

    def line(self, baggage: Baggage, pattern: str, *, absent: bool = False) -> bool:
        """Append a pattern; taken back when it would leave out something needed, or nothing at all (unless `absent`)."""
        base = self.text
        if base and not base.endswith("\n"):
            base += "\n"
        newline = "\r\n" if "\r\n" in self.text else "\n"
        text = f"{base}{'' if self.added or not base else newline}{self.heading(baggage, newline)}{pattern}{newline}"
        gone = matching(parse_ignore(pattern), self.left)
        if (not gone and not absent) or any(path in self.needed for path in gone):
            return False
        self.text, self.rules = text, parse_ignore(text)
        entries = [self.left.pop(path) for path in gone]
        files = [entry for entry in entries if entry.kind != "directory"]
        size = sum(entry.size_bytes for entry in files)
        self.added.append(AddedPattern(pattern, baggage.reason, size, len(files), baggage.category))
        return True

    def heading(self, baggage: Baggage, newline: str) -> str:
        same = self.added and self.added[-1].reason == baggage.reason
        return "" if same else f"# {baggage.reason}{newline}"


def matching(rules: IgnoreRules, paths: Iterable[str]) -> list[str]:
    """The paths that rules leave out. Directories must stand before what they hold. A line at the end of a file can
    only leave out more, so its own rules tell what it adds."""
    verdicts: dict[str, Verdict] = {}
    for path in paths:
        parent = posixpath.dirname(path)
        verdicts[path] = rules.judge(path, verdicts.get(parent) if parent else None)
    return [path for path, verdict in verdicts.items() if verdict.excluded]


def _parents(path: str) -> Iterator[str]:
    path = posixpath.dirname(path)
    while path:
        yield path
        path = posixpath.dirname(path)


def _secrets(context: Context, rules: IgnoreRules, needed: dict[str, str]) -> tuple[SecretFile, ...]:
    """Everything sent today that looks like a secret, whether or not the proposal can keep it out."""
    sent = [entry.path for entry in context.sent]
    kinds: dict[str, Baggage] = {}
    for baggage in BAGGAGE:
        if baggage.category == "secret":
            for path in matching(parse_ignore(baggage.pattern), sent):
                kinds.setdefault(path, baggage)
    found: list[SecretFile] = []
    for entry in context.sent:
        if entry.kind == "directory" or HARMLESS_SECRETS.search(entry.path):
            continue
        match = kinds.get(entry.path)
        if match is not None:
            out = rules.excluded(entry.path)
            reason = match.reason if out else needed.get(entry.path, match.reason)
            found.append(SecretFile(entry.path, reason, out))
    return tuple(found)

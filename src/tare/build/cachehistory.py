"""What the history of a project says about rebuilds: each commit as a change of the build context, and the steps that it
runs again when the Dockerfile is the one at hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tare.build.cachekeys import BuildState, FileState, Key, Rules, taken_content
from tare.build.cachemodel import predict
from tare.context.ignore import IgnoreRules
from tare.context.usage import find_uses
from tare.dockerfile import Dockerfile, Instruction
from tare.schema.cache import Verdict

WEEK_S = 7 * 86_400
KINDS = {"120000": "symlink", "100644": "file", "100755": "file"}


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, or one merge seen from its first parent. `before` and `after` hold only the paths that it changed; one
    that is missing did not exist. `when_s` is Unix time."""

    identity: str
    when_s: int
    before: Mapping[str, FileState] = field(default_factory=dict)
    after: Mapping[str, FileState] = field(default_factory=dict)

    @property
    def paths(self) -> frozenset[str]:
        """Every path that it changed."""
        return frozenset(self.before) | frozenset(self.after)

    def sent(self, rules: IgnoreRules) -> "Commit":
        """The commit without what `.dockerignore` keeps out of the context."""
        return Commit(
            self.identity,
            self.when_s,
            {path: state for path, state in self.before.items() if not rules.excluded(path)},
            {path: state for path, state in self.after.items() if not rules.excluded(path)},
        )


def parse_log(text: str) -> tuple[Commit, ...]:
    """The output of `git log --raw -z --no-abbrev --no-renames --format=%x01%H %ct`, newest first as Git gives it.

    Format: git-diff(1), raw output format. Submodules are left out: their files are not in the repository.
    """
    found: list[Commit] = []
    for block in text.split("\x01")[1:]:
        head, _, rest = block.partition("\0")
        identity, _, moment = head.strip().partition(" ")
        before: dict[str, FileState] = {}
        after: dict[str, FileState] = {}
        words = rest.lstrip("\n").split("\0")
        for raw, path in zip(words[::2], words[1::2], strict=False):
            old_mode, new_mode, old, new, _ = raw.lstrip("\n:").split(" ")
            for mode, content, side in ((old_mode, old, before), (new_mode, new, after)):
                if mode in KINDS:
                    side[path] = FileState(KINDS[mode], 0o755 if mode == "100755" else 0o644, content)
        found.append(Commit(identity, int(moment), before, after))
    return tuple(found)


def weeks_of(commits: Sequence[Commit]) -> float:
    """The weeks that commits span, one at least."""
    moments = [commit.when_s for commit in commits]
    return max(1.0, (max(moments) - min(moments)) / WEEK_S) if moments else 1.0


@dataclass(frozen=True, slots=True)
class Reruns:
    """How many of the commits ran an instruction again: surely (`again`), or depending on what another stage makes."""

    instruction: Instruction
    stage: str
    layer: bool
    again: int = 0
    depends: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """The model's account of a history under one Dockerfile. `by_commit` has the verdicts of each commit in the order of
    `steps`; commits that change nothing of the context have hits only."""

    steps: tuple[Reruns, ...]
    by_commit: tuple[tuple[Verdict, ...], ...]


def replay(
    document: Dockerfile, commits: Sequence[Commit], rules: Rules, build_args: Mapping[str, str] | None = None
) -> Replayed:
    """What every commit would run again, each one built after the one before it.

    Only the changed paths are compared: what did not change is the same on both sides of every key. Commits that change
    the input of the same COPYs have the same verdicts, so that each such set is worked out once.
    """
    given = dict(build_args or {})
    uses = find_uses(document, given)
    known: dict[tuple[bool, ...], tuple[Verdict, ...]] = {}
    rows: list[tuple[Verdict, ...]] = []
    nodes: tuple[tuple[Instruction, str], ...] = ()
    for commit in commits:
        differs = tuple(
            taken_content(commit.before, use, rules) != taken_content(commit.after, use, rules)
            for use in uses
        )
        if differs not in known:
            found = predict(
                BuildState(document, commit.before, given), BuildState(document, commit.after, given), rules
            )
            nodes = nodes or tuple((one.instruction, one.stage.name or str(one.stage.index)) for one in found)
            known[differs] = tuple(one.verdict for one in found)
        rows.append(known[differs])
    if not nodes:
        empty = BuildState(document, {}, given)
        nodes = tuple(
            (one.instruction, one.stage.name or str(one.stage.index)) for one in predict(empty, empty, rules)
        )
    columns: Iterable[tuple[Verdict, ...]] = zip(*rows, strict=True) if rows else ((),) * len(nodes)
    steps = tuple(
        Reruns(
            node,
            stage,
            node.keyword in ("RUN", "COPY", "ADD", "WORKDIR"),
            sum(verdict == "miss" for verdict in column),
            sum(verdict == "depends" for verdict in column),
        )
        for (node, stage), column in zip(nodes, columns, strict=True)
    )
    return Replayed(steps, tuple(rows))


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """How many of the commits changed what one source of a COPY, ADD or bind mount takes."""

    instruction: Instruction
    source: str
    commits: int


def source_changes(
    document: Dockerfile, commits: Sequence[Commit], rules: Rules, build_args: Mapping[str, str] | None = None
) -> tuple[SourceChanges, ...]:
    """Each source of the context in the order of the file."""

    def content(files: Mapping[str, FileState], index: int) -> Key:
        return taken_content(files, uses[index], rules)

    uses = find_uses(document, dict(build_args or {}))
    return tuple(
        SourceChanges(
            use.instruction,
            use.source,
            sum(content(commit.before, index) != content(commit.after, index) for commit in commits),
        )
        for index, use in enumerate(uses)
    )

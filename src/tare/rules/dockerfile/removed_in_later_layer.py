"""TR6021: files removed in a later layer than they were written."""

import posixpath
import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand, CondaCommand, NpmCommand, PackageCommand, PipCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.rules.edits import join_runs
from tare.rules.secret_names import is_secret_file
from tare.rules.shipped import chain_of, mount_targets, removed_words, shipped_stages
from tare.rules.typed import Typed, every_command, same_run
from tare.schema.lint import Severity


def _written_above(document: Document, entry: Typed) -> tuple[Step, str] | None:
    """The step above whose files a command removes, and what they are."""
    command, typed = entry.command, entry.typed
    if command.name == "rm":
        for word in command.arguments:
            if word.text.startswith("/") and not word.text.startswith("-"):
                found = _path_above(document, entry, re.sub(r"/?\*+$", "", word.text).rstrip("/") or "/")
                if found is not None:
                    return found
        return None
    if isinstance(typed, AptCommand) and typed.action in ("clean", "autoclean"):
        return None
    if isinstance(typed, AptCommand) and typed.action in ("remove", "purge"):
        named = {spec.name for spec in typed.specs}
        for other in _above(document, entry):
            if isinstance(other.typed, AptCommand) and other.typed.action == "install":
                both = sorted(named & {spec.name for spec in other.typed.specs})
                if both:
                    return other.step, ", ".join(both[:3]) + " of line {}"
        return None
    if isinstance(typed, CondaCommand) and typed.action == "clean":
        return _of_kind(
            document,
            entry,
            CondaCommand,
            ("install", "create", "env create", "update"),
            "conda's cache of line {}",
            "/pkgs",
        )
    if isinstance(typed, NpmCommand) and typed.action == "cache clean":
        return _of_kind(document, entry, NpmCommand, ("install", "ci"), "npm's cache of line {}", ".npm")
    if isinstance(typed, PipCommand) and typed.action == "cache purge":
        return _of_kind(document, entry, PipCommand, ("install",), "pip's cache of line {}", "/pip")
    return None


def _above(document: Document, entry: Typed) -> list[Typed]:
    """Commands of earlier RUNs of the same chain of stages."""
    chain = {stage.index for stage in chain_of(document, document.stages[entry.step.stage])}
    start = entry.step.outer.span.start
    return [o for o in every_command(document) if o.step.stage in chain and o.step.outer.span.start < start]


def _of_kind(
    document: Document,
    entry: Typed,
    kind: type[PackageCommand],
    actions: tuple[str, ...],
    what: str,
    mount: str,
) -> tuple[Step, str] | None:
    own = [
        o for o in same_run(document, entry.step) if isinstance(o.typed, kind) and o.typed.action in actions
    ]
    above = [o for o in _above(document, entry) if isinstance(o.typed, kind) and o.typed.action in actions]
    if own or not above or any(target.endswith(mount) for target in mount_targets(above[-1].step)):
        return None
    if isinstance(above[-1].typed, PipCommand) and above[-1].typed.no_cache_dir:
        return None
    return above[-1].step, what


def _path_above(document: Document, entry: Typed, path: str) -> tuple[Step, str] | None:
    if path.startswith("/var/lib/apt/lists"):
        if any(
            isinstance(o.typed, AptCommand) and o.typed.action == "update"
            for o in same_run(document, entry.step)
        ):
            return None
        for other in reversed(_above(document, entry)):
            if any("/apt/lists" in word for word in removed_words(document, other.step)):
                return None
            if isinstance(other.typed, AptCommand) and other.typed.action == "update":
                mounted = any("/apt" in target for target in mount_targets(other.step))
                return None if mounted else (other.step, "what apt fetched in line {}")
        return None
    chain = {stage.index for stage in chain_of(document, document.stages[entry.step.stage])}
    for copy in document.of("COPY", "ADD"):
        above = copy.stage in chain and copy.outer.span.start < entry.step.outer.span.start
        if not above or copy.onbuild or len(copy.inner.arguments) < 2:
            continue
        dest = copy.inner.arguments[-1].text
        view = copy.inner.as_copy()
        names = [posixpath.basename(source) for source in view.sources]
        written = [posixpath.join(dest, name) for name in names] if dest.endswith("/") else [dest]
        below = posixpath.basename(path) == ".git" and posixpath.dirname(path) == dest.rstrip("/")
        small = len(names) == 1 and _SMALL.search(names[0]) and not is_secret_file(names[0])
        if small or view.heredocs:
            continue
        if below or any(
            target == path or target.startswith(f"{path}/") for target in written if target.startswith("/")
        ):
            return copy, "what line {} copied"
    return None


def _joined(document: Document, writer: Step, step: Step) -> tuple[Edit, ...] | None:
    runs = document.runs
    at = next((index for index, (own, _) in enumerate(runs) if own is step), 0)
    return join_runs(document, runs[at - 1], runs[at]) if at and runs[at - 1][0] is writer else None


_SMALL = re.compile(r"\.(?:txt|ya?ml|toml|lock|json|cfg|ini|conf|sh|py|R|md|list|asc|key|pub)$")
# Where these are left, another rule cleans or switches them off in the step that writes them.
_OTHERS_FIX = ("what apt", "pip's")


def check(document: Document) -> Iterable[Problem]:
    """Cleaning up in a RUN of its own after what another step of the shipped image wrote."""
    for entry in every_command(document):
        step = entry.step
        if step.stage not in shipped_stages(document) or entry.command.conditional:
            continue
        found = _written_above(document, entry)
        if found is None:
            continue
        writer, what = found
        edits = None if what.startswith(_OTHERS_FIX) else _joined(document, writer, step)
        fix = safe_fix("Join it with the step above", *edits) if edits else None
        message = f"{what.format(writer.outer.line)} stays in that layer: removing it here frees nothing"
        yield Problem(message, entry.command.span, step.outer, fix)


RULE = Rule(
    code="TR6021",
    name="removed-in-later-layer",
    title="Clean up in the step that made the mess.",
    why=(
        "A layer only adds: what a later one removes is hidden, but still stored and pulled. Forgotten apt "
        "lists and downloads were 140 MB in one measured image. Clean in the same RUN, use a cache mount, or "
        "copy from another stage what is needed."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/prefer-package-cache-mounts",),
    safety=(
        "The same commands run in the same order, as the same user, with the same shell; only the border "
        "between two layers goes."
    ),
    examples=(
        Example(
            "FROM condaforge/miniforge3:24.3.0-0\nRUN conda install -y numpy=1.26\nRUN conda clean -afy\nUSER app\n",
            "FROM condaforge/miniforge3:24.3.0-0\nRUN conda install -y numpy=1.26 \\\n    && conda clean -afy\nUSER app\n",
        ),
        Example(
            "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl=8\n"
            "RUN rm -rf /var/lib/apt/lists/*\nUSER app\n",
            note="apt-lists-left removes them in the step that fetched them",
        ),
        Example(
            "FROM debian:12\nCOPY data.tar /tmp/data.tar\nRUN tar -xf /tmp/data.tar -C /srv && rm /tmp/data.tar\n"
        ),
    ),
    clean=(
        "FROM debian:12\nCOPY list.txt /tmp/\nRUN xargs touch < /tmp/list.txt && rm /tmp/list.txt\n",
        ("FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"),
        (
            "FROM debian:12 AS build\nCOPY a.tar /a.tar\nRUN tar -xf /a.tar && rm /a.tar\n"
            "FROM debian:12\nCOPY --from=build /a /a\n"
        ),
    ),
)

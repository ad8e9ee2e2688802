"""Copied files of credentials → secret mounts on the steps that fetch with them."""

import posixpath

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import FetchCommand, GitCommand, NpmCommand
from tare.dockerfile.shell import Command
from tare.rewrite.anatomy import LITERAL, RunStep, run_step, workdir_at
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.script_edits import removals
from tare.rewrite.secrets import CREDENTIAL_FILES, secret_id
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Mount each copied credential where it is used; take its COPY and what cleans up after it away."""
    edits: list[Edit] = []
    names: list[str] = []
    refusal: Refusal | None = None
    for stage in document.stages:
        for node in stage.instructions:
            if node.keyword not in ("COPY", "ADD"):
                continue
            copy = node.as_copy()
            if copy.from_ is not None or not any(_is_credential(source) for source in copy.sources):
                continue
            found = _mount(document, stage, node)
            if isinstance(found, Refusal):
                refusal = refusal or found
                continue
            if any(_overlap(edit, other) for edit in found for other in edits):
                refusal = refusal or Refusal(f"line {node.line} shares its steps with another secret file")
                continue
            edits += found
            names.append(copy.sources[0])
    if not edits:
        return refusal
    flags = " ".join(f"--secret id={secret_id(name)},src={name}" for name in dict.fromkeys(names))
    return Proposal(
        tuple(edits),
        f"the file is in no layer any more; build with `{flags}`, and change what it holds: whoever has an old image has it, "
        "also where a later step removed it",
        Applicability.UNSAFE,
    )


def _is_credential(source: str) -> bool:
    return posixpath.basename(source) in CREDENTIAL_FILES


def _overlap(edit: Edit, other: Edit) -> bool:
    return edit.span.start < other.span.end and other.span.start < edit.span.end


def _mount(document: Dockerfile, stage: Stage, node: Instruction) -> list[Edit] | Refusal:
    copy = node.as_copy()
    cwd = workdir_at(stage, node)
    if len(copy.sources) != 1 or cwd is None or not LITERAL.match(copy.dest):
        return Refusal(
            f"line {node.line} copies credentials together with other files, or to a place that is not known"
        )
    name = posixpath.basename(copy.sources[0])
    place = posixpath.normpath(posixpath.join(cwd, copy.dest))
    if copy.dest.endswith(("/", "/.")) or copy.dest == "." or posixpath.basename(place) in (".ssh", "root"):
        place = posixpath.join(place, name)
    edits = [remove(document, node)]
    mount = f" --mount=type=secret,id={secret_id(name)},target={place}"
    for other in stage.instructions[stage.instructions.index(node) + 1 :]:
        if other.keyword in ("CMD", "ENTRYPOINT", "ENV", "HEALTHCHECK") and place in other.original:
            return Refusal(
                f"line {other.line} uses {place} when the container runs: hand it over when it starts"
            )
        if other.keyword != "RUN":
            continue
        found = _step(document, run_step(stage, other), place, mount)
        if isinstance(found, Refusal):
            return found
        edits += found[0]
        if found[1]:
            break
    return edits


def _step(document: Dockerfile, step: RunStep, place: str, mount: str) -> tuple[list[Edit], bool] | Refusal:
    """The edits of one step, and whether the file is gone after it."""
    node = step.instruction
    line = node.line
    named = place in node.original or place.replace("/root/", "~/") in node.original
    if step.script is None or step.script.form == "exec":
        return Refusal(f"line {line} uses {place} in a way that cannot be read") if named else ([], False)
    idle = [command for command in step.script.commands if _only_touches(command, place)]
    gone = any(command.name == "rm" for command in idle)
    rest = [command for command in step.script.commands if not any(command is one for one in idle)]
    if not rest:
        return [remove(document, node)], gone
    fetches = any(isinstance(typed, FetchCommand | GitCommand | NpmCommand) for typed in step.typed) or (
        step.installs_python
    )
    edits: list[Edit] = []
    if idle:
        taken = removals(document, step, idle) if step.flat else None
        if taken is None:
            return Refusal(f"line {line} changes {place} in the midst of other things")
        edits += taken
    if any(place in command.span.of(document.text) for command in rest) or fetches:
        at = node.keyword_span.end
        edits.append(Edit(Span(at, at), mount))
    return edits, gone


def _only_touches(command: Command, place: str) -> bool:
    """Whether a command only protects or removes the file, which a mount needs not."""
    if command.name not in ("rm", "chmod", "chown", "shred") or command.redirects:
        return False
    paths = [word.text for word in command.arguments if not word.text.startswith("-")]
    paths = paths[1:] if command.name in ("chmod", "chown") else paths
    return bool(paths) and all(path.replace("~/", "/root/") == place for path in paths)


TRANSFORM = Transform(
    name="secret-files",
    title="Files of credentials by mount, not by COPY",
    guide=(
        "A key or password file that was copied stays in its layer for good, also when the next step removes it: everybody who "
        "can pull the image can read it. A secret mount is there for one step and in no layer. Files that only sometimes hold "
        "credentials, such as pip.conf, are treated alike: nothing is lost by that."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nCOPY .netrc /root/.netrc\nRUN chmod 600 /root/.netrc && pip install -r requirements.txt\n"
            "RUN rm /root/.netrc\nCOPY . .\n",
            "FROM python:3.11\nRUN --mount=type=secret,id=netrc,target=/root/.netrc pip install -r requirements.txt\nCOPY . .\n",
        ),
        Example(
            "FROM python:3.11\nCOPY id_rsa /root/.ssh/\nRUN pip install git+ssh://git@example.com/acme/lib.git\n",
            "FROM python:3.11\nRUN --mount=type=secret,id=id_rsa,target=/root/.ssh/id_rsa "
            "pip install git+ssh://git@example.com/acme/lib.git\n",
        ),
        Example(
            "FROM python:3.11\nCOPY pip.conf /etc/pip.conf\nENV PIP_CONFIG_FILE=/etc/pip.conf\nRUN pip install flask\n",
            "FROM python:3.11\nCOPY pip.conf /etc/pip.conf\nENV PIP_CONFIG_FILE=/etc/pip.conf\nRUN pip install flask\n",
            "the container may need it as well",
        ),
    ),
)

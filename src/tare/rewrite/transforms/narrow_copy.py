"""`COPY . .` → a COPY of what the application uses."""

import posixpath

from tare.context.narrow import Narrowing
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.rewrite.anatomy import LITERAL, Part, run_step
from tare.rewrite.facts import Facts
from tare.rewrite.layout import replace
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

MOST_DIRECTORIES = 6
HARMLESS = frozenset(
    {"mkdir", "chmod", "chown", "touch", "useradd", "groupadd", "adduser", "addgroup", "ln", "ldconfig"}
)


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Name what is kept in the final stage's COPY of everything."""
    if facts.narrowing is None:
        return None
    stage = document.final
    wide = [node for node in stage.instructions if node.keyword in ("COPY", "ADD") and _is_whole(node)]
    if len(wide) != 1:
        return None
    if facts.narrowing.obstacle:
        return Refusal(facts.narrowing.obstacle)
    if not facts.narrowing.dropped or not facts.narrowing.kept:
        return None
    node = wide[0]
    obstacle = _obstacle(stage, node, facts.narrowing)
    if obstacle is not None:
        return Refusal(obstacle)
    directories = [name for name in facts.narrowing.kept if name.endswith("/")]
    if len(directories) > MOST_DIRECTORIES:
        return Refusal(f"the application uses {len(directories)} directories, too many to name")
    dropped = facts.narrowing.dropped
    names = ", ".join(dropped[:6]) + (", …" if len(dropped) > 6 else "")
    return Proposal(
        (replace(node, _copies(document, node, facts.narrowing)),),
        f"nothing that starts imports, opens or names {names}: they stay out of the image, and a change of them "
        "rebuilds nothing",
        Applicability.UNSAFE,
    )


def _is_whole(node: Instruction) -> bool:
    copy = node.as_copy()
    return copy.from_ is None and not copy.heredocs and copy.sources in ((".",), ("./",), ("*",))


def _obstacle(stage: Stage, node: Instruction, narrowing: Narrowing) -> str | None:
    """Why a later step may need what the application does not."""
    copy = node.as_copy()
    if copy.exclude or copy.parents or copy.link or not LITERAL.match(copy.dest):
        return "the COPY has options of its own"
    for other in stage.instructions[stage.instructions.index(node) + 1 :]:
        if other.keyword != "RUN":
            continue
        step = run_step(stage, other)
        if step.script is None:
            return f"the step in line {other.line} may read anything"
        if step.installs_python:
            return f"the step in line {other.line} installs from the project's files"
        named = [name for name in narrowing.dropped if name.rstrip("/") in other.original]
        if named:
            return f"the step in line {other.line} names {named[0]}"
        for command, _ in step.of(Part.OTHER):
            inline = (
                command.name.startswith("python")
                and command.arguments[:1]
                and command.arguments[0].text == "-c"
            )
            if command.name not in HARMLESS and not inline:
                return f"the step in line {other.line} calls {command.name}, which may read anything"
    return None


def _copies(document: Dockerfile, node: Instruction, narrowing: Narrowing) -> str:
    copy = node.as_copy()
    flags = "".join(f"{flag.span.of(document.text)} " for flag in node.flags)
    dest = copy.dest if copy.dest.endswith("/") else copy.dest + "/"
    files = [name for name in narrowing.kept if not name.endswith("/")]
    lines = [f"{node.keyword} {flags}{' '.join(files)} {dest}"] if files else []
    for name in narrowing.kept:
        if name.endswith("/"):
            lines.append(f"{node.keyword} {flags}{name} {posixpath.join(dest, name)}")
    return "\n".join(lines)


_WIDE = 'FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nCMD ["python", "main.py"]\n'

TRANSFORM = Transform(
    name="narrow-copy",
    title="Copy what the application uses, not everything",
    guide=(
        "Tests, notebooks and documentation in the image are bytes that nobody reads, and each change of them throws away the "
        "layers below. Imports are followed from the file that starts; what is opened or named is kept, and so is every file "
        "of which nothing is known. Where an application finds its parts by name when it runs, nothing is left out."
    ),
    plan=plan,
    examples=(
        Example(
            _WIDE,
            _WIDE.replace("COPY . .", "COPY config.yaml main.py ./\nCOPY models/ ./models/"),
            facts=Facts(narrowing=Narrowing(("config.yaml", "main.py", "models/"), ("docs/", "tests/"))),
        ),
        Example(
            _WIDE,
            _WIDE,
            "plugins are found when it runs",
            Facts(narrowing=Narrowing(obstacle="the application looks for modules when it runs")),
        ),
        Example(
            _WIDE.replace("CMD", "RUN make assets\nCMD"),
            _WIDE.replace("CMD", "RUN make assets\nCMD"),
            "who knows what make reads",
            Facts(narrowing=Narrowing(("main.py",), ("docs/",))),
        ),
        Example(_WIDE, _WIDE, "the context was not read"),
    ),
)

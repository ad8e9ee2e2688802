"""Heavy packages that hardly ever change, in a layer above the requirement file."""

import posixpath
import re

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.dockerfile.shell import Word
from tare.rewrite.anatomy import Part, RunStep, is_python_install, run_step, run_steps, workdir_at
from tare.rewrite.facts import Facts, Pins
from tare.rewrite.layout import insert_before, run
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

HEAVY = re.compile(
    r"torch(?:vision|audio|text)?|tensorflow(?:-\w+)*|jaxlib|jax-cuda.*|nvidia-.*|triton|xformers|vllm|flash-attn"
    r"|bitsandbytes|deepspeed|cupy-.*|tensorrt.*|onnxruntime(?:-gpu)?|paddlepaddle.*|mxnet.*|pyarrow|scipy|pyspark|ray"
    r"|opencv-(?:contrib-)?python(?:-headless)?|xgboost|lightgbm|catboost|faiss-.*|llvmlite|spacy|h2o|mlx|polars"
)
TOOLS = frozenset({"pip", "setuptools", "wheel", "uv"})
PASSED = frozenset({"LABEL", "EXPOSE", "WORKDIR", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD", "ENTRYPOINT"})
UNSPLIT = (
    "--upgrade",
    "--force-reinstall",
    "--ignore-installed",
    "--require-hashes",
    "--no-index",
    "--find-links",
)
NOTE = "# Pinned as in {path}: kept when the rest changes. What is bumped there alone is replaced below."


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Install exact pins of heavy packages, without their dependencies, before the file that pins them is copied."""
    edits: list[Edit] = []
    names: list[str] = []
    refusal: Refusal | None = None
    for stage in document.stages:
        for step in run_steps(stage):
            found = _split(document, stage, step, facts)
            if isinstance(found, Refusal):
                refusal = refusal or found
            elif found is not None:
                edits.append(found[0])
                names += found[1]
                break
    if not edits:
        return refusal
    return Proposal(
        tuple(edits),
        f"{', '.join(dict.fromkeys(names))}: exact versions leave the resolver no choice, so that the result is the same; "
        "another line in the requirements no longer installs them again",
        Applicability.UNSAFE,
    )


def _split(
    document: Dockerfile, stage: Stage, step: RunStep, facts: Facts
) -> tuple[Edit, list[str]] | Refusal | None:
    typed = _only_install(step)
    if typed is None:
        return None
    name = typed.requirement_files[0].text
    pins = _pins(stage, step, name, facts)
    if pins is None:
        return None
    installed = {word.text for word in _installed_above(stage, step)}
    words = [f"{name}=={version}" for name, version in pins.exact if HEAVY.fullmatch(name)]
    words = [word for word in words if word not in installed]
    if not words:
        return None
    if pins.obstacle:
        return Refusal(pins.obstacle)
    if any(typed.has(option) for option in UNSPLIT):
        return Refusal(f"the step in line {step.instruction.line} installs in a way that cannot be split")
    above = _copy_above(stage, step.instruction, posixpath.basename(pins.path))
    if above is None:
        return None
    flags = [flag.span.of(document.text) for flag in step.instruction.flags]
    if any("type=bind" in flag for flag in flags):
        return None
    kept = _command(typed, pins)
    listing = "".join(f" \\\n      {word}" for word in words)
    text = NOTE.format(path=posixpath.basename(pins.path)) + "\n" + run([f"{kept} --no-deps{listing}"], flags)
    return insert_before(document, above, text), [word.partition("==")[0] for word in words]


def _only_install(step: RunStep) -> PipCommand | UvCommand | None:
    """The one install of a step that installs one requirement file and nothing else."""
    if step.script is None or step.script.form != "shell" or not step.flat:
        return None
    installs = [typed for typed in step.typed if is_python_install(typed) and not _tools_only(typed)]
    if len(installs) != 1 or not isinstance(installs[0], PipCommand | UvCommand):
        return None
    typed = installs[0]
    plain = len(typed.requirement_files) == 1 and not (typed.requirements or typed.editable)
    return typed if plain and typed.action != "sync" else None


def _tools_only(typed: object) -> bool:
    if not isinstance(typed, PipCommand | UvCommand) or typed.requirement_files or typed.editable:
        return False
    return {re.split(r"[\[=<>~!]", word.text)[0] for word in typed.requirements} <= TOOLS


def _pins(stage: Stage, step: RunStep, name: str, facts: Facts) -> Pins | None:
    """The facts of the requirement file that a step names: the one whose path it ends with."""
    fitting = [
        pins
        for pins in facts.pins
        if name.lstrip("./") == pins.path or posixpath.basename(name) == posixpath.basename(pins.path)
    ]
    exact = [pins for pins in fitting if name.lstrip("./") == pins.path]
    if len(exact or fitting) != 1 or workdir_at(stage, step.instruction) is None:
        return None
    return (exact or fitting)[0]


def _installed_above(stage: Stage, step: RunStep) -> list[Word]:
    return [
        word
        for other in run_steps(stage)
        if other.instruction.span.start < step.instruction.span.start
        for typed in other.typed
        if isinstance(typed, PipCommand | UvCommand)
        for word in typed.requirements
    ]


def _copy_above(stage: Stage, node: Instruction, name: str) -> Instruction | None:
    """The COPY that brings the file, where nothing below it matters to an install; None where something does."""
    at = next(index for index, other in enumerate(stage.instructions) if other is node)
    for other in reversed(stage.instructions[1:at]):
        if other.keyword in ("COPY", "ADD"):
            copy = other.as_copy()
            if copy.from_ is None and any(posixpath.basename(source) == name for source in copy.sources):
                return other
            broad = any(source in (".", "./") or source.endswith("/") for source in copy.sources)
            if copy.from_ is not None or broad or copy.heredocs:
                return None
        elif other.keyword == "RUN":
            step = run_step(stage, other)
            if step.kinds != {Part.PYTHON} or not all(_tools_only(typed) for typed in step.typed if typed):
                return None
        elif other.keyword not in PASSED:
            return None
    return None


def _command(typed: PipCommand | UvCommand, pins: Pins) -> str:
    """The install command without its files, with the options that stand in the file."""
    gone = {
        id(word)
        for option in typed.options
        if option.name in ("--requirement", "--constraint")
        for word in option.words
    }
    words = [word.raw for word in typed.command.argv if id(word) not in gone]
    return " ".join([*words, *pins.options])


_FILES = Facts(
    pins=(Pins("requirements.txt", (("torch", "2.1.0"), ("fastapi", "0.104.1"), ("scipy", "1.11.3"))),)
)
_COPY = (
    "FROM python:3.11\nWORKDIR /app\n{}COPY requirements.txt .\n"
    "RUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n"
)

TRANSFORM = Transform(
    name="stable-dependencies",
    title="Heavy packages that hardly change in a layer of their own",
    guide=(
        "One more line in a requirement file installs everything again, and a gigabyte of torch with it. Heavy packages with "
        "an exact version are installed first and without their dependencies: the resolver has no choice about them, so that "
        "the step below finds them as it would have installed them, and brings the rest."
    ),
    plan=plan,
    examples=(
        Example(
            _COPY.format(""),
            _COPY.format(
                "# Pinned as in requirements.txt: kept when the rest changes. What is bumped there alone is replaced below.\n"
                "RUN pip install --no-cache-dir --no-deps \\\n      torch==2.1.0 \\\n      scipy==1.11.3\n"
            ),
            facts=_FILES,
        ),
        Example(
            _COPY.format(""),
            _COPY.format(""),
            "hashes cannot be checked on a command line",
            Facts(
                pins=(
                    Pins("requirements.txt", (("torch", "2.1.0"),), obstacle="requirements.txt gives hashes"),
                )
            ),
        ),
        Example(
            _COPY.format(""),
            _COPY.format(""),
            "nothing heavy with an exact version",
            Facts(pins=(Pins("requirements.txt", (("flask", "3.0.0"),)),)),
        ),
    ),
)

"""The slim variant of the final stage's base image."""

from tare.core.text import Edit
from tare.dockerfile import Dockerfile
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import programs_called, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import apt_install, insert_after, run
from tare.rewrite.smaller_base import smaller_base
from tare.rewrite.system_packages import COMPILERS, compiles_later, needed_by_wheels
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability, Saving
from tare.schema.quantity import Quantity, estimated


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Change FROM, and install what the application finds in the full image only."""
    stage = document.final
    if stage.parent is not None:
        return None
    base = base_facts(stage.base)
    found = smaller_base(base, facts) if base is not None else None
    if base is None or found is None:
        return None
    slim, note = found
    raw = stage.base_raw
    if "$" in raw:
        if not slim.startswith(stage.base):
            return Refusal(f"the tag comes from a variable, and {slim} does not only add to it")
        text = raw + slim.removeprefix(stage.base)
    else:
        text = slim
    called = programs_called(document, stage, facts.programs)
    compilers = sorted(called & COMPILERS)
    if compilers:
        return Refusal(f"the stage calls {', '.join(compilers)}, which the slim image does not have")
    later = compiles_later(facts, base)
    if later:
        return Refusal(f"{later}, for which the image has nvcc and headers")
    edits = [Edit(stage.from_.as_from().image_span, text)]
    needs = needed_by_wheels(facts, base, called)
    present = {word.text for step in run_steps(stage) for apt in step.apt for word in apt.packages}
    needs = [package for package in needs if package not in present]
    if needs:
        edits.append(insert_after(document, stage.from_, run(apt_install(needs))))
    reason = f"{slim} leaves out compilers, headers and version control"
    if note:
        reason += f" ({note})"
    if base.python_path is not None:
        reason += f"; {_not_alpine(facts)}"
    return Proposal(
        tuple(edits), reason, Applicability.UNSAFE, _saving(base.compressed, base.uncompressed, slim)
    )


def _not_alpine(facts: Facts) -> str:
    """Why the base is not Alpine, from what the index has."""
    lacking = facts.without_musl_wheels
    if lacking is None:
        return "not Alpine: manylinux wheels do not run on musl, and whether there are others was not asked"
    if not lacking:
        return "Alpine would find wheels of every pinned package, but on another C library, which only tests of yours can judge"
    names = ", ".join(lacking[:5]) + (", …" if len(lacking) > 5 else "")
    return f"not Alpine: there the index has no wheel of {names}, which would be compiled"


def _saving(compressed: Quantity, uncompressed: Quantity, slim: str) -> Saving:
    facts = base_facts(slim)
    if facts is None:
        return Saving()
    return Saving(_difference(compressed, facts.compressed), _difference(uncompressed, facts.uncompressed))


def _difference(before: Quantity, after: Quantity) -> Quantity:
    if before.value is None or after.value is None:
        return before if before.value is None else after
    low = max(0.0, (before.low or before.value) - (after.high or after.value))
    high = (before.high or before.value) - (after.low or after.value)
    return estimated(max(low, before.value - after.value), low, high, before.source)


TRANSFORM = Transform(
    name="slim-base",
    title="Start from the slim base image",
    guide=(
        "The full Python image carries compilers, headers, ImageMagick, Mercurial and more, for building. Wheels bring their "
        "own libraries; the few that they take from the system are installed by name. Alpine is smaller still, but its C "
        "library runs no manylinux wheel: packages without musllinux wheels would have to be compiled."
    ),
    plan=plan,
    examples=(
        Example(
            'FROM python:3.11-bookworm\nCOPY . .\nCMD ["python", "app.py"]\n',
            'FROM python:3.11-slim-bookworm\nCOPY . .\nCMD ["python", "app.py"]\n',
        ),
        Example(
            "ARG V=3.11\nFROM python:${V}\nCOPY . .\n",
            "ARG V=3.11\nFROM python:${V}-slim\nCOPY . .\n",
            "the variable stays",
        ),
        Example(
            'FROM python:3.11\nRUN git clone https://example.com/app\nRUN make\nCMD ["python", "app.py"]\n',
            'FROM python:3.11\nRUN git clone https://example.com/app\nRUN make\nCMD ["python", "app.py"]\n',
            "it compiles",
        ),
        Example("FROM python:3.11-slim\n", "FROM python:3.11-slim\n"),
        Example(
            "FROM nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04\nCOPY . .\n",
            "FROM nvidia/cuda:12.1.0-cudnn8-runtime-ubuntu22.04\nCOPY . .\n",
            "running needs no nvcc",
        ),
        Example(
            "FROM nvidia/cuda:12.1.0-cudnn8-runtime-ubuntu22.04\nCOPY . .\n",
            "FROM nvidia/cuda:12.1.0-base-ubuntu22.04\nCOPY . .\n",
            "torch's wheels bring CUDA and cuDNN",
            Facts(distributions=frozenset({"torch"})),
        ),
        Example(
            "FROM nvidia/cuda:12.1.0-devel-ubuntu22.04\nCOPY . .\n",
            "FROM nvidia/cuda:12.1.0-devel-ubuntu22.04\nCOPY . .\n",
            "deepspeed compiles while it runs",
            Facts(distributions=frozenset({"torch", "deepspeed"})),
        ),
    ),
)

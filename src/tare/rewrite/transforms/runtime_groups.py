"""Dependencies that only development needs stay out of the image."""

import re

from tare.core.text import Edit
from tare.dockerfile import Dockerfile
from tare.dockerfile.commands import PdmCommand, PipCommand, PipenvCommand, PoetryCommand, UvCommand
from tare.rewrite.anatomy import Part, RunStep, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

DEVELOPMENT = re.compile(
    r"(?:^|[/._-])(?:dev|devel|develop|development|test|tests|testing|lint|docs?|ci)(?=[._-]|$)"
)
USES = frozenset(
    {
        "pytest",
        "mypy",
        "ruff",
        "black",
        "flake8",
        "pylint",
        "tox",
        "nox",
        "coverage",
        "sphinx-build",
        "pre-commit",
    }
)
UV_CHOICES = (
    "--no-dev", "--dev", "--only-dev", "--group", "--only-group", "--all-groups", "--no-default-groups", "--no-group",
)  # fmt: skip
POETRY_CHOICES = ("--only", "--with", "--without", "--no-dev", "--only-root", "--all-groups", "--dev")


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Leave development groups and requirement files out of every install of the final stage and its ancestors."""
    edits: list[Edit] = []
    stage = document.final
    chain = [stage]
    while stage.parent is not None:
        stage = document.stages[stage.parent]
        chain.append(stage)
    for one in chain:
        for step in run_steps(one):
            for typed in step.typed:
                edits += _edits(typed, facts)
    if not edits:
        return None
    called = facts.programs | {
        word for one in document.stages for step in run_steps(one) for word in _words(step)
    }
    used = sorted(called & USES)
    if used:
        return Refusal(f"a step calls {used[0]}, which only development needs")
    return Proposal(
        tuple(edits),
        "test runners, linters and their dependencies are not part of what runs",
        Applicability.UNSAFE,
    )


def _words(step: RunStep) -> frozenset[str]:
    """All words of the commands of a step that install nothing."""
    return frozenset(word.text for command, _ in step.of(Part.OTHER) for word in command.argv)


def _edits(typed: object, facts: Facts) -> list[Edit]:
    if isinstance(typed, PoetryCommand) and typed.action in ("install", "sync"):
        if typed.has(*POETRY_CHOICES) or not facts.development_groups:
            return []
        return [typed.insertion(f"--without {','.join(sorted(facts.development_groups))}")]
    if isinstance(typed, PdmCommand) and typed.installs:
        return (
            []
            if typed.without_development or typed.has("--dev", "--without")
            else [typed.insertion("--prod")]
        )
    if isinstance(typed, UvCommand) and typed.action in ("sync", "run"):
        if typed.action == "run" or typed.has(*UV_CHOICES) or "dev" not in facts.development_groups:
            return []
        return [typed.insertion("--no-dev")]
    if isinstance(typed, PipenvCommand) and typed.installs:
        found = [typed.without(option) for option in typed.options if option.name == "--dev"]
        return [edit for edit in found if edit is not None]
    return _files(typed, facts) if isinstance(typed, PipCommand) and typed.action == "install" else []


def _files(typed: PipCommand, facts: Facts) -> list[Edit]:
    """Leave out `-r requirements-dev.txt`, where other requirement files stay."""
    options = [o for o in typed.options if o.name == "--requirement" and o.value is not None]
    spare = [o for o in options if o.value is not None and DEVELOPMENT.search(o.value.text)]
    if not spare or len(spare) == len(options):
        return []
    found = [typed.without(option) for option in spare]
    return [edit for edit in found if edit is not None]


_UV = 'FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN uv sync {}--locked\nCMD ["python", "app.py"]\n'
_PIP = 'FROM python:3.11-slim\nCOPY . .\nRUN pip install -r requirements.txt{}\nCMD ["python", "app.py"]\n'

TRANSFORM = Transform(
    name="runtime-groups",
    title="Leave development dependencies out",
    guide=(
        "pytest, linters and notebooks come with dozens of packages that an application never imports, each one more to "
        "download, to scan and to patch. Where a step of the file itself calls such a tool, nothing is changed."
    ),
    plan=plan,
    examples=(
        Example(_UV.format(""), _UV.format("--no-dev "), facts=Facts(development_groups=frozenset({"dev"}))),
        Example(_UV.format("--group dev "), _UV.format("--group dev "), "chosen on purpose"),
        Example(_PIP.format(" -r requirements-dev.txt"), _PIP.format("")),
        Example(
            "FROM python:3.11\nRUN pip install -r requirements-dev.txt\n",
            "FROM python:3.11\nRUN pip install -r requirements-dev.txt\n",
            "the only file that there is",
        ),
        Example(
            'FROM python:3.11\nRUN pdm install\nCMD ["python", "app.py"]\n',
            'FROM python:3.11\nRUN pdm install --prod\nCMD ["python", "app.py"]\n',
        ),
        Example(
            'FROM python:3.11\nRUN pdm install\nRUN pdm run pytest\nCMD ["python", "app.py"]\n',
            'FROM python:3.11\nRUN pdm install\nRUN pdm run pytest\nCMD ["python", "app.py"]\n',
            "the build runs the tests",
        ),
    ),
)

"""Build arguments that hold secrets → secret mounts, which are in no layer and in no history."""

import re

from tare.core.redaction import is_secret_name
from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.rewrite.anatomy import run_step
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Turn each secret ARG into a mount on the steps that use it; refuse what only a person can untangle."""
    edits: list[Edit] = []
    names: list[str] = []
    held: list[str] = []
    refusal: Refusal | None = None
    for stage in document.stages:
        for node in stage.instructions:
            if node.keyword == "ENV":
                kept = [key for key, _ in node.env_pairs() if is_secret_name(key)]
                if kept:
                    refusal = Refusal(
                        f"line {node.line} writes {', '.join(kept)} into the image for good: give it to the container when "
                        "it starts, and change the secret, because it was published with every image"
                    )
            if node.keyword != "ARG":
                continue
            for name, default in node.env_pairs():
                if not is_secret_name(name):
                    continue
                found = _mount(document, stage, node, name, default)
                if isinstance(found, Refusal):
                    refusal = found
                elif len(node.env_pairs()) == 1:
                    edits += found
                    names.append(name)
                    held += [name] if default else []
    if not edits:
        return refusal
    flags = " ".join(f"--secret id={name},env={name}" for name in dict.fromkeys(names))
    reason = (
        f"the value no longer stands in the image's history; build with `{flags}` in place of --build-arg"
    )
    if held:
        reason += f"; the file itself held the value of {', '.join(dict.fromkeys(held))}: change it now"
    if refusal is not None:
        reason += f"; still open: {refusal.reason}"
    return Proposal(
        tuple(edits),
        reason,
        Applicability.UNSAFE,
    )


def _mount(
    document: Dockerfile, stage: Stage, arg: Instruction, name: str, default: str | None
) -> list[Edit] | Refusal:
    use = re.compile(rf"\$(?:{name}\b|\{{{name}[}}:%#/])")
    users = [n for n in stage.instructions if n.span.start > arg.span.start and use.search(n.original)]
    if default and "$" in default:
        return Refusal(f"line {arg.line} makes {name} of another variable")
    edits: list[Edit] = [remove(document, arg)]
    for node in users:
        step = run_step(stage, node) if node.keyword == "RUN" else None
        if step is None or step.script is None or step.script.form != "shell":
            return Refusal(f"line {node.line} uses {name} where no secret can be mounted")
        first = step.script.commands[0].span.start
        first = min([first, *(part.span.start for part in step.script.commands[0].assignments)])
        flag = node.keyword_span.end
        edits.append(Edit(Span(flag, flag), f" --mount=type=secret,id={name}"))
        read = f'export {name}="$(cat /run/secrets/{name} 2>/dev/null)"; '
        edits.append(Edit(Span(first, first), read))
    return edits


TRANSFORM = Transform(
    name="secret-mounts",
    title="Secrets by mount, not by build argument",
    guide=(
        "Every build argument that a step uses can be read back with `docker history`. A secret mount is a file in memory for "
        "one step. The value that was passed before must be changed: whoever has an old image has it."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nARG PIP_TOKEN\nRUN pip install --index-url https://u:$PIP_TOKEN@pypi.example.com/simple acme\n",
            "FROM python:3.11\nRUN --mount=type=secret,id=PIP_TOKEN "
            'export PIP_TOKEN="$(cat /run/secrets/PIP_TOKEN 2>/dev/null)"; '
            "pip install --index-url https://u:$PIP_TOKEN@pypi.example.com/simple acme\n",
        ),
        Example(
            "FROM python:3.11\nARG GIT_TOKEN=ghp_0123456789\nRUN pip install git+https://$GIT_TOKEN@example.com/a/b.git\n",
            "FROM python:3.11\nRUN --mount=type=secret,id=GIT_TOKEN "
            'export GIT_TOKEN="$(cat /run/secrets/GIT_TOKEN 2>/dev/null)"; '
            "pip install git+https://$GIT_TOKEN@example.com/a/b.git\n",
            "a value in the file is known to all who read it",
        ),
        Example(
            "FROM python:3.11\nENV API_KEY=abc\n",
            "FROM python:3.11\nENV API_KEY=abc\n",
            "the application may read it when it runs",
        ),
        Example("FROM python:3.11\nARG TOKENIZER=bert\n", "FROM python:3.11\nARG TOKENIZER=bert\n"),
    ),
)

"""A numeric user without rights for the final image, owning what it must write, with no chown layer."""

import re

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import exec_form, insert_after, insert_before, replace
from tare.rewrite.ownership import (
    LOCAL,
    copied_to_system,
    obstacle,
    owned_places,
    relocations,
    step_edits,
)
from tare.rewrite.start import started
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

NAME = "app"
ROOT = frozenset({"root", "0"})
PROJECT_STEP = re.compile(
    r"^(?:python3?|flask|django-admin)\s+(?!-m\s+(?:pip|venv|ensurepip|compileall|spacy)\b|setup\.py)"
)


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Create the user at the top of the final stage, give it the copied files, and switch to it at the end."""
    stage = document.final
    user = next((node.value for node in reversed(stage.instructions) if node.keyword == "USER"), None)
    if user is not None:
        if user.partition(":")[0] not in ROOT:
            return None
        return Refusal("the file switches to root on purpose (`USER root`)")
    starts = [node for node in stage.instructions if node.keyword in ("CMD", "ENTRYPOINT")]
    if not starts:
        return Refusal("the stage starts nothing: it may be a base for others, which would inherit the user")
    root = stage
    while root.parent is not None:
        root = document.stages[root.parent]
        if any(node.keyword == "USER" for node in root.instructions):
            return None
    base = base_facts(root.base)
    if base is None:
        return Refusal(f"which tools {root.base} has to create a user is not known")
    if base.default_user.partition(":")[0] not in ROOT | {""}:
        return None
    reason = obstacle(document, stage, facts)
    if reason is not None:
        return Refusal(reason)
    uid = facts.settings.user_id
    place = _place(stage)
    edits = [insert_after(document, stage.from_, _create(stage, uid, base.family))]
    edits += _owners(stage, f"--chown={uid}:{uid}")
    moved = relocations(document, stage)
    edits += moved
    chown = f"chown -R {uid}:{uid}" if base.family == "alpine" else f"chown -R --from=0:0 {uid}:{uid}"
    for step in run_steps(stage):
        if step.instruction.span.start < place.span.start:
            edits += step_edits(stage, step, chown)
    for node in started(stage):
        edits += _synced(node)
    edits.append(insert_before(document, place, f"USER {uid}:{uid}"))
    return Proposal(
        tuple(edits),
        f"the service runs as user {uid}: a hole in it is not a hole in the whole container",
        Applicability.UNSAFE,
    )


def _create(stage: Stage, uid: int, family: str) -> str:
    owned = owned_places(stage)
    if family == "alpine":
        commands = [f"addgroup -g {uid} {NAME}", f"adduser -D -u {uid} -G {NAME} {NAME}"]
        commands += [f"install -d -o {NAME} -g {NAME} {' '.join(owned)}"] if owned else []
    else:
        commands = [
            f"groupadd --gid {uid} {NAME}",
            f"useradd --no-log-init --uid {uid} --gid {NAME} --create-home {NAME}",
        ]
        commands += [f"install --directory --owner={NAME} --group={NAME} {' '.join(owned)}"] if owned else []
    return "RUN " + " \\\n && ".join(commands)


def _owners(stage: Stage, owner: str) -> list[Edit]:
    """The owner of what is copied; the system's own directories and other stages' files keep theirs."""
    edits = []
    for node in stage.instructions:
        if node.keyword not in ("COPY", "ADD") or node.flag("chown") is not None:
            continue
        local = node.as_copy().dest.rstrip("/") == LOCAL
        if local if node.flag("from") is not None else not copied_to_system(stage, node):
            edits.append(Edit(Span(node.keyword_span.end, node.keyword_span.end), f" {owner}"))
    return edits


def _synced(node: Instruction) -> list[Edit]:
    """`uv run` would write to the environment, which is root's: it is complete already."""
    words = list(node.json or ())
    if words[:2] != ["uv", "run"] or "--no-sync" in words:
        return []
    return [replace(node, f"{node.keyword} {exec_form([*words[:2], '--no-sync', *words[2:]])}")]


def _place(stage: Stage) -> Instruction:
    """The first instruction that should run without rights: the project's own last steps, or what comes after all."""
    tail = len(stage.instructions)
    for index in range(len(stage.instructions) - 1, 0, -1):
        node = stage.instructions[index]
        if node.keyword == "RUN":
            if node.form != "shell" or node.heredocs or not _project_step(node.value):
                break
        elif node.keyword in ("COPY", "ADD", "WORKDIR", "SHELL"):
            break
        tail = index
    return stage.instructions[min(tail, len(stage.instructions) - 1)]


def _project_step(value: str) -> bool:
    return all(PROJECT_STEP.match(part.strip()) for part in value.split("&&"))


TRANSFORM = Transform(
    name="non-root",
    title="Run without root's rights",
    guide=(
        "A number instead of a name lets Kubernetes check `runAsNonRoot` without looking into the image. Files get their "
        "owner when they are copied: a `chown -R` afterwards would store every one of them a second time. The user has a "
        "home, because libraries keep caches there."
    ),
    plan=plan,
    examples=(
        Example(
            'FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nEXPOSE 8000\nCMD ["python", "app.py"]\n',
            "FROM python:3.11-slim\n"
            "RUN groupadd --gid 10001 app \\\n"
            " && useradd --no-log-init --uid 10001 --gid app --create-home app \\\n"
            " && install --directory --owner=app --group=app /app\n"
            "WORKDIR /app\nCOPY --chown=10001:10001 . .\n"
            'USER 10001:10001\nEXPOSE 8000\nCMD ["python", "app.py"]\n',
        ),
        Example(
            'FROM python:3.11-slim\nCOPY . /srv\nRUN python manage.py migrate\nCMD ["python", "manage.py", "runserver"]\n',
            "FROM python:3.11-slim\n"
            "RUN groupadd --gid 10001 app \\\n"
            " && useradd --no-log-init --uid 10001 --gid app --create-home app\n"
            "COPY --chown=10001:10001 . /srv\nUSER 10001:10001\nRUN python manage.py migrate\n"
            'CMD ["python", "manage.py", "runserver"]\n',
            "what the project's own step writes, the service must be able to write too",
        ),
        Example(
            "FROM python:3.11-slim\nRUN pip install transformers && python -c 'import transformers as t; "
            't.AutoModel.from_pretrained("x/y")\'\nWORKDIR /app\nCOPY app.py .\nRUN mkdir -p data\nCOPY crontab /etc/cron.d/\n'
            'CMD ["python", "app.py"]\n',
            "FROM python:3.11-slim\n"
            "RUN groupadd --gid 10001 app \\\n"
            " && useradd --no-log-init --uid 10001 --gid app --create-home app \\\n"
            " && install --directory --owner=app --group=app /app\n"
            "RUN pip install transformers && HOME=/home/app python -c 'import transformers as t; "
            't.AutoModel.from_pretrained("x/y")\' && chown -R --from=0:0 10001:10001 /home/app\n'
            "WORKDIR /app\nCOPY --chown=10001:10001 app.py .\n"
            "RUN mkdir -p data && chown -R --from=0:0 10001:10001 /app/data\nCOPY crontab /etc/cron.d/\n"
            'USER 10001:10001\nCMD ["python", "app.py"]\n',
            "a model that the build fetches belongs to the user who loads it; the system's files stay root's",
        ),
        Example(
            "FROM python:3.11 AS build\nRUN pip install --user flask\nFROM python:3.11-slim\n"
            "COPY --from=build /root/.local /root/.local\nENV PATH=/root/.local/bin:$PATH\n"
            'COPY app.py .\nCMD ["flask", "run"]\n',
            "FROM python:3.11 AS build\nRUN pip install --user flask\nFROM python:3.11-slim\n"
            "RUN groupadd --gid 10001 app \\\n"
            " && useradd --no-log-init --uid 10001 --gid app --create-home app\n"
            "COPY --chown=10001:10001 --from=build /root/.local /home/app/.local\n"
            "ENV PATH=/home/app/.local/bin:$PATH\n"
            'COPY --chown=10001:10001 app.py .\nUSER 10001:10001\nCMD ["flask", "run"]\n',
            "nobody else can look into root's home",
        ),
        Example(
            'FROM python:3.11-slim\nRUN apt-get update && apt-get install -y cron\nCMD ["cron", "-f"]\n',
            'FROM python:3.11-slim\nRUN apt-get update && apt-get install -y cron\nCMD ["cron", "-f"]\n',
            "cron starts its jobs as other users",
        ),
        Example(
            'FROM python:3.11-slim\nUSER nobody\nCMD ["python", "app.py"]\n',
            'FROM python:3.11-slim\nUSER nobody\nCMD ["python", "app.py"]\n',
        ),
        Example(
            'FROM python:3.11-slim\nCMD ["python", "-m", "http.server", "80"]\n',
            'FROM python:3.11-slim\nCMD ["python", "-m", "http.server", "80"]\n',
            "low ports",
            Facts(port=80),
        ),
    ),
)

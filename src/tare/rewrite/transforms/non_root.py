"""A numeric user without rights for the final image, owning what it must write, with no chown layer."""

import re

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.knowledge.bases import base_facts
from tare.rewrite.facts import Facts, RewriteSettings
from tare.rewrite.layout import insert_after, insert_before
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

NAME = "app"
ROOT = frozenset({"root", "0"})
PROJECT_STEP = re.compile(r"^(?:python3?|flask|django-admin)\s+(?!-m\s+(?:pip|venv|ensurepip|compileall)\b)")


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
    if facts.port is not None and facts.port < 1024:
        return Refusal(
            f"port {facts.port} is below 1024, which many clusters keep for root: move it up first"
        )
    edits = [insert_after(document, stage.from_, _create(stage, facts.settings, base.family))]
    owner = f"--chown={facts.settings.user_id}:{facts.settings.user_id}"
    edits += [
        Edit(Span(node.keyword_span.end, node.keyword_span.end), f" {owner}")
        for node in stage.instructions
        if node.keyword in ("COPY", "ADD") and node.flag("chown") is None and node.flag("from") is None
    ]
    switch = f"USER {facts.settings.user_id}:{facts.settings.user_id}"
    edits.append(insert_before(document, _place(stage), switch))
    return Proposal(
        tuple(edits),
        f"the service runs as user {facts.settings.user_id}: a hole in it is not a hole in the whole container",
        Applicability.UNSAFE,
    )


def _create(stage: Stage, settings: RewriteSettings, family: str) -> str:
    uid = settings.user_id
    owned = sorted(_owned(stage))
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


def _owned(stage: Stage) -> set[str]:
    """The last working directory and the volumes: where an application may write."""
    owned: set[str] = set()
    workdirs = [node.value.strip().rstrip("/") for node in stage.instructions if node.keyword == "WORKDIR"]
    if workdirs and re.fullmatch(r"(?:/[\w.-]+)+", workdirs[-1]):
        owned.add(workdirs[-1])
    for node in stage.instructions:
        if node.keyword == "VOLUME":
            words = node.json if node.json is not None else node.args
            owned.update(word for word in words if re.fullmatch(r"(?:/[\w.-]+)+", word))
    return owned


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

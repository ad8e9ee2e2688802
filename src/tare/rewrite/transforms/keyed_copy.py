"""Where the builder copies between stages on every build: copy the environment in a step with a key of its own."""

from tare.dockerfile import Dockerfile, Instruction
from tare.rewrite.copied_environment import copied_environment
from tare.rewrite.facts import Facts, RewriteSettings
from tare.rewrite.layout import insert_after, replace
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

ROOT = frozenset({"root", "0", "root:root", "0:0"})


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Write a digest of the environment beside it; copy the digest, and in a step below it the environment."""
    if facts.settings.stage_copies_cached or not facts.single_stage:
        return None
    found = copied_environment(document)
    if found is None:
        return None
    if found.copy.flags != tuple(flag for flag in found.copy.flags if flag.name == "from"):
        return Refusal("the COPY has more options than --from")
    users = [
        node.value for node in _before(document.final.instructions, found.copy) if node.keyword == "USER"
    ]
    if users and users[-1] not in ROOT:
        return Refusal("the step that copies would not run as root")
    parent, _, name = found.path.rpartition("/")
    digest = f"{parent}/environment.digest"
    source = found.copy.flag("from")
    last = found.builder.instructions[-1]
    return Proposal(
        (
            insert_after(
                document,
                last,
                f"RUN cd {found.path} \\\n"
                " && { find . -printf '%P %m %U %G %l\\n'; find . -type f -exec sha256sum {} +; } \\\n"
                f"      | sort | sha256sum > {digest}",
            ),
            replace(
                found.copy,
                f"COPY --from={source} {digest} {digest}\n"
                f"RUN --mount=type=bind,from={source},source={found.path},target=/run/{name} \\\n"
                f"    cp -aT /run/{name} {found.path}",
            ),
        ),
        "this builder copies and digests the whole environment on every build before it looks into its cache; now it does "
        "so for a file of one line",
        Applicability.SAFE,
    )


def _before(nodes: tuple[Instruction, ...], node: Instruction) -> tuple[Instruction, ...]:
    return nodes[: next(index for index, other in enumerate(nodes) if other is node)]


_BEFORE = """FROM python:3.11 AS builder
RUN python -m venv /opt/venv
FROM python:3.11-slim
COPY --from=builder /opt/venv /opt/venv
COPY . .
"""
_AFTER = """FROM python:3.11 AS builder
RUN python -m venv /opt/venv
RUN cd /opt/venv \\
 && { find . -printf '%P %m %U %G %l\\n'; find . -type f -exec sha256sum {} +; } \\
      | sort | sha256sum > /opt/environment.digest
FROM python:3.11-slim
COPY --from=builder /opt/environment.digest /opt/environment.digest
RUN --mount=type=bind,from=builder,source=/opt/venv,target=/run/venv \\
    cp -aT /run/venv /opt/venv
COPY . .
"""

TRANSFORM = Transform(
    name="keyed-copy",
    title="Copy the environment only when it changed",
    guide=(
        "BuildKit knows without looking that a cached stage brings nothing new. Buildah and Podman copy and digest what a "
        "`COPY --from` names, on every build, and only then ask their cache: seconds for an environment of a gigabyte. A "
        "digest of the environment, written once by the builder stage, is the key instead; the copy itself is a RUN step "
        "below it, which is looked up by its text and its parent."
    ),
    plan=plan,
    examples=(
        Example(_BEFORE, _AFTER, facts=Facts(settings=RewriteSettings(stage_copies_cached=False))),
        Example(_BEFORE, _BEFORE, "BuildKit"),
        Example(
            _BEFORE,
            _BEFORE,
            "stages that were there before are left as they are",
            Facts(single_stage=False, settings=RewriteSettings(stage_copies_cached=False)),
        ),
    ),
)

"""TR6013: model weights downloaded in a build step."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.shipped import shipped_stages, under_mount
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_DOWNLOADS = re.compile(
    r"^(?:huggingface-cli|hf) download |^ollama pull |from_pretrained\(|snapshot_download\(|^gdown |whisper\.load_model\("
    r"|hf_hub_download\(|spacy download .*_(?:md|lg|trf)\b|https?://\S+\.(?:safetensors|gguf|ckpt|pth|pt|onnx)(?:\?|$|\s)"
)


def check(document: Document) -> Iterable[Problem]:
    """Commands that are known to fetch models, in a shipped stage, into a layer."""
    for entry in every_command(document):
        step = entry.step
        if step.stage not in shipped_stages(document):
            continue
        text = " ".join(word.text for word in entry.command.effective_argv)
        if _DOWNLOADS.search(text) and not under_mount(step, "/root/.cache/huggingface"):
            message = (
                "the weights become part of this layer and are pulled again whenever something above changes"
            )
            yield Problem(message, entry.command.span, step.outer)


RULE = Rule(
    code="TR6013",
    name="weights-downloaded",
    title="Decide whether downloaded weights belong into the image.",
    why=(
        "A step that downloads weights makes a layer of hundreds of megabytes to many gigabytes that is built "
        "and pulled again whenever an instruction above it changes. If they shall be in the image, download "
        "them in a stage of their own by revision and `COPY --from` it; else mount them or fetch them at the "
        "start (`HF_HOME` on a volume)."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    examples=(Example("FROM python:3.12-slim\nRUN huggingface-cli download bert-base-uncased\n"),),
    clean=(
        (
            "FROM python:3.12-slim AS weights\nRUN huggingface-cli download bert-base-uncased\n"
            "FROM python:3.12-slim\nCOPY --from=weights /root/.cache /models\n"
        ),
    ),
)

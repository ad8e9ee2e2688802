"""Which Dockerfile instruction made which layer: the final stage aligned with the image's history.

Both are short sequences of keywords with texts. The alignment keeps their order and prefers equal texts; variables make
texts differ, so a keyword alone may match where order leaves no other choice. When most texts differ the Dockerfile is
taken for another image's, and no layer gets a line.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tare.image.documents import HistoryStep
from tare.image.model import instruction_text

if TYPE_CHECKING:  # the parser is loaded where there is a Dockerfile to read
    from tare.dockerfile import Dockerfile, Instruction

_IN_HISTORY = frozenset(
    [
        *(
            "RUN",
            "COPY",
            "ADD",
            "WORKDIR",
            "ENV",
            "LABEL",
            "USER",
            "CMD",
            "ENTRYPOINT",
            "EXPOSE",
            "VOLUME",
            "ARG",
        ),
        *("STOPSIGNAL", "HEALTHCHECK", "SHELL", "MAINTAINER", "ONBUILD"),
    ]
)
_MAKES_LAYERS = frozenset({"RUN", "COPY", "ADD"})
_HASHED = re.compile(r"(?:file|dir|multi):[0-9a-f]{16,}(?: in |$)")
_FITS = 0.5
_KEYWORD_ONLY = 0.1
_SIMILAR = 0.3


@dataclass(frozen=True, slots=True)
class LayerLines:
    """Lines by layer number. `base_layers` is the number of layers below the first instruction of the Dockerfile, None
    where not all of its instructions were found. `fits` is false for another image's Dockerfile."""

    lines: Mapping[int, int]
    base_layers: int | None
    fits: bool


def align(dockerfile: "Dockerfile", history: Sequence[HistoryStep]) -> LayerLines:
    """Find the layers of the final stage's instructions, and those of the stages that it starts from."""
    own = [one for one in _instructions(dockerfile) if one.keyword in _IN_HISTORY]
    steps = [_of_text(instruction_text(step.created_by)) for step in history]
    pairs = _best([_of_instruction(one) for one in own], steps)
    matched = [(own[a], b, score) for a, b, score in pairs if own[a].keyword in _MAKES_LAYERS]
    wanted = [one for one in own if one.keyword in _MAKES_LAYERS]
    mean = sum(score for _, _, score in matched) / len(wanted) if wanted else 0.0
    if not matched or mean < _FITS:
        return LayerLines({}, None, not wanted)
    numbers: dict[int, int] = {}
    count = 0
    for place, step in enumerate(history):
        if not step.empty_layer:
            count += 1
            numbers[place] = count
    lines = {numbers[place]: own[index].line for index, place, _ in pairs if place in numbers}
    base = None
    if len(matched) == len(wanted):
        first = matched[0][1]
        for _, place, _ in reversed(pairs):
            if place == first - 1:
                first = place
        base = sum(not step.empty_layer for step in history[:first])
    return LayerLines(lines, base, True)


def pair_texts(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The places of instructions that are versions of each other: same keyword, similar words, in the same order."""
    pairs = _best([_of_text(text) for text in before], [_of_text(text) for text in after])
    return [(a, b) for a, b, similarity in pairs if similarity >= _SIMILAR]


def _instructions(dockerfile: "Dockerfile") -> list["Instruction"]:
    stage = dockerfile.final
    chain = [stage]
    while chain[-1].parent is not None:
        chain.append(dockerfile.stages[chain[-1].parent])
    return [one for part in reversed(chain) for one in part.instructions[1:]]


@dataclass(frozen=True, slots=True)
class _Step:
    """A keyword with its words. `target` is where COPY and ADD put files; `hashed` tells that the history names the
    sources by checksum only (`COPY file:… in /app`), so that only the target can be compared."""

    keyword: str
    words: Counter[str]
    target: str
    hashed: bool = False

    def similarity(self, other: "_Step") -> float:
        """0 to 1; negative for another keyword."""
        if self.keyword != other.keyword:
            return -1.0
        if self.hashed or other.hashed:
            return 1.0 if self.target.rstrip("/") == other.target.rstrip("/") else 0.3
        both = sum((self.words & other.words).values())
        most = max(sum(self.words.values()), sum(other.words.values()))
        return both / most if most else 1.0


def _of_instruction(instruction: "Instruction") -> _Step:
    text = " ".join(instruction.json) if instruction.json is not None else instruction.value
    text += " " + " ".join(heredoc.content for heredoc in instruction.heredocs)
    words = _words(text)
    target = instruction.args[-1] if instruction.keyword in ("COPY", "ADD") and instruction.args else ""
    return _Step(instruction.keyword, Counter(words), target)


def _of_text(text: str) -> _Step:
    keyword, _, rest = text.partition(" ")
    words = _words(rest)
    keyword = keyword.upper()
    hashed = keyword in ("COPY", "ADD") and _HASHED.match(rest) is not None
    return _Step(keyword, Counter(words), words[-1] if words else "", hashed)


def _words(text: str) -> list[str]:
    return [word for word in text.replace("\\\n", " ").split() if not word.startswith("--") and word != "\\"]


def _best(own: Sequence[_Step], steps: Sequence[_Step]) -> list[tuple[int, int, float]]:
    """The alignment with the highest sum of similarities, from the last step backwards: (own, step, similarity)."""
    width = len(steps) + 1
    scores = [[one.similarity(step) for step in steps] for one in own]
    best = [[0.0] * width for _ in range(len(own) + 1)]
    for i in range(1, len(own) + 1):
        for j in range(1, width):
            value = max(best[i - 1][j], best[i][j - 1])
            if scores[i - 1][j - 1] >= 0:
                value = max(value, best[i - 1][j - 1] + _KEYWORD_ONLY + scores[i - 1][j - 1])
            best[i][j] = value
    pairs = []
    i, j = len(own), width - 1
    while i and j:
        score = scores[i - 1][j - 1]
        if score >= 0 and best[i][j] == best[i - 1][j - 1] + _KEYWORD_ONLY + score:
            pairs.append((i - 1, j - 1, score))
            i, j = i - 1, j - 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i -= 1
    return pairs[::-1]

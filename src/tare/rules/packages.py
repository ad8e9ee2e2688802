"""What package managers are asked to install, read as hadolint reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tare.dockerfile.shell import Word
from tare.rules.calls import Call, calls, is_flag, plain
from tare.rules.document import Document, Step

_RPM_VERSION = re.compile(r"[^*?]+-[0-9][^*?-]*(?:-[0-9][^*?-]*)?")


def operands(call: Call, *actions: str, values: tuple[str, ...] = ()) -> tuple[Word, ...]:
    """The words of a call that are neither flags, nor values of the flags named in `values`, nor one of the actions."""
    return tuple(
        word for word in call.without_values(*values) if word.text not in actions and word.text != "--"
    )


def pinned_rpm(word: Word, *, module: bool = False) -> bool:
    """Whether `name-1.2` (or `name:stream` of a module) has a version."""
    text = plain(word)
    return ":" in text if module else _RPM_VERSION.fullmatch(text) is not None


def rpm_packages(call: Call) -> tuple[Word, ...]:
    """The packages that `yum install` or `dnf module install` name without a version."""
    module = call.has_word("module")
    found = operands(call, "install", "module")
    return tuple(word for word in found if not pinned_rpm(word, module=module))


@dataclass(frozen=True, slots=True)
class PipCall:
    """`pip install …`. `words` are those after `install`, which is `action`."""

    call: Call
    action: Word
    words: tuple[Word, ...]


def pip_calls(document: Document, *, pipx: bool = False) -> Iterator[tuple[Step, tuple[PipCall, ...]]]:
    """Every RUN step with calls of `pip install` in any of its spellings."""
    yield from document.once(_with_pipx if pipx else _without_pipx)


def _with_pipx(document: Document) -> tuple[tuple[Step, tuple[PipCall, ...]], ...]:
    return tuple(_pips(document, True))


def _without_pipx(document: Document) -> tuple[tuple[Step, tuple[PipCall, ...]], ...]:
    return tuple(_pips(document, False))


def _pips(document: Document, pipx: bool) -> Iterator[tuple[Step, tuple[PipCall, ...]]]:
    steps: dict[int, tuple[Step, list[PipCall]]] = {}
    for step, call in calls(document):
        pip = _pip(call, pipx)
        if pip is not None:
            steps.setdefault(id(step), (step, []))[1].append(pip)
    for step, found in steps.values():
        yield step, tuple(found)


def _pip(call: Call, pipx: bool) -> PipCall | None:
    texts = [word.text for word in call.words]
    if call.name.startswith("pip") and not call.name.startswith("pipenv"):
        if (call.name.startswith("pipx") and not pipx) or "install" not in texts:
            return None
        at = texts.index("install")
    elif call.name.startswith("python"):
        starts = [i for i in range(len(texts)) if texts[i : i + 3] == ["-m", "pip", "install"]]
        if not starts:
            return None
        at = starts[0] + 2
    else:
        return None
    return PipCall(call, call.words[at], call.words[at + 1 :])


def without_values(words: tuple[Word, ...], names: frozenset[str]) -> tuple[Word, ...]:
    """The words that are neither flags nor the word after one of the flags (as written) in `names`."""
    kept: list[Word] = []
    skip = False
    for word in words:
        if not is_flag(word.text):
            if not skip:
                kept.append(word)
            skip = False
        else:
            skip = word.text in names
    return tuple(kept)

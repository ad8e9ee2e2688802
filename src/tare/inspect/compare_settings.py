"""Two image configurations, setting by setting: variables and labels one by one."""

from collections.abc import Iterator, Mapping, Sequence

from tare.core.redaction import is_secret_name
from tare.image.documents import ImageConfig
from tare.schema.diff import SettingDiff

HIDDEN = "***"


def compare_settings(before: ImageConfig, after: ImageConfig) -> tuple[SettingDiff, ...]:
    """Every setting that differs, in the order of the configuration."""
    old, new = dict(_settings(before)), dict(_settings(after))
    found = []
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            secret = name.startswith("env ") and is_secret_name(name[4:])
            a, b = old.get(name), new.get(name)
            found.append(SettingDiff(name, HIDDEN if secret and a else a, HIDDEN if secret and b else b))
    return tuple(found)


def _settings(config: ImageConfig) -> Iterator[tuple[str, str]]:
    yield "platform", str(config.platform)
    for name, words in (
        ("entrypoint", config.entrypoint),
        ("cmd", config.cmd),
        ("healthcheck", config.healthcheck),
        ("shell", config.shell),
        ("ports", config.exposed_ports),
        ("volumes", config.volumes),
    ):
        if words:
            yield name, _words(words)
    for name, text in (
        ("user", config.user),
        ("workdir", config.workdir),
        ("stop signal", config.stop_signal),
    ):
        if text:
            yield name, text
    yield from _pairs("env", dict(line.partition("=")[::2] for line in config.env))
    yield from _pairs("label", config.labels)


def _words(words: Sequence[str]) -> str:
    """As a JSON array, so that words with blanks can be told apart."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "[" + ", ".join(f'"{word}"' for word in quoted) + "]"


def _pairs(kind: str, pairs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(pairs.items()):
        yield f"{kind} {name}", value

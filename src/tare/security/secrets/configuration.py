"""Secrets in an image's configuration: variables, labels, entry point, command, health check, history, and the rest."""

from collections.abc import Iterator

from tare.core.redaction import is_secret_name
from tare.image.model import Image, instruction_text
from tare.security.secrets.find import Found, find, named_value
from tare.security.secrets.places import Located, Place


def in_configuration(image: Image) -> Iterator[Located]:
    """Every secret once, at the place that says most about it: a variable before the history entry that set it."""
    seen: set[str] = set()
    for located in (*_settings(image), *_history(image), *_rest(image)):
        if located.found.fingerprint not in seen:
            seen.add(located.found.fingerprint)
            yield located


def _settings(image: Image) -> Iterator[Located]:
    config = image.config
    for item in config.env:
        name, _, value = item.partition("=")
        yield from (
            Located(one, Place("env", name=name, instruction=_setter(image, name)))
            for one in _value(name, value)
        )
    for name, value in sorted(config.labels.items()):
        yield from (Located(one, Place("label", name=name)) for one in _value(name, value))
    for kind, words in (
        ("entrypoint", config.entrypoint),
        ("cmd", config.cmd),
        ("healthcheck", config.healthcheck),
        ("shell", config.shell),
    ):
        yield from (Located(one, Place(kind)) for one in _command(" ".join(words)))


def _value(name: str, value: str) -> tuple[Found, ...]:
    """A token within a value; else the value itself where the name says that it is secret."""
    found = _tokens(value)
    if found:
        return found
    assigned = named_value(name, value) if is_secret_name(name.replace("-", "_").replace(".", "_")) else None
    return () if assigned is None else (assigned,)


def _tokens(value: str) -> tuple[Found, ...]:
    return tuple(one for one in find(value.encode("utf-8", "replace"), shape="command"))


def _command(text: str) -> tuple[Found, ...]:
    return find(text.encode("utf-8", "replace"), shape="command")


def _setter(image: Image, name: str) -> str:
    for step in image.config.history:
        text = instruction_text(step.created_by)
        if text.startswith("ENV ") and name in text:
            return f"ENV {name}=***"
    return ""


def _history(image: Image) -> Iterator[Located]:
    layer = 0
    for step in image.config.history:
        layer += 0 if step.empty_layer else 1
        for text in (step.created_by, step.comment, step.author):
            for one in _command(text):
                words = instruction_text(step.created_by).split(None, 1)
                yield Located(
                    one,
                    Place(
                        "history",
                        name=one.variable,
                        layer=None if step.empty_layer else layer,
                        instruction=words[0] if words else "",
                    ),
                )


def _rest(image: Image) -> Iterator[Located]:
    """Fields that no one knows, or that only older engines write (`container_config`), and the manifest's annotations."""
    for raw in (image.source.config(), image.source.manifest()):
        yield from (Located(one, Place("configuration")) for one in find(raw) if not one.variable)

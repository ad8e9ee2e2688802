"""Secret values kept out of everything that people and programs read: logs, events, errors, reports."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from tare.core.errors import TareError
from tare.core.events import Event, EventSink

T = TypeVar("T")

HIDDEN = "***"
SHORTEST = 4
"""Values with fewer characters are in any text by chance; hiding them would garble it and hide nothing."""

_SECRET = re.compile(
    r"(?:^|_)(?:token|passw(?:or)?d|passwd|secret|apikey|api_key|access_key|private_key|credentials?|auth)(?:_|$)",
    re.I,
)
_NOT_SECRET = re.compile(
    r"(?:^|_)(?:file|path|url|dir|name|id|type|ttl|expiry|length|algorithm|enabled?)$", re.I
)


def is_secret_name(name: str) -> bool:
    """Whether a variable's name says that its value must stay secret."""
    return _SECRET.search(name) is not None and _NOT_SECRET.search(name) is None


class Redaction:
    """Replaces values by `***`. A value of several lines is hidden line by line, because logs come in lines."""

    def __init__(self, values: Iterable[str]) -> None:
        lines = {line.strip() for value in values for line in (value, *value.splitlines())}
        self._values = sorted((line for line in lines if len(line) >= SHORTEST), key=len, reverse=True)

    @classmethod
    def of_build(cls, secrets: Mapping[str, str], build_args: Mapping[str, str]) -> "Redaction":
        """All secrets, and the build arguments whose names say that they are."""
        return cls(
            (*secrets.values(), *(value for name, value in build_args.items() if is_secret_name(name)))
        )

    def text(self, text: str) -> str:
        """A text without the values."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        return text

    def sink(self, on_event: EventSink) -> EventSink:
        """Events without the values."""

        def send(event: Event) -> None:
            on_event(Event(event.level, self.text(event.message)))

        return send if self._values else on_event

    def error(self, error: TareError) -> TareError:
        """The same error, its texts without the values."""
        error.message = self.text(error.message)
        error.args = (error.message,)
        error.where, error.hint, error.detail = (
            None if text is None else self.text(text) for text in (error.where, error.hint, error.detail)
        )
        return error

    def report(self, report: T) -> T:
        """A report (frozen dataclasses, tuples, mappings, texts) without the values."""
        return cast(T, self._clean(report)) if self._values else report

    def _clean(self, value: Any) -> Any:
        if type(value) is str:
            return self.text(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changed = {}
            for field in dataclasses.fields(value):
                old = getattr(value, field.name)
                new = self._clean(old)
                if new is not old:
                    changed[field.name] = new
            return dataclasses.replace(value, **changed) if changed else value
        if isinstance(value, tuple | list):
            items = [self._clean(item) for item in value]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if isinstance(value, Mapping):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        return value

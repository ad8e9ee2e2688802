"""What `tare verify` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION
from tare.schema.run import Verification


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `tare verify` asked and was answered."""

    verb: Literal["verify"]
    tool_version: str
    before: str | None
    after: str
    engine: str
    verification: Verification
    schema_version: int = field(default=SCHEMA_VERSION)

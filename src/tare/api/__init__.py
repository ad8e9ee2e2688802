"""The verbs as functions. Each returns the report that `--format json` prints."""

from tare.api.config import Configuration, load_configuration
from tare.api.verbs import context, optimize, verify

__all__ = ["Configuration", "context", "load_configuration", "optimize", "verify"]

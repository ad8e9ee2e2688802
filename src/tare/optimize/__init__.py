"""The main job: facts → plan → build → verify → compare, and always the best variant that works."""

from tare.optimize.pipeline import Options, optimize
from tare.optimize.project import Workplace, read_workplace

__all__ = ["Options", "Workplace", "optimize", "read_workplace"]

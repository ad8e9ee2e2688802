"""Dockerfiles: a lossless tree, parsed as BuildKit parses."""

from tare.dockerfile.nodes import (
    Argument,
    CopyArgs,
    Directive,
    Dockerfile,
    Flag,
    FromArgs,
    Heredoc,
    Instruction,
    Stage,
)
from tare.dockerfile.parser import parse

__all__ = [
    "Argument",
    "CopyArgs",
    "Directive",
    "Dockerfile",
    "Flag",
    "FromArgs",
    "Heredoc",
    "Instruction",
    "Stage",
    "parse",
]

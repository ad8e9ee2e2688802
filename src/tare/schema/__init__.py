"""Frozen result types that every layer speaks and that `--format json` prints."""

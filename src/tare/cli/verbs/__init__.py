"""The commands: one module a verb, each with `command`."""

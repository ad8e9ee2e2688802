"""Plain text for a terminal: one module a verb, each `render(report) -> str`."""

"""GitHub-flavoured Markdown, for pull requests and job summaries: one module a verb, each `render(report) -> str`."""

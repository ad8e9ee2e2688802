"""GitHub workflow commands: annotations on the lines of a pull request. Every module renders one verb."""

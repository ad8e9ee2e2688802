"""One tree of errors. Every error says what was read, where, what is wrong, and what to do next."""


class TareError(Exception):
    """Base of all errors that a user may meet.

    `message` is one sentence without a final hint; `where` is a place such as `Dockerfile:3:7` or a layer
    digest; `hint` names the next step; `detail` is further text (a source excerpt, the end of a build log).
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(TareError):
    """A wrong option, path or configuration value."""


class DockerfileSyntaxError(TareError):
    """BuildKit would reject this Dockerfile. `line` and `column` are 1-based, columns in code points."""

    def __init__(
        self,
        message: str,
        *,
        path: str | None,
        line: int,
        column: int,
        excerpt: str = "",
        hint: str | None = None,
    ) -> None:
        caret = f"{excerpt}\n{' ' * (column - 1)}^" if excerpt else None
        super().__init__(message, where=f"{path or 'Dockerfile'}:{line}:{column}", hint=hint, detail=caret)
        self.path = path
        self.line = line
        self.column = column


class EditConflictError(TareError):
    """Two edits touch the same text."""


class ContextError(TareError):
    """The build context cannot be read."""


class OutputError(TareError):
    """A file cannot be written. Nothing was changed."""


class ProjectError(TareError):
    """A requirements file, pyproject or lock cannot be read."""


class NetworkError(TareError):
    """A package index or registry cannot be reached, or answers nonsense."""


class ResolutionError(TareError):
    """The requirements have no solution on the index."""


class ImageError(TareError):
    """An image cannot be read: missing, truncated, corrupt, wrong digest."""


class AdvisoryError(TareError):
    """Advisories cannot be read, or the database is missing, empty, broken or too old."""


class EngineError(TareError):
    """A container engine is missing, stopped, or failed in something other than the build itself."""


class BuildError(TareError):
    """A build ran and failed. `detail` holds the end of its log."""


class VerificationError(TareError):
    """No variant of the image passed verification; nothing was written."""

    exit_code = 3

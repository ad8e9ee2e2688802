"""Which engine is here and works."""

from collections.abc import Callable, Mapping

from tare.build import docker, docker_classic, podman
from tare.build.engine import Engine
from tare.core.errors import EngineError, UsageError

ENGINES: Mapping[str, Callable[[Mapping[str, str]], Engine]] = {
    "docker": docker.find,
    "buildah": podman.find_buildah,
    "podman": podman.find_podman,
    "docker-classic": docker_classic.find,
}


def detect(preferred: str, environ: Mapping[str, str]) -> Engine:
    """The named engine, or with `auto` the first that works. Raises `EngineError` with advice for each that does not."""
    if preferred != "auto":
        if preferred not in ENGINES:
            raise UsageError(
                f"there is no engine {preferred}", hint=f"one of auto, none, {', '.join(ENGINES)}"
            )
        return ENGINES[preferred](environ)
    reasons: list[str] = []
    for name, find in ENGINES.items():
        try:
            return find(environ)
        except EngineError as error:
            reasons.append(f"{name}: {error.message}" + (f" ({error.hint})" if error.hint else ""))
    raise EngineError(
        "no container engine works here",
        detail="\n".join(reasons),
        hint="install one of them, or use --builder none for estimates",
    )

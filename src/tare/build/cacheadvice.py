"""How a machine that starts empty, as in CI, finds the cache of the build before: the exact words for each builder.

Sources: Docker's pages on cache storage backends (registry, inline, gha), buildah-build(1), reproducible-builds.org on
SOURCE_DATE_EPOCH, and PEP 552 for bytecode that depends on content only.
"""

from tare.build.cachekeys import Rules
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.flags import mount_fields
from tare.dockerfile.graph import needed_stages
from tare.dockerfile.stages import effective
from tare.schema.cache import Advice

IMAGE = "REGISTRY/IMAGE"
EPOCH = "315532800"
"""1980-01-01: the first day that a zip archive can name."""


def advise(document: Dockerfile, rules: Rules) -> tuple[Advice, ...]:
    """What to write where the build runs. `REGISTRY/IMAGE` stands for the image's own name."""
    needed = needed_stages(document)
    several = len(needed) > 1
    found = list(_exports(document, rules, several=several))
    if rules == "buildkit" and _has_cache_mounts(document):
        found.append(
            Advice(
                "cache mounts stay on the machine: no export carries them. Keep the builder's volume, or its directory, "
                "between runs",
                (
                    "docker buildx create --use --name ci --driver docker-container",
                    "docker buildx rm --keep-state ci   # at the end of a run on a machine that stays",
                ),
            )
        )
    for stage in document.stages:
        if stage.index in needed and several and _compiles(document, stage):
            found.append(
                Advice(
                    f"bytecode of stage {stage.name or stage.index} without time stamps, so that a stage which runs again "
                    "and makes the same files leaves what copies from it cached (early cutoff)",
                    (f"ENV SOURCE_DATE_EPOCH={EPOCH}   # below line {stage.from_.line}",),
                )
            )
    return tuple(found)


def _exports(document: Dockerfile, rules: Rules, *, several: bool) -> tuple[Advice, ...]:
    cache = f"{IMAGE}:buildcache"
    if rules == "buildah":
        return (
            Advice(
                "each step's layer in a repository of its own (Buildah 1.29, Podman 4.4 and later)",
                (
                    f"buildah build --layers --cache-from {IMAGE}/cache --cache-to {IMAGE}/cache -t {IMAGE}:TAG .",
                    f"buildah push {IMAGE}:TAG",
                ),
            ),
        )
    if rules == "classic":
        stages = [stage.name for stage in document.stages[:-1] if stage.name]
        targets = [f"docker pull {IMAGE}:{name} || true" for name in stages]
        sources = "".join(f" --cache-from {IMAGE}:{name}" for name in (*stages, "latest"))
        builds = [
            f"docker build --target {name} --cache-from {IMAGE}:{name} -t {IMAGE}:{name} . && docker push {IMAGE}:{name}"
            for name in stages
        ]
        return (
            Advice(
                "the image of the run before as the cache; every stage under a name of its own",
                (
                    *targets,
                    f"docker pull {IMAGE}:latest || true",
                    *builds,
                    f"docker build{sources} -t {IMAGE}:latest . && docker push {IMAGE}:latest",
                ),
            ),
        )
    found = [
        Advice(
            "all stages' layers in the registry (mode=max; min and inline hold only the last stage's)",
            (
                "docker buildx create --use --name ci --driver docker-container",
                f"docker buildx build --push -t {IMAGE}:TAG --cache-from type=registry,ref={cache} "
                f"--cache-to type=registry,ref={cache},mode=max,image-manifest=true,oci-mediatypes=true .",
            ),
        ),
        Advice(
            "the same in the cache of GitHub Actions (docker/build-push-action)",
            ("cache-from: type=gha", "cache-to: type=gha,mode=max"),
        ),
    ]
    if not several:
        found.append(
            Advice(
                "inside the image itself, without another driver: this file has one stage, whose layers are all in it",
                (
                    f"DOCKER_BUILDKIT=1 docker build --build-arg BUILDKIT_INLINE_CACHE=1 --cache-from {IMAGE}:latest "
                    f"-t {IMAGE}:latest . && docker push {IMAGE}:latest",
                ),
            )
        )
    return tuple(found)


def _has_cache_mounts(document: Dockerfile) -> bool:
    return any(
        flag.name == "mount" and dict(mount_fields(flag)).get("type") == "cache"
        for node in document.instructions
        if node.keyword == "RUN"
        for flag in node.flags
    )


def _compiles(document: Dockerfile, stage: Stage) -> bool:
    """Whether a stage that others copy from installs Python packages and leaves bytecode with time stamps."""
    if stage is document.final:
        return False
    env = effective(document, stage).env
    if env.get("SOURCE_DATE_EPOCH"):
        return False
    text = " ".join(node.value for node in stage.instructions if node.keyword == "RUN")
    pip = "pip install" in text and "--no-compile" not in text
    return pip or "compileall" in text or env.get("UV_COMPILE_BYTECODE") == "1" or "--compile" in text

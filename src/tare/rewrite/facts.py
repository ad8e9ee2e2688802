"""What transforms may know of a project. Everything has a value that means "not known", so that a Dockerfile alone
can be rewritten, more cautiously."""

from dataclasses import dataclass, field

from tare.context.narrow import Narrowing

CPU_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """Choices of the user that change what is written.

    `torch`: `auto` takes the CPU build when nothing shows that a GPU is meant, `keep` never touches it.
    `torch_index`: where the CPU wheels are. `user_id`: the numeric user and group of the final image.
    `venv`: where the virtual environment stands. `prune`: leave tests, headers and the bytecode of never imported
    modules out of the environment. `cache_mounts`: whether the builder has them; `cache_locks`: and whether they can be
    locked. `stage_copies_cached`: whether a COPY from an unchanged stage costs the builder nothing.
    """

    torch: str = "auto"
    torch_index: str = CPU_TORCH_INDEX
    user_id: int = 10001
    venv: str = "/opt/venv"
    prune: bool = True
    cache_mounts: bool = True
    cache_locks: bool = True
    stage_copies_cached: bool = True


@dataclass(frozen=True, slots=True)
class Manifest:
    """A `pyproject.toml` that `pip install` of its directory reads.

    `dependencies`: its requirements as written; None where they cannot be taken from the file alone, and then `obstacle`
    says why. `extras`: the names of its extras.
    """

    path: str
    dependencies: tuple[str, ...] | None = None
    extras: frozenset[str] = frozenset()
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Pins:
    """What a requirement file, with those that it includes, leaves no choice about: names and versions pinned with `==`,
    without markers or hashes. `options`: the words of its index options. `obstacle`: why it cannot be split."""

    path: str
    exact: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one project.

    `single_stage`: whether the project's own Dockerfile has one stage only.
    `files`: paths in the build context (after `.dockerignore`), None when the context was not read.
    `dependency_files`: those among them that only name dependencies (requirements, locks, pyproject). `includes`: which
    of them name others (`-r`, `-c`). `local_requirements`: those that install directories of the project. `manifests`:
    its pyprojects. `pins`: versions that requirement files fix. `narrowing`: which parts of the context the application uses.
    `without_musl_wheels`: distributions asked for that Alpine would have to compile; None when no index was asked.
    `distributions`: normalised names of the Python distributions asked for, directly or through others.
    `imports`: third-party top-level modules that the application imports. `programs`: programs that it starts.
    `start_programs`: programs that the scripts call which start the container; None when those were not read.
    `development_groups`: names of dependency groups that are for development by their names.
    `vcs_requirements`: whether a requirement is fetched from a repository. `gpu_hints`: sentences that show that a GPU
    is meant. `health_path` and `port`: where it can be asked how it is. `writes`: directories below its own that it
    writes to. `changes`: the paths that each commit of the history changed. `runtime_packages`: Debian packages that hold
    the shared libraries which installed files need, observed in a built image; None when nothing was built. `release`: the
    base's Debian release, observed as well.
    """

    single_stage: bool = True
    files: frozenset[str] | None = None
    dependency_files: frozenset[str] = frozenset()
    includes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    local_requirements: frozenset[str] = frozenset()
    manifests: tuple[Manifest, ...] = ()
    pins: tuple[Pins, ...] = ()
    narrowing: Narrowing | None = None
    without_musl_wheels: tuple[str, ...] | None = None
    distributions: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    start_programs: frozenset[str] | None = None
    development_groups: frozenset[str] = frozenset()
    vcs_requirements: bool = False
    gpu_hints: tuple[str, ...] = ()
    health_path: str | None = None
    port: int | None = None
    writes: frozenset[str] = frozenset()
    changes: tuple[frozenset[str], ...] = ()
    runtime_packages: tuple[str, ...] | None = None
    release: str | None = None
    settings: RewriteSettings = field(default_factory=RewriteSettings)

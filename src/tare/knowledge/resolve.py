"""Resolving requirements with `uv pip compile`, as pip on the target would, without building anything."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uv
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tare.core.errors import NetworkError, ResolutionError
from tare.knowledge.index import PackageIndex, best_file
from tare.knowledge.index_settings import IndexSettings, redact
from tare.knowledge.requirement_lines import FlatRequirements, RequirementText
from tare.knowledge.sdist_stubs import sdist_requirements, write_stub
from tare.knowledge.targets import Target

MAX_ROUNDS = 24
MAX_SDIST_BYTES = 64 * 1024 * 1024
MAX_MANYLINUX = 40
_WHEELS_REQUIRED = re.compile(r"Wheels are required for `([^`]+)`")
_NETWORK = re.compile(
    r"error sending request|Failed to fetch|tcp connect|dns error|timed? ?out|Connection (refused|reset)",
    re.I,
)
_DECORATION = re.compile(r"^[\s×╰─▶│├]*((error|cause|Caused by):\s*)?")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of a solution. `url` is set where a requirement named the file itself."""

    name: str
    version: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """A solution. `source_only` are the names that have no wheel for the target and would be built."""

    packages: tuple[Pinned, ...]
    source_only: frozenset[str]


def _platform(target: Target) -> str:
    if target.libc == "musl":
        return f"{target.architecture}-unknown-linux-musl"
    if target.architecture not in ("x86_64", "aarch64", "riscv64"):
        return f"{target.architecture}-unknown-linux-gnu"
    return f"{target.architecture}-manylinux_2_{min(target.libc_minor, MAX_MANYLINUX)}"


def _arguments(settings: IndexSettings, target: Target, folder: Path) -> list[str]:
    arguments = [
        uv.find_uv_bin(), "pip", "compile", str(folder / "requirements.in"),
        "--constraints", str(folder / "constraints.in"),
        "--no-config", "--no-header", "--no-annotate", "--no-build", "--quiet", "--color", "never",
        "--no-progress", "--python", sys.executable,
        "--python-version", target.python_version, "--python-platform", _platform(target),
        # pip takes the best version of all indexes, not the first index that has the name.
        "--index-strategy", "unsafe-best-match", "--find-links", str(folder / "stubs"),
    ]  # fmt: skip
    if settings.no_index:
        arguments.append("--no-index")
    else:
        arguments += ["--default-index", settings.index_url]
        for url in settings.extra_index_urls:
            arguments += ["--index", url]
    for place in settings.find_links:
        arguments += ["--find-links", place]
    return arguments


def _run(
    arguments: list[str], folder: Path, settings: IndexSettings, environ: Mapping[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in environ.items() if not key.startswith("UV_") or "CACHE" in key
    }
    environment |= {"UV_HTTP_RETRIES": "1", "UV_HTTP_TIMEOUT": str(int(settings.timeout_s)), "NO_COLOR": "1"}
    if settings.cert:
        environment["SSL_CERT_FILE"] = settings.cert
    try:
        return subprocess.run(
            arguments,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NetworkError(
            f"resolving the requirements took longer than {timeout_s:.0f} s",
            hint="check that the package index answers; pin more versions to make resolving easier",
        ) from error
    except OSError as error:
        raise ResolutionError(
            f"uv cannot be started: {error.strerror}", hint="install it again with `pip install uv`"
        ) from error


def _explain(stderr: str) -> str:
    """uv's message as plain text on one line, without credentials or the hints that fit uv's own command
    line."""
    body = stderr.split("\nhint:")[0]
    text = " ".join(_DECORATION.sub("", line).strip() for line in body.splitlines())
    text = re.sub(r"//[^/@\s]+@", "//***@", re.sub(r"\s+", " ", text)).strip()
    return text[:1200]


def _culprit(explanation: str, requirements: tuple[RequirementText, ...]) -> RequirementText | None:
    """The requirement that uv's explanation speaks about first."""
    found: list[tuple[int, RequirementText]] = []
    for entry in requirements:
        name = re.match(r"[A-Za-z0-9][\w.-]*", entry.text)
        if name is None:
            continue
        spelled = re.escape(canonicalize_name(name[0]))
        at = re.search(rf"(?<![\w.-]){spelled}(?![\w-])", explanation, re.IGNORECASE)
        if at:
            found.append((at.start(), entry))
        elif entry.text in explanation:
            found.append((explanation.index(entry.text), entry))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _hint(explanation: str, target: Target) -> str:
    if "not found in the package registry" in explanation:
        return "check the spelling, or name the index that has the package with `--extra-index-url`"
    if re.search(r"Python\s*[<>=]|Requires-Python|python_version", explanation):
        return f"the base image has Python {target.python_version}: change the base or the pin"
    if "parse requirement" in explanation:
        return "write it as `name==version` (PEP 508)"
    if "no wheels with a matching" in explanation or "platform tag" in explanation:
        return "no wheel fits the platform and no source distribution is offered: choose another version"
    return "loosen one of the conflicting versions"


def _failure(stderr: str, flat: FlatRequirements, target: Target) -> NetworkError | ResolutionError:
    explanation = _explain(stderr)
    if _NETWORK.search(explanation):
        return NetworkError(
            "the package index cannot be reached",
            where=redact(flat.settings.index_url),
            hint="check the index URL, the proxy and the network; PIP_INDEX_URL names another index",
            detail=explanation,
        )
    culprit = _culprit(explanation, flat.requirements)
    what = f"`{culprit.text}` cannot be resolved" if culprit else "the requirements have no solution"
    return ResolutionError(
        what, where=culprit.where if culprit else None, hint=_hint(explanation, target), detail=explanation
    )


def _pinned(output: str) -> tuple[Pinned, ...]:
    packages = []
    for line in output.splitlines():
        text = line.split(" #")[0].strip()
        if not text or text.startswith(("#", "-")):
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise ResolutionError(f"uv printed a line that is no requirement: {text!r}") from error
        version = next((s.version for s in requirement.specifier if s.operator in ("==", "===")), "")
        packages.append(Pinned(canonicalize_name(requirement.name), version, requirement.url))
    return tuple(packages)


def _stub_versions(index: PackageIndex, name: str, target: Target, stubs: Path) -> bool:
    """Write a stub for every version that has no wheel for the target; False where there is none."""
    wrote = False
    for version in {file.version for file in index.files(name)}:
        best = best_file(index.files(name), version, target)
        if best is not None and best.kind == "sdist" and not best.yanked:
            write_stub(stubs, name, str(version))
            wrote = True
    return wrote


def _stated_requirements(index: PackageIndex, pinned: Pinned, target: Target) -> tuple[str, ...]:
    file = best_file(index.files(pinned.name), Version(pinned.version), target)
    if file is None or file.kind != "sdist" or not file.filename.endswith(".tar.gz"):
        return ()
    body = index.download(file, MAX_SDIST_BYTES)
    try:
        return sdist_requirements(body) if body is not None else ()
    except ValueError:
        return ()


def resolve(
    flat: FlatRequirements,
    target: Target,
    index: PackageIndex,
    *,
    environ: Mapping[str, str],
    timeout_s: float = 300.0,
) -> Resolution:
    """The versions that pip would install on the target.

    No source distribution is ever built: those without wheels take part with the dependencies that they
    state. Raises `ResolutionError` naming the requirement where there is no solution, `NetworkError`
    where an index cannot be reached.
    """
    stubbed: set[str] = set()
    read: set[tuple[str, str]] = set()
    with tempfile.TemporaryDirectory(prefix="tare-resolve-") as temporary:
        folder = Path(temporary)
        stubs = folder / "stubs"
        stubs.mkdir()
        (folder / "requirements.in").write_text("".join(f"{entry.text}\n" for entry in flat.requirements))
        (folder / "constraints.in").write_text("".join(f"{entry.text}\n" for entry in flat.constraints))
        arguments = _arguments(flat.settings, target, folder)
        for _ in range(MAX_ROUNDS):
            answer = _run(arguments, folder, flat.settings, environ, timeout_s)
            if answer.returncode != 0:
                names = {
                    canonicalize_name(name) for name in _WHEELS_REQUIRED.findall(answer.stderr)
                } - stubbed
                wrote = [name for name in sorted(names) if _stub_versions(index, name, target, stubs)]
                if not wrote:
                    raise _failure(answer.stderr, flat, target)
                stubbed |= set(wrote)
                continue
            packages = _pinned(answer.stdout)
            fresh = [p for p in packages if p.name in stubbed and (p.name, p.version) not in read]
            stated = [(p, _stated_requirements(index, p, target)) for p in fresh]
            read |= {(p.name, p.version) for p in fresh}
            if not any(requires for _, requires in stated):
                return Resolution(packages, frozenset(stubbed & {p.name for p in packages}))
            for pinned, requires in stated:
                write_stub(stubs, pinned.name, pinned.version, requires)
    raise ResolutionError(
        "the requirements could not be resolved without building source distributions",
        hint="pin the packages that have no wheels",
        detail=", ".join(sorted(stubbed)),
    )

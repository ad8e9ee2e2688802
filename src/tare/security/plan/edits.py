"""The changes as edits of a project: pins in requirement files and Dockerfiles, the distribution's upgrade in the final stage."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from tare.context.requirements import parse_requirements
from tare.core.errors import DockerfileSyntaxError
from tare.dockerfile import parse
from tare.security.plan.change import Change

UPGRADES = {
    "Debian": "apt-get update && apt-get install -y --no-install-recommends --only-upgrade {} && rm -rf /var/lib/apt/lists/*",
    "Ubuntu": "apt-get update && apt-get install -y --no-install-recommends --only-upgrade {} && rm -rf /var/lib/apt/lists/*",
    "Alpine": "apk upgrade --no-cache {}",
    "Wolfi": "apk upgrade --no-cache {}",
    "Chainguard": "apk upgrade --no-cache {}",
    "Rocky Linux": "dnf upgrade -y {} && dnf clean all",
    "AlmaLinux": "dnf upgrade -y {} && dnf clean all",
}


@dataclass(frozen=True, slots=True)
class Written:
    """New texts by path, and the changes that found no place, with the reason."""

    texts: Mapping[str, str]
    missed: tuple[tuple[Change, str], ...]


def write(files: Mapping[str, str], changes: Sequence[Change]) -> Written:
    """Edit requirement files and Dockerfiles (by path) so that the changes are made. A Dockerfile that would not parse any more
    is left as it was. Changes that were refused are not made."""
    texts = dict(files)
    missed: list[tuple[Change, str]] = []
    for change in changes:
        if change.check.status == "refused":
            missed.append((change, change.check.reason))
        elif change.kind == "pin":
            missed += [(change, why) for why in _pin(texts, change)]
        elif change.kind == "upgrade":
            missed += [(change, why) for why in _upgrade(texts, change)]
        else:
            missed.append(
                (change, "tare slim removes it from the image; a multi-stage build leaves it behind")
            )
    changed = {path: text for path, text in texts.items() if text != files[path]}
    return Written(changed, tuple(missed))


def is_dockerfile_path(path: str) -> bool:
    """Whether a file of the project is a Dockerfile, by its name."""
    name = path.rpartition("/")[2].lower()
    return name.startswith(("dockerfile", "containerfile")) or name.endswith(
        (".dockerfile", ".containerfile")
    )


def _pin(texts: dict[str, str], change: Change) -> Iterable[str]:
    name, before, after = change.packages[0]
    done = False
    for path, text in texts.items():
        new = (
            _in_dockerfile(text, name, after)
            if is_dockerfile_path(path)
            else _in_requirements(text, path, name, after)
        )
        if new is None:
            return [f"{path} pins hashes: compile it again"]
        if new != text:
            texts[path], done = new, True
    if done:
        return []
    lists = [path for path in texts if not is_dockerfile_path(path)]
    if not lists:
        return ["there is no requirements file that could pin it"]
    fixed = ", ".join(sorted({hit.advisory.id for hit in change.gone}))
    first = texts[lists[0]]
    end = "" if not first or first.endswith("\n") else "\n"
    texts[lists[0]] = f"{first}{end}{name}>={after}  # {before} has {fixed}\n"
    return []


def _in_requirements(text: str, path: str, name: str, after: str) -> str | None:
    """The text with the package at the new version; None where hashes forbid it."""
    lines = text.split("\n")
    for one in parse_requirements(text.encode(), path).lines:
        if one.name is None or canonicalize_name(one.name) != name or one.url:
            continue
        if one.hashes:
            return None
        place = one.line - 1
        if one.pinned:
            lines[place] = re.sub(
                r"(={2,3}\s*)[^\s,;#\\]+", lambda found: found[1] + after, lines[place], count=1
            )
        else:
            pattern = r"^(\s*[A-Za-z0-9._-]+(?:\[[^\]]*\])?)\s*[^;#\\]*?(\s*(?:[;#\\].*)?)$"
            lines[place] = re.sub(
                pattern, lambda found: f"{found[1]}>={after}{found[2]}", lines[place], count=1
            )
    return "\n".join(lines)


def _in_dockerfile(text: str, name: str, after: str) -> str:
    spelled = re.sub(r"[-_.]+", "[-_.]+", name)
    pattern = rf"(?<![\w.-])({spelled}(?:\[[\w,-]*\])?==)[A-Za-z0-9.!+*-]+"
    new = re.sub(pattern, lambda found: found[1] + after, text, flags=re.IGNORECASE)
    return new if _parses(new) else text


def _upgrade(texts: dict[str, str], change: Change) -> Iterable[str]:
    command = UPGRADES.get(change.ecosystem.partition(":")[0])
    path = next((path for path in texts if is_dockerfile_path(path)), None)
    if command is None or path is None:
        return ["there is no Dockerfile to write the upgrade into"]
    text = texts[path]
    stages = parse(text).stages
    if not stages:
        return [f"{path} has no stage"]
    start = stages[-1].from_.span.end
    at = text.find("\n", start - 1 if text[start - 1 : start] == "\n" else start) + 1 or len(text)
    names = " ".join(name for name, _, _ in change.packages)
    break_before = "" if text[:at].endswith("\n") else "\n"
    new = f"{text[:at]}{break_before}RUN {command.format(names)}\n{text[at:]}"
    if not _parses(new):
        return [f"{path} would not parse any more"]
    texts[path] = new
    return []


def _parses(text: str) -> bool:
    try:
        parse(text)
    except DockerfileSyntaxError:
        return False
    return True

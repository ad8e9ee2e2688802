"""Whether the index has a solution with the changes: everything installed at its version, what changes at its new one."""

from collections.abc import Callable, Mapping, Sequence

from tare.core.errors import NetworkError, ResolutionError, UsageError
from tare.knowledge.index import PackageIndex
from tare.knowledge.index_settings import IndexSettings
from tare.knowledge.requirement_lines import flatten
from tare.knowledge.resolve import resolve
from tare.knowledge.targets import Target, target_for
from tare.security.plan.change import Change, Check
from tare.security.plan.environment import Environment

Solve = Callable[[Sequence[str], Target], None]


def check_all(
    changes: Sequence[Change], known: Mapping[str, Environment], solve: Solve, platform: str
) -> tuple[Change, ...]:
    """The changes with what the index says: together first, and one by one where there is no common solution."""
    found = list(changes)
    for site, environment in known.items():
        places = [place for place, one in enumerate(found) if one.kind == "pin" and one.site == site]
        wanted = [place for place in places if found[place].check.status == "consistent"]
        if not wanted:
            continue
        try:
            target = target_for(environment.python or "3.11", platform)
        except UsageError as error:
            for place in wanted:
                found[place] = found[place].checked(
                    Check("consistent", f"the index was not asked: {error.message}")
                )
            continue
        groups = (
            [wanted] if _try(found, wanted, environment, solve, target) else [[place] for place in wanted]
        )
        for group in groups if len(groups) > 1 else ():
            _try(found, group, environment, solve, target)
    return tuple(found)


def _try(
    found: list[Change], group: Sequence[int], environment: Environment, solve: Solve, target: Target
) -> bool:
    versions = {name: after for place in group for name, _, after in found[place].packages}
    lines = [
        f"{one.name}=={versions.get(one.name, one.version.partition('+')[0])}"
        for one in environment.installed.values()
        if not one.local
    ]
    try:
        solve(lines, target)
    except NetworkError as error:
        check = Check("consistent", f"the index could not be asked: {error.message}")
    except ResolutionError as error:
        check = Check("refused", f"the index has no solution: {error.detail or error.message}"[:400])
    else:
        check = Check("resolved", "the index has a solution with everything else as it is")
    for place in group:
        found[place] = found[place].checked(check)
    return check.status != "refused"


def solver(settings: IndexSettings, environ: Mapping[str, str]) -> Solve:
    """Asks the index with uv. Raises `ResolutionError`, `NetworkError`."""

    def solve(lines: Sequence[str], target: Target) -> None:
        flat = flatten(lines=lines, settings=settings)
        with PackageIndex(flat.settings) as index:
            resolve(flat, target, index, environ=environ, timeout_s=120.0)

    return solve

"""What the images will weigh, where nothing is built: base images from the dated table, packages from the index."""

from collections.abc import Mapping

from tare.core.errors import TareError
from tare.dockerfile import Dockerfile, parse
from tare.knowledge.bases import base_facts
from tare.knowledge.estimate import estimate_environment
from tare.knowledge.index_settings import index_settings_from_pip
from tare.optimize.project import Workplace
from tare.schema.finding import Saving
from tare.schema.quantity import Quantity, estimated, unknown


def expected_sides(
    place: Workplace, after: str, environ: Mapping[str, str]
) -> tuple[Saving, Saving, tuple[str, ...]]:
    """Estimates of both images, and what must be said about them.

    What is not known (system packages, files that steps make) widens nothing: the notes name it.
    """
    notes: list[str] = []
    changed = parse(after)
    environments: dict[bool, Saving] = {}
    for cpu in (False, True):
        try:
            environments[cpu] = _environment(place, environ, cpu=cpu)
        except TareError as error:
            notes.append(f"the packages could not be estimated: {error}")
            environments[cpu] = Saving(unknown(error.message), unknown(error.message))
        if not place.facts.distributions & {"torch"}:
            environments[True] = environments[False]
            break
    notes.append("estimates count the base image and the Python packages, not what apt or other steps add")
    before_side = _base(place.dockerfile) + environments[False]
    cpu = place.facts.settings.torch_index in after
    return before_side, _base(changed) + environments[cpu], tuple(dict.fromkeys(notes))


def _environment(place: Workplace, environ: Mapping[str, str], *, cpu: bool) -> Saving:
    files = [place.root / f.path for f in place.project.requirement_files if not f.path.endswith(".in")]
    lines: list[str] = []
    if not files and place.project.pyproject is not None:
        lines = [line.text for line in place.project.pyproject.dependencies]
    if not files and not lines:
        return Saving(unknown("no requirements were found"), unknown("no requirements were found"))
    base = base_facts(place.dockerfile.final.base)
    found = estimate_environment(
        files[:1] if len(files) > 1 else files,
        lines,
        python_version=(base.python_version if base else None) or "3.11",
        settings=index_settings_from_pip(environ),
        extra_index_urls=(place.facts.settings.torch_index,) if cpu else (),
        environ=environ,
        folder=place.root,
    )
    return Saving(found.layer, found.with_bytecode)


def _base(document: Dockerfile) -> Saving:
    stage = document.final
    facts = base_facts(stage.base)
    if facts is None:
        nothing = unknown(f"nothing is known of {stage.base}")
        return Saving(nothing, nothing)
    return Saving(_ranged(facts.compressed), _ranged(facts.uncompressed))


def _ranged(quantity: Quantity) -> Quantity:
    if quantity.value is None or quantity.basis == "estimated":
        return quantity
    return estimated(quantity.value, quantity.value, quantity.value, quantity.source)

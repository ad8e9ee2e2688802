"""All steps in the order in which they run: whole packages first, so that no work is spent on what goes anyway."""

from collections.abc import Collection

from tare.core.errors import UsageError
from tare.slim.databases.apk import ApkDatabase
from tare.slim.databases.dpkg import DpkgDatabase
from tare.slim.databases.record import PythonRecords
from tare.slim.model import Level, Step
from tare.slim.steps.build_front_ends import BuildFrontEnds
from tare.slim.steps.bytecode import Bytecode
from tare.slim.steps.c_sources import CSources
from tare.slim.steps.caches import PackageManagerCaches
from tare.slim.steps.character_conversions import CharacterConversions
from tare.slim.steps.cuda_device_code import CudaDeviceCode
from tare.slim.steps.documentation import Documentation
from tare.slim.steps.headers import Headers
from tare.slim.steps.locales import Locales
from tare.slim.steps.python_packages import PythonPackages
from tare.slim.steps.static_libraries import StaticLibraries
from tare.slim.steps.strip import Strip
from tare.slim.steps.stubs import Stubs
from tare.slim.steps.system_packages import SystemPackages
from tare.slim.steps.test_executables import ProgramsOfTests
from tare.slim.steps.tests import Suites
from tare.slim.steps.unseen_modules import UnseenModules

STEPS: tuple[Step, ...] = (
    PackageManagerCaches(),
    PythonPackages(),
    SystemPackages(),
    CharacterConversions(),
    ProgramsOfTests(),
    Suites(),
    BuildFrontEnds(),
    Headers(),
    StaticLibraries(),
    Stubs(),
    CSources(),
    Documentation(),
    Locales(),
    UnseenModules(),
    CudaDeviceCode(),
    Strip(),
    Bytecode(),
)
TRUTH: tuple[Step, ...] = (PythonRecords(), DpkgDatabase(), ApkDatabase())
"""Run last and always: databases tell what is there."""


def steps_for(level: Level, without: Collection[str], *settings: Step) -> tuple[Step, ...]:
    """The steps of a level, less those that a user leaves out; `settings` replace the steps of their names. Raises
    `UsageError` for names that do not exist."""
    names = {step.name for step in STEPS}
    for name in without:
        if name not in names:
            raise UsageError(f"there is no step {name}", hint=f"one of {', '.join(sorted(names))}")
    set_up = {step.name: step for step in settings}
    chosen = (set_up.get(step.name, step) for step in STEPS)
    return tuple(step for step in chosen if level.includes(step.level) and step.name not in without)

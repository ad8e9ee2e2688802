"""Parts that a stage compiles from source: which steps do it, and how what they install is carried to another stage."""

import re

from tare.dockerfile import Stage
from tare.rewrite.anatomy import Part, RunStep, workdir_at
from tare.rewrite.layout import run
from tare.rewrite.system_packages import COMPILERS

INSTALLS = re.compile(
    r"\bmake\b[^&;|]*\sinstall|cmake\s+--install|--target\s+install|\bninja\b[^&;|]*\sinstall|meson\s+install"
    r"|\b(?:install|cp|mv)\b[^&;|]*\s/(?:usr/local|opt)/|-o\s+/(?:usr/local|opt)/|cargo\s+install\b[^&;|]*--root[ =]/usr/local"
)
IN_PLACE = re.compile(r"setup\.py\s+build_ext\b[^&;|]*(?:--inplace|-\w*i\b)|\bcythonize\b[^&;|]*\s-\w*i")
ELSEWHERE = re.compile(r"prefix[= ]/usr(?:\s|$|/(?!local))|PREFIX[= ]/usr(?:\s|$|/(?!local))|DESTDIR")
MARK = "/tmp/before-compiling"
TAKEN = "/opt/compiled"
LEFT = (
    "-path '*/include/*'",
    "-path '*/share/man/*'",
    "-path '*/share/doc/*'",
    "-path '*/pkgconfig/*'",
    "-path '*/cmake/*'",
    "-path '/usr/local/lib/python3*'",
    "-name '*.a'",
    "-name '*.la'",
)


def compiles(step: RunStep) -> bool:
    """Whether a step compiles something that is no Python distribution, and puts it where it can be found again."""
    if step.script is None or Part.PYTHON in step.kinds:
        return False
    text = step.instruction.value
    if IN_PLACE.search(text):
        return True
    built = step.programs & COMPILERS
    return bool(built) and INSTALLS.search(text) is not None and not ELSEWHERE.search(text)


def harvest(stage: Stage, steps: list[RunStep], environment: str) -> str | None:
    """The step of the builder that gathers below `TAKEN` what `steps` installed; None where it cannot be told where."""
    finds = []
    if any(INSTALLS.search(step.instruction.value) for step in steps):
        left = " \\\n      ".join(
            f"-not {test}" for test in (*LEFT, f"-path '{environment}/*'", f"-path '{TAKEN}/*'")
        )
        finds.append(f"find /usr/local /opt -cnewer {MARK} \\( -type f -o -type l \\) \\\n      {left}")
    for step in steps:
        if IN_PLACE.search(step.instruction.value):
            place = workdir_at(stage, step.instruction)
            if place is None or place == "/" or re.search(r"\bcd\s", step.instruction.value):
                return None
            finds.append(f"find {place} -cnewer {MARK} -name '*.so' -not -path '{place}/build/*'")
    commands = [f"mkdir -p {TAKEN}", "cd /"]
    commands += [f"{find} -exec cp -a --parents -t {TAKEN} {{}} +" for find in finds]
    return run(commands)


def brought(steps: list[RunStep], builder: str) -> str:
    """The lines of another stage that take what was gathered."""
    lines = f"COPY --from={builder} {TAKEN}/ /"
    if any(INSTALLS.search(step.instruction.value) for step in steps):
        lines += "\nRUN ldconfig"
    return lines

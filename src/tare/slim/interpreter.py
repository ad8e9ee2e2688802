"""What only the image's own interpreter can tell: how long the start's imports take, and bytecode that is missing."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence

from tare.build.engine import Engine
from tare.slim.python.environment import environment_of, source_of
from tare.slim.start import read_start
from tare.slim.view import ImageFiles
from tare.verify.observe import PYTHON

TIMED = """
import importlib, json, sys, time
start = time.process_time()
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print(chr(10) + json.dumps(time.process_time() - start))
"""
COMPILE = """
import base64, importlib.util, json, os, sys, zlib
from importlib._bootstrap_external import _code_to_timestamp_pyc
found = {}
for path in json.load(sys.stdin):
    try:
        state = os.stat(path)
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError):
        continue
    pyc = bytes(_code_to_timestamp_pyc(code, int(state.st_mtime), state.st_size))
    found[importlib.util.cache_from_source(path)] = base64.b64encode(pyc).decode()
print(chr(10) + base64.b64encode(zlib.compress(json.dumps(found).encode())).decode())
"""
RUNS = 3


def start_imports(files: ImageFiles) -> tuple[str, ...]:
    """Modules of site-packages that the start's own sources import when they are loaded."""
    environment = environment_of(files)
    found: dict[str, None] = {}
    for path in sorted((*read_start(files).python, *environment.application)):
        if environment.in_site(path):
            continue
        for one in environment.imports(path):
            modules = environment.modules.get(one.module, ())
            if (
                not one.level
                and not one.lazy
                and not one.typing
                and any(environment.in_site(m.path) for m in modules)
            ):
                found[one.module] = None
    return tuple(found)


def import_cpu_s(engine: Engine, image: str, modules: Sequence[str], user: str | None) -> float | None:
    """CPU seconds of importing modules in a fresh process, the least of three runs; None where no Python could be asked or
    there is nothing to import."""
    times = []
    for python in PYTHON if modules else ():
        for _ in range(RUNS):
            done = engine.run(
                image, [python, "-c", TIMED], user=user, stdin=json.dumps(list(modules)), timeout_s=600
            )
            if done.returncode != 0:
                break
            times.append(float(json.loads(done.stdout.strip().splitlines()[-1])))
        if times:
            return min(times)
    return None


def without_bytecode(files: ImageFiles) -> tuple[str, ...]:
    """Sources that no bytecode file belongs to: in site-packages, in the standard library, and the application's."""
    environment = environment_of(files)
    have = {source_of(path) for path in files.files if path.endswith(".pyc")}
    return tuple(
        path
        for path in (*environment.by_path, *environment.application)
        if path.endswith(".py") and path not in have
    )


def compiled(engine: Engine, image: str, sources: Sequence[str]) -> Mapping[str, bytes]:
    """Bytecode files by their paths, made by the image's own interpreter; sources that do not compile are left out."""
    asked = json.dumps([f"/{path}" for path in dict.fromkeys(sources)])
    for python in PYTHON if sources else ():
        done = engine.run(image, [python, "-c", COMPILE], user="0", stdin=asked, timeout_s=1800)
        if done.returncode == 0:
            packed = base64.b64decode(done.stdout.strip().splitlines()[-1])
            found: dict[str, str] = json.loads(zlib.decompress(packed))
            return {path.strip("/"): base64.b64decode(text) for path, text in found.items()}
    return {}

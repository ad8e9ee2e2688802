"""Everyday abilities of a Python image, asked of it before and after: what no import and no probe of an application shows
until it is too late. Certificates, time zones, codecs, names of hosts and users, databases, compression, processes."""

import json

from tare.build.engine import Engine

SHELL = "shell"
"""The one ability that a result without a shell gives up knowingly."""

SCRIPT = r"""
import json, os, signal, sys
ABILITIES = {}
def ability(function):
    ABILITIES[function.__name__.replace("_", " ")] = function
@ability
def certificates():
    import ssl
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    folder = paths.capath and os.path.isdir(paths.capath) and len(os.listdir(paths.capath))
    return [len(context.get_ca_certs()), bool(paths.cafile), folder, len(context.get_ciphers())]
@ability
def digests():
    import hashlib
    found = {}
    for name in sorted(hashlib.algorithms_available):
        try:
            length = {"length": 8} if name.startswith("shake") else {}
            found[name] = hashlib.new(name, b"tare").hexdigest(*length.values())[:16]
        except ValueError as error:
            found[name] = "unsupported"
    return found
@ability
def time_zones():
    import datetime, time, zoneinfo
    zones = zoneinfo.available_timezones()
    at = datetime.datetime(2024, 7, 1)
    some = [str(zoneinfo.ZoneInfo(name).utcoffset(at)) for name in ("UTC", "Europe/Berlin", "America/New_York")]
    return [len(zones), some, time.tzname]
@ability
def host_names():
    import socket
    return sorted({found[4][0] for found in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)})
@ability
def services():
    import socket
    return [socket.getservbyname("https"), socket.getprotobyname("tcp")]
@ability
def users():
    import grp, pwd
    root = pwd.getpwnam("root")
    return [root.pw_dir, grp.getgrgid(0).gr_name, pwd.getpwuid(os.getuid()).pw_name, os.path.expanduser("~")]
@ability
def codecs():
    import encodings, importlib, pkgutil
    found = {}
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in ("mbcs", "oem", "cp65001"):
            importlib.import_module("encodings." + module.name)
            try:
                found[module.name] = len("tare".encode(module.name)) if module.name != "idna" else 4
            except (LookupError, UnicodeError, TypeError):
                found[module.name] = None
    return ["b\u00fccher.example".encode("idna").decode(), found]
@ability
def locales():
    import locale
    found = {}
    for name in ("", "C", "C.UTF-8", "POSIX"):
        try:
            found[name] = locale.setlocale(locale.LC_ALL, name)
        except locale.Error as error:
            found[name] = str(error)
    return [found, sys.getfilesystemencoding(), locale.getpreferredencoding()]
@ability
def databases():
    import sqlite3
    with sqlite3.connect(":memory:") as base:
        base.execute("create virtual table t using fts5(a)")
        return [base.execute("select json_extract('{\"a\": 1}', '$.a')").fetchone(), sqlite3.sqlite_version]
@ability
def compression():
    import bz2, lzma, zlib
    text = b"tare" * 1000
    return [one.decompress(one.compress(text)) == text for one in (bz2, lzma, zlib)]
@ability
def shared_libraries():
    import ctypes, ctypes.util
    found = [ctypes.util.find_library(name) for name in ("c", "m")]
    return [found, [ctypes.CDLL(name) is not None for name in found if name]]
@ability
def subprocesses():
    import subprocess
    done = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True)
    return [done.returncode, done.stdout]
@ability
def shell():
    import subprocess
    done = subprocess.run("echo a | cat; test -d /", shell=True, capture_output=True, text=True)
    return [done.returncode, done.stdout]
@ability
def shared_memory():
    import multiprocessing, multiprocessing.shared_memory
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    worker = context.Process(target=queue.put, args=(42,))
    worker.start()
    worker.join()
    block = multiprocessing.shared_memory.SharedMemory(create=True, size=16)
    block.close()
    block.unlink()
    return [queue.get(), worker.exitcode]
@ability
def event_loops():
    import asyncio
    async def run():
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(1)", stdout=-1)
        return (await child.communicate())[0].decode()
    return asyncio.run(run())
@ability
def temporary_files():
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        return os.path.dirname(folder)
@ability
def types_of_files():
    import mimetypes
    names = ("a.json", "a.webp", "a.woff2", "a.parquet", "a.wasm", "a.docx")
    return [mimetypes.guess_type(name)[0] for name in names]
@ability
def system_release():
    import platform
    return [sorted(platform.freedesktop_os_release().items())[:4], platform.libc_ver()]
@ability
def standard_library():
    import importlib, warnings
    warnings.simplefilter("ignore")
    skipped = {"antigravity", "this", "idlelib", "tkinter", "turtle", "turtledemo", "test", "ensurepip", "venv", "lib2to3",
               "distutils", "pydoc_data", "msilib", "winreg", "_winapi"}
    found = []
    for name in sorted(sys.stdlib_module_names - skipped):
        if not name.startswith(("_tk", "_test", "_xx")):
            try:
                importlib.import_module(name)
                found.append(name)
            except (ImportError, AttributeError, OSError):
                pass
    return found
def late(number, frame):
    raise TimeoutError("no answer within 30 s")
signal.signal(signal.SIGALRM, late)
skipped = set(sys.argv[1:])
for name, function in ABILITIES.items():
    if name in skipped:
        continue
    signal.alarm(30)
    try:
        answer = {"answer": function()}
    except BaseException as error:
        answer = {"error": type(error).__name__ + ": " + str(error)[:300]}
    signal.alarm(0)
    sys.stdout.write("\n" + json.dumps([name, answer], sort_keys=True))
    sys.stdout.flush()
"""

Answers = dict[str, tuple[bool, str]]
"""Ability → (whether it worked, the answer or the error as text)."""


def ask_abilities(
    engine: Engine, image: str, user: str | None, pythons: tuple[str, ...], without: tuple[str, ...] = ()
) -> Answers | None:
    """Ask the image's Python for all abilities; None where no Python could be asked. One that crashes the interpreter
    takes those after it with it: they are missing from the answers."""
    for python in pythons:
        done = engine.run(image, [python, "-c", SCRIPT, *without], user=user, timeout_s=300)
        if done.returncode in (125, 126, 127):
            continue
        found: Answers = {}
        for line in done.stdout.splitlines():
            if line.startswith('["'):
                name, answer = json.loads(line)
                works = "answer" in answer
                found[name] = (works, json.dumps(answer["answer"]) if works else str(answer["error"]))
        return found
    return None

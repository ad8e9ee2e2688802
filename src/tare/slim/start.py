"""What an image starts: programs and Python modules of entry point, command and health check."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.core.errors import DockerfileSyntaxError
from tare.dockerfile import parse
from tare.dockerfile.shell import parse_run
from tare.slim.python.environment import PythonEnvironment, environment_of
from tare.slim.view import ImageFiles

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_MODULE_ARGUMENT = re.compile(r"([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)(?::[\w.()]+)?")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Start:
    """`programs` are paths of files that run, `python` scripts and modules that a Python runs first (paths).

    `known` is False when a part could not be understood; `unknown` says which. Then everything stays.
    """

    programs: frozenset[str]
    python: frozenset[str]
    known: bool
    unknown: tuple[str, ...]
    shell: bool
    """A shell takes part."""
    interpreters: frozenset[str] = frozenset()
    """Pythons as they are named, links not followed: a virtual environment's is another one than the system's."""


class _Reader:
    def __init__(self, files: ImageFiles) -> None:
        self.files = files
        self.environment = environment_of(files)
        self.programs: set[str] = set()
        self.python: set[str] = set()
        self.unknown: list[str] = []
        self.shell = False
        self.interpreters: set[str] = set()

    def command(self, words: list[str], depth: int = 0) -> None:
        """One command, word by word."""
        while words and ("=" in words[0] and "/" not in words[0].partition("=")[0]):
            words = words[1:]
        if not words or depth > _DEPTH or words[0].strip("\"'") in ("$@", "$*", "${@}"):
            return
        if "$" in words[0] or "`" in words[0]:
            self.unknown.append(f"a program named by a variable: {words[0]}")
            return
        name = words[0].rpartition("/")[2]
        if name in (
            "exec",
            "command",
            "nohup",
            "time",
            "setsid",
            "tini",
            "dumb-init",
            "gosu",
            "su-exec",
            "env",
            "nice",
        ):
            self._program(words[0], builtin=name in ("exec", "command", "time"))
            rest = words[1:]
            while rest and (rest[0].startswith("-") or rest[0] == "--" or "=" in rest[0]):
                rest = rest[1:]
            self.command(rest[1:] if name in ("gosu", "su-exec") else rest, depth + 1)
            return
        if name in _SHELLS:
            self._shell(words, depth)
            return
        path = self._program(words[0], builtin=name in _BUILTINS)
        if path is None:
            return
        if _PYTHON.fullmatch(name):
            self._python(words[1:])
        else:
            self._script(path, words[1:], depth)

    def _program(self, word: str, *, builtin: bool = False) -> str | None:
        node = self.files.which(word)
        if node is None:
            if not builtin:
                self.unknown.append(f"the program {word} is not in the image")
            return None
        self.programs.add(node.path)
        if _PYTHON.fullmatch(word.rpartition("/")[2]):
            places = (
                [word.strip("/")] if "/" in word else [f"{d}/{word}" for d in self.files.path_directories]
            )
            self.interpreters.add(next((one for one in places if self.files.follow(one) is node), node.path))
        return node.path

    def _shell(self, words: list[str], depth: int) -> None:
        self.shell = True
        self._program(words[0])
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if not option.startswith("--") and option.endswith("c") and rest:
                self.text(rest[0], depth + 1)
                return
        if rest:
            path = self._program(rest[0])
            if path is not None:
                self.text(self.files.read(path).decode("utf-8", "replace"), depth + 1)
        else:
            self.unknown.append(f"{words[0]} is an interactive shell: what will be typed is not known")

    def text(self, script: str, depth: int) -> None:
        """A shell script."""
        self.shell = True
        if depth > _DEPTH:
            self.unknown.append("scripts that call scripts too deeply")
            return
        lines = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))
        delimiter = "TARE_EOF"
        try:
            tree = parse(f"FROM scratch\nRUN <<'{delimiter}'\n{lines}\n{delimiter}\n")
            read = parse_run(next(one for one in tree.instructions if one.keyword == "RUN"))
        except (DockerfileSyntaxError, StopIteration):
            read = None
        if read is None:
            if lines.strip():
                self.unknown.append(f"a shell script that could not be read: {lines.strip()[:60]!r}")
            return
        for command in read.commands:
            argv = command.argv
            if not argv:
                continue
            if argv[0].text in (".", "source") and len(argv) > 1:
                node = self.files.which(argv[1].text) if argv[1].literal else None
                if node is None:
                    self.unknown.append(f"a script that is sourced: {argv[1].text}")
                else:
                    self.programs.add(node.path)
                    self.text(self.files.read(node.path).decode("utf-8", "replace"), depth + 1)
                continue
            self.command([word.text for word in argv], depth + 1)

    def _script(self, path: str, rest: list[str], depth: int) -> None:
        """What a program is: a script names its interpreter in its first line."""
        head = self.files.read(path, 0, 4096)
        if not head.startswith(b"#!"):
            if not head.startswith(b"\x7fELF"):
                self.unknown.append(f"{path} is neither a script nor an ELF file")
            return
        line = head[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
        if not line:
            return
        if line[0].endswith("/env"):
            self._program(line[0])
            line = [word for word in line[1:] if not word.startswith("-")]
        interpreter = line[0] if line else ""
        name = interpreter.rpartition("/")[2]
        found = self._program(interpreter)
        if _PYTHON.fullmatch(name) or b"'''exec'" in head[:300]:
            self.python.add(path)
            self._arguments(rest)
        elif name in _SHELLS:
            self.text(self.files.read(path).decode("utf-8", "replace"), depth + 1)
            if rest:
                self.command(rest, depth + 1)  # exec "$@"
        elif found is not None:
            self.unknown.append(f"{path} is a script for {name}")

    def _python(self, words: list[str]) -> None:
        rest = list(words)
        if not [word for word in words if not word.startswith("-") or word in ("-m", "-c")]:
            self.unknown.append("an interactive Python: what will be typed is not known")
        while rest:
            word = rest.pop(0)
            if word == "-m" and rest:
                self._module(rest[0])
                self._module(f"{rest[0]}.__main__")
                break
            if word == "-c":
                if rest:
                    for one in re.findall(r"\b(?:import|from)\s+([\w.]+)", rest[0]):
                        self._module(one)
                break
            if word in ("-W", "-X") and rest:
                rest.pop(0)
                continue
            if word.startswith("-"):
                continue
            node = self.files.which(word if "/" in word else f"./{word}")
            if node is None:
                self.unknown.append(f"the script {word} is not in the image")
            elif node.children is not None:
                self.python.add(f"{node.path}/__main__.py")
            else:
                self.python.add(node.path)
            break
        self._arguments(rest)

    def _arguments(self, words: Iterable[str]) -> None:
        """`module:attribute` and dotted names among the arguments, as servers take them."""
        for word in words:
            match = _MODULE_ARGUMENT.fullmatch(word.rpartition("=")[2])
            if match:
                self._module(match[1])

    def _module(self, name: str) -> None:
        for count in range(name.count(".") + 1, 0, -1):
            found = self.environment.modules.get(".".join(name.split(".")[:count]), ())
            if found:
                self.python.update(module.path for module in found)
                return


_BUILTINS = frozenset(
    [
        ".",
        ":",
        "[",
        "[[",
        "alias",
        "break",
        "cd",
        "continue",
        "declare",
        "echo",
        "eval",
        "exit",
        "export",
        "false",
        "getopts",
        "hash",
        "let",
        "local",
        "printf",
        "pwd",
        "read",
        "readonly",
        "return",
        "set",
        "shift",
        "shopt",
        "source",
        "test",
        "times",
        "trap",
        "true",
        "type",
        "typeset",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "wait",
    ]
)


def read_start(files: ImageFiles) -> Start:
    """What the configuration starts; see `Start`."""
    known = files.cache.get(Start)
    if isinstance(known, Start):
        return known
    reader = _Reader(files)
    config = files.config
    words = [*config.entrypoint, *config.cmd]
    if words:
        reader.command(words)
        if config.entrypoint and config.cmd and reader.files.which(config.cmd[0]) is not None:
            reader.command(list(config.cmd))  # entry points often end in exec "$@"
    else:
        reader.unknown.append("the image has no entry point and no command")
    if config.healthcheck[:1] == ("CMD-SHELL",):
        reader.command(["/bin/sh", "-c", " ".join(config.healthcheck[1:])])
    elif config.healthcheck[:1] == ("CMD",):
        reader.command(list(config.healthcheck[1:]))
    start = Start(
        frozenset(reader.programs),
        frozenset(reader.python),
        not reader.unknown,
        tuple(reader.unknown),
        reader.shell,
        frozenset(reader.interpreters),
    )
    reader.environment.inactive = _inactive(files, reader.environment, start)
    files.cache[Start] = start
    return start


def _inactive(files: ImageFiles, environment: PythonEnvironment, start: Start) -> tuple[str, ...]:
    """Site directories that no interpreter of the start looks into: the system's, when all of them are those of virtual
    environments that leave it out (PEP 405)."""
    if not start.interpreters:
        return ()
    for interpreter in start.interpreters:
        home = interpreter.rpartition("/bin/")[0]
        settings = files.read(f"{home}/pyvenv.cfg").decode("utf-8", "replace").lower()
        if not re.search(r"^include-system-site-packages\s*=\s*false", settings, re.MULTILINE):
            return ()
    homes = tuple(f"{interpreter.rpartition('/bin/')[0]}/" for interpreter in start.interpreters)
    return tuple(
        site
        for site in environment.sites
        if not site.startswith(homes) and site.startswith(("usr/lib", "usr/local/lib"))
    )

"""Programs that only start another: `sudo -E pip install x` runs pip."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.shell.model import Word


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """How to find the wrapped command: the options that take a value, and what may stand before the command.

    `opaque` options make the program do something else than run a command.
    """

    values: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    operands: int = 0
    assignments: bool = False
    subcommand: str | None = None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONDA = _Wrapper(
    _names("-n --name -p --prefix --cwd -a --attach -e --env"), subcommand="run", opaque=_names("-h --help")
)
_WRAPPERS = MappingProxyType(
    {
        "sudo": _Wrapper(
            _names(
                "-u --user -g --group -h --host -p --prompt -C --close-from -D --chdir -R --chroot -T -r -t"
            ),
            _names("-l --list -e --edit -v --validate -K -s --shell -i --login"),
            assignments=True,
        ),
        "env": _Wrapper(
            _names("-u --unset -C --chdir"), _names("-S --split-string --help --version"), assignments=True
        ),
        "exec": _Wrapper(_names("-a")),
        "command": _Wrapper(opaque=_names("-v -V")),
        "builtin": _Wrapper(),
        "time": _Wrapper(_names("-f --format -o --output")),
        "nice": _Wrapper(_names("-n --adjustment")),
        "ionice": _Wrapper(_names("-c --class -n --classdata"), _names("-p --pid")),
        "nohup": _Wrapper(),
        "stdbuf": _Wrapper(_names("-i --input -o --output -e --error")),
        "timeout": _Wrapper(_names("-k --kill-after -s --signal"), operands=1),
        "gosu": _Wrapper(operands=1),
        "su-exec": _Wrapper(operands=1),
        "setarch": _Wrapper(operands=1),
        "conda": _CONDA,
        "mamba": _CONDA,
        "micromamba": _CONDA,
    }
)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The words that run in the end, and the wrappers seen through."""

    argv: tuple[Word, ...]
    wrappers: tuple[str, ...]
    name: str


def unwrap(argv: tuple[Word, ...]) -> Unwrapped:
    """See through every prefix that is understood; stop at the first that is not."""
    wrappers: list[str] = []
    while argv:
        name = program_name(argv[0])
        wrapper = _WRAPPERS.get(name)
        start = _wrapped_at(argv, wrapper) if wrapper else None
        if start is None:
            return Unwrapped(argv, tuple(wrappers), name)
        wrappers.append(name)
        argv = argv[start:]
    return Unwrapped((), tuple(wrappers), "")


def program_name(word: Word) -> str:
    """The program's name without directories; '' when the shell decides it at run time."""
    name = word.text.rpartition("/")[2]
    known = not any(char in name for char in "$`*?{})") and (word.literal or "/" in word.text)
    return name if known else ""


def _wrapped_at(argv: tuple[Word, ...], wrapper: _Wrapper) -> int | None:
    at = 1
    if wrapper.subcommand is not None:
        if len(argv) < 2 or argv[1].text != wrapper.subcommand:
            return None
        at = 2
    while at < len(argv) and argv[at].text.startswith("-") and argv[at].text != "-":
        text = argv[at].text
        if text in wrapper.opaque or not argv[at].literal:
            return None
        at += 2 if text in wrapper.values else 1
        if text == "--":
            break
    while wrapper.assignments and at < len(argv) and "=" in argv[at].text:
        at += 1
    at += wrapper.operands
    return at if at < len(argv) else None

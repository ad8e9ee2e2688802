"""Pickled models: loading one runs whatever its author put into it.

Formats: Python's pickle protocol (pickletools); PyTorch's archives, which are zip files with `data.pkl`; joblib and NumPy object
arrays, which embed pickles. Nothing is ever unpickled here; opcodes are only listed.
"""

import io
import pickletools
import zipfile
import zlib
from collections.abc import Iterator

from tare.core.errors import ImageError
from tare.image.tarhead import FILE
from tare.image.tree import Node
from tare.security.hardening.facts import Facts, Weakness

_SUFFIXES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".dill", ".model", ".p", ".bin", ".npy")
_PICKLE_BYTES = 16 * 1024 * 1024
_OPCODES = 2_000_000
_CALLS = frozenset({
    "os", "posix", "nt", "subprocess", "sys", "pty", "socket", "shutil", "runpy", "importlib", "ctypes", "webbrowser", "requests",
    "urllib", "httpx", "pip", "commands", "code", "timeit", "bdb", "pdb", "asyncio", "multiprocessing",
})  # fmt: skip
_STRINGS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
_BUILTINS = frozenset(
    {"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "breakpoint", "input"}
)


def pickled(facts: Facts) -> Iterator[Weakness]:
    """Pickles that no package brought: those that call programs, and all others."""
    plain: list[Node] = []
    for node in facts.nodes:
        entry = node.inode.entry
        if (
            entry.kind is not FILE
            or not node.path.lower().endswith(_SUFFIXES)
            or node.path in facts.packaged_files
        ):
            continue
        if entry.sparse is not None or not entry.size_bytes:
            continue
        names = _imports(facts, node)
        if names is None:
            continue
        calls = sorted(name for name in names if is_dangerous(name))
        if calls:
            yield Weakness(
                "TH3001", "pickle-runs-code", "critical", f"/{node.path} calls {', '.join(calls[:5])} when it is loaded",
                "do not load it; find out where it came from", "", (node,),
            )  # fmt: skip
        elif names:  # a pickle that imports nothing holds plain values only
            plain.append(node)
    if plain:
        yield Weakness(
            "TH3002", "pickled-model", "medium",
            f"{len(plain)} pickled, such as /{plain[0].path}: loading runs what its author wants",
            "ship safetensors or ONNX, or load with weights_only=True, and pin the file's digest", "", tuple(plain),
        )  # fmt: skip


def is_dangerous(name: str) -> bool:
    """Whether a pickle's import (`module.name`) runs programs, reads files or opens connections."""
    module, _, function = name.rpartition(".")
    top = module.partition(".")[0]
    return top in _CALLS or (top in ("builtins", "__builtin__") and function in _BUILTINS)


def _imports(facts: Facts, node: Node) -> set[str] | None:
    """The names that a pickle imports; None for what is no pickle."""
    size = node.inode.entry.size_bytes
    head = facts.contents.read(node.inode, 0, 512)
    if head[:2] == b"PK":
        return _in_archive(facts, node)
    if head.startswith(b"\x93NUMPY"):
        if b"|O" not in head:
            return None
        start = 10 + int.from_bytes(head[8:10], "little")
        return imports(facts.contents.read(node.inode, start, _PICKLE_BYTES))
    if head[:1] == b"\x80" and len(head) > 1 and head[1] <= 5:
        return imports(facts.contents.read(node.inode, 0, min(size, _PICKLE_BYTES)))
    if (
        not node.path.lower().endswith((".bin", ".model", ".p"))
        and head[:1] in b"(]}cd"
        and size < _PICKLE_BYTES
    ):
        return imports(facts.contents.read(node.inode))
    return None


class _Window(io.RawIOBase):
    """A file of the image, seekable."""

    def __init__(self, facts: Facts, node: Node) -> None:
        self._facts, self._node, self._at = facts, node, 0
        self._size = node.inode.entry.size_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        piece = self._facts.contents.read(
            self._node.inode, self._at, min(len(buffer), max(0, self._size - self._at))
        )
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _in_archive(facts: Facts, node: Node) -> set[str] | None:
    try:
        with zipfile.ZipFile(io.BufferedReader(_Window(facts, node))) as archive:
            found: set[str] | None = None
            for entry in archive.infolist()[:10_000]:
                if entry.filename.endswith(".pkl"):
                    with archive.open(entry) as handle:
                        found = (found or set()) | (imports(handle.read(_PICKLE_BYTES)) or set())
            return found
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ImageError,
    ):
        return None


def imports(data: bytes) -> set[str] | None:
    """The names that a pickle's opcodes import, as far as they can be read; None where there is no pickle."""
    found: set[str] = set()
    strings: list[str] = []
    memo: dict[int, str] = {}
    read = 0
    stream = io.BytesIO(data)
    try:
        while stream.tell() < len(data):
            for opcode, argument, _ in pickletools.genops(stream):
                read += 1
                if read > _OPCODES:
                    return found
                if opcode.name in ("GLOBAL", "INST") and isinstance(argument, str):
                    found.add(argument.replace(" ", "."))
                elif opcode.name == "STACK_GLOBAL" and len(strings) >= 2:
                    found.add(".".join(strings[-2:]))
                elif opcode.name in _STRINGS:
                    strings.append(str(argument))
                elif opcode.name == "MEMOIZE":
                    memo[len(memo)] = strings[-1] if strings else ""
                elif opcode.name in ("BINPUT", "LONG_BINPUT", "PUT") and isinstance(argument, int):
                    memo[argument] = strings[-1] if strings else ""
                elif opcode.name in ("BINGET", "LONG_BINGET", "GET") and isinstance(argument, int):
                    strings.append(memo.get(argument, ""))
    except (ValueError, IndexError, KeyError, UnicodeDecodeError, OverflowError):
        return found if read > 4 else None
    return found if read else None

"""Device code of CUDA libraries for GPUs that the image will not run on; only when the user names the GPUs."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.mutate import Content
from tare.slim.elf.headers import ElfError
from tare.slim.elf.prune import prune
from tare.slim.model import Level, Proposal
from tare.slim.view import View

LICENCE = (
    "device code was taken out of CUDA libraries: whether NVIDIA's licence terms allow passing on modified libraries was"
    " not checked; read them before you publish this image"
)
_WORTH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class CudaDeviceCode:
    """See `tare.slim.elf.prune`. A library with a fat binary of unknown form stays whole, and that is said."""

    gpus: tuple[int, ...] = ()
    keep_ptx: bool = False
    name: str = "cuda-device-code"
    level: Level = Level.LOSSLESS
    reason: str = "the named GPUs load other code out of the same libraries, and no address moves"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Libraries that get smaller by at least a mebibyte."""
        if not self.gpus:
            return
        named = ", ".join(f"sm_{gpu}" for gpu in self.gpus)
        found = False
        for path in list(view.present()):
            node = view.files.nodes[path]
            size = node.inode.entry.size_bytes
            if ".so" not in path.rpartition("/")[2] or size < _WORTH_BYTES or path in view.changed:
                continue
            if view.files.read(path, 0, 4) != b"\x7fELF":
                continue
            try:
                result = prune(view.files.reader(path), size, self.gpus, keep_ptx=self.keep_ptx)
            except ElfError as error:
                view.notes.append(f"{path} stays whole: {error}")
                continue
            if result is None or result.dropped_bytes < _WORTH_BYTES:
                continue
            found = True
            evidence = f"{len(result.holes)} ranges of device code that {named} never load(s)"
            yield Proposal(path, evidence, Content(node.inode, result.pieces))
        if found:
            view.notes.append(LICENCE)

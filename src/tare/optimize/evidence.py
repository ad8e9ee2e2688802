"""Which Debian packages the installed Python files really need: the ELF NEEDED closure, read inside the built image."""

import json
from dataclasses import dataclass

from tare.build.engine import Engine

# Runs inside the image, with the Python of the image: standard library only. Prints one JSON object.
CLOSURE = r"""
import glob, json, os, re, struct, subprocess, sys, sysconfig

def dynamic(path):
    with open(path, "rb") as f:
        head = f.read(64)
        if head[:6] != b"\x7fELF\x02\x01":
            return []
        phoff, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        f.seek(phoff)
        table = f.read(size * count)
        loads, dyn = [], None
        for i in range(count):
            kind, _, offset, vaddr, _, filesz = struct.unpack_from("<IIQQQQ", table, i * size)
            if kind == 1:
                loads.append((vaddr, offset, filesz))
            elif kind == 2:
                dyn = (offset, filesz)
        if dyn is None:
            return []
        f.seek(dyn[0])
        data = f.read(dyn[1])
        names, strtab = [], None
        for i in range(0, len(data) - 15, 16):
            tag, value = struct.unpack_from("<qQ", data, i)
            if tag == 0:
                break
            if tag == 1:
                names.append(value)
            elif tag == 5:
                strtab = value
        out = []
        for vaddr, offset, filesz in loads:
            if strtab is not None and vaddr <= strtab < vaddr + filesz:
                for name in names:
                    f.seek(offset + strtab - vaddr + name)
                    out.append(f.read(256).split(b"\0")[0].decode("utf-8", "replace"))
        return out

roots = {p for p in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")) if p}
roots |= {p for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
compiled = ["/usr/local/" + d for d in ("bin", "sbin", "lib", "libexec")] + ["/opt"]
system = {"/" + d for d in ("proc", "sys", "dev", "boot", "etc", "run", "media", "mnt", "bin", "sbin", "usr", "var")}
apart = []
for top, below, files in os.walk("/"):
    if top in system or top.startswith("/lib") or os.path.basename(top) in ("node_modules", ".git"):
        below[:] = []
        continue
    if os.path.basename(top) in ("site-packages", "dist-packages"):
        roots.add(top)
        below[:] = []
    else:
        apart += [os.path.join(top, name) for name in files if ".so" in name]
for root in compiled:
    for top, below, files in os.walk(root):
        below[:] = [d for d in below if not re.match(r"python\d|site-packages$|lib-dynload$", d)]
        apart += [os.path.join(top, name) for name in files if not name.startswith("libpython")]
own, need = set(), set()
for path in apart:
    if ".so" in path:
        own.add(os.path.basename(path))
    if os.path.isfile(path) and not os.path.islink(path):
        try:
            need.update(dynamic(path))
        except (OSError, struct.error):
            pass
for root in roots:
    for top, _, files in os.walk(root):
        for name in files:
            if ".so" in name:
                path = os.path.join(top, name)
                own.add(name)
                if not os.path.islink(path):
                    try:
                        need.update(dynamic(path))
                    except (OSError, struct.error):
                        pass
cache = {}
listing = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True).stdout if any(
    os.path.exists(os.path.join(d, "ldconfig")) for d in os.environ.get("PATH", "").split(":") + ["/sbin"]) else ""
for line in listing.splitlines():
    found = re.match(r"\s*(\S+) \(.*\) => (\S+)", line)
    if found:
        cache.setdefault(found[1], found[2])
packages, lost, queue, seen = set(), set(), sorted(need - own), set()
while queue:
    soname = queue.pop()
    if soname in seen:
        continue
    seen.add(soname)
    path = cache.get(soname)
    if path is None:
        if not soname.startswith("ld-linux"):
            lost.add(soname)
        continue
    real = os.path.realpath(path)
    if real.startswith("/usr/local/"):
        continue
    for candidate in (real, path, real.removeprefix("/usr")):
        answer = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
        if answer.returncode == 0:
            packages.add(answer.stdout.split(":")[0].split(",")[0])
            break
release = ""
try:
    for line in open("/etc/os-release"):
        if line.startswith("VERSION_CODENAME="):
            release = line.split("=", 1)[1].strip().strip('"')
except OSError:
    pass
print("\n" + json.dumps({"packages": sorted(packages), "lost": sorted(lost), "release": release}))
"""
INSTALLED = ("dpkg-query", "-W", "-f", "${Package}\\n")


@dataclass(frozen=True, slots=True)
class Evidence:
    """`packages`: those that hold needed libraries and that the slim base does not have. `release`: the codename."""

    packages: tuple[str, ...]
    release: str | None


def gather(engine: Engine, image: str, slim: str) -> Evidence | None:
    """Observe `image`; None where it has no Python or no dpkg, or where `slim` cannot be asked."""
    answer = engine.run(image, ("python3", "-c", CLOSURE), user="0", timeout_s=300)
    if answer.returncode != 0:
        return None
    try:
        found = json.loads(answer.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return None
    there = engine.run(slim, INSTALLED, timeout_s=300)
    if there.returncode != 0:
        return None
    present = set(there.stdout.split())
    packages = tuple(name for name in found["packages"] if name not in present)
    return Evidence(packages, found["release"] or None)

"""Cache and tmpfs mounts of RUN steps."""

from tare.dockerfile.flags import Rejection, mount_fields
from tare.rules.document import Step


def kept_out(step: Step, *endings: str) -> bool:
    """Whether a cache or tmpfs mount stands at (the end of a path that is) one of `endings`, or inside of one."""
    for flag in step.inner.flags:
        if flag.name != "mount":
            continue
        try:
            fields = dict(mount_fields(flag))
        except Rejection:
            continue
        if fields.get("type") not in ("cache", "tmpfs"):
            continue
        target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
        target = target.rstrip("/") + "/"
        if any(f"{ending}/" in target for ending in endings):
            return True
    return False

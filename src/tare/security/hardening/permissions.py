"""Who may become whom, and who may write where."""

import re
from collections.abc import Iterator

from tare.image.tarhead import DIRECTORY, FILE
from tare.image.tree import Node
from tare.security.hardening.facts import Facts, Weakness

SET_UID, SET_GID, STICKY = 0o4000, 0o2000, 0o1000
_OWN = frozenset({
    "at", "bbsuid", "bsd-write", "chage", "chfn", "chrome-sandbox", "chsh", "crontab", "dbus-daemon-launch-helper", "dotlockfile",
    "exim4", "expiry", "fusermount", "fusermount3", "gpasswd", "locate", "mail-lock", "mail-touchlock", "mail-unlock", "mlocate",
    "mount", "mount.cifs", "mount.nfs", "newgidmap", "newgrp", "newuidmap", "pam_extrausers_chkpwd", "pam_timestamp_check",
    "passwd", "ping", "ping6", "pkexec", "plocate", "polkit-agent-helper-1", "postdrop", "postqueue", "pppd", "screen", "sg",
    "ssh-agent", "ssh-keysign", "staprun", "su", "sudo", "sudoedit", "traceroute6.iputils", "umount", "unix_chkpwd",
    "unix_update", "userhelper", "usernetctl", "utempter", "wall", "write",
})  # fmt: skip
"""Programs that distributions install with these bits, by their packages' own file lists."""
_SITE = re.compile(r"(?:.*/)?(?:site|dist)-packages")


def set_id(facts: Facts) -> Iterator[Weakness]:
    """Programs that run as their owner (CIS 4.8): those that are not the distribution's own, and those that are."""
    own: list[Node] = []
    for node in facts.nodes:
        entry = node.inode.entry
        if entry.kind is not FILE or not entry.mode & (SET_UID | SET_GID):
            continue
        if node.path in facts.system_files and node.path.rpartition("/")[2] in _OWN:
            own.append(node)
            continue
        as_root = bool(entry.mode & SET_UID) and entry.uid == 0 and bool(entry.mode & 0o011)
        kind = "set-uid" if entry.mode & SET_UID else "set-gid"
        yield Weakness(
            "TH1001", "set-uid-program", "high" if as_root else "medium",
            f"/{node.path} is {kind}{' root' if as_root else ''}, and no distribution ships it so",
            f"chmod a-s /{node.path}", "4.8", (node,),
        )  # fmt: skip
    if own:
        yield Weakness(
            "TH1002", "set-uid-of-distribution", "low", f"{len(own)} set-uid or set-gid programs of the distribution",
            "chmod a-s them: services need none; or run with --security-opt no-new-privileges", "4.8", tuple(own),
        )  # fmt: skip


def capabilities(facts: Facts) -> Iterator[Weakness]:
    """File capabilities on programs that no package of the distribution has."""
    for node in facts.nodes:
        if node.path in facts.system_files or node.inode.entry.kind is not FILE:
            continue
        if any(name == "security.capability" for name, _ in node.inode.entry.xattrs):
            yield Weakness(
                "TH1003",
                "file-capability",
                "medium",
                f"/{node.path} has capabilities of its own",
                f"setcap -r /{node.path}",
                "",
                (node,),
            )


def world_writable(facts: Facts) -> Iterator[Weakness]:
    """Files, and directories without the sticky bit, that everyone may write."""
    found = []
    for node in facts.nodes:
        entry = node.inode.entry
        if entry.kind not in (FILE, DIRECTORY) or not entry.mode & 0o002 or node.inode.place < 0:
            continue
        if entry.kind is DIRECTORY and entry.mode & STICKY:
            continue
        found.append(node)
    if found:
        yield Weakness(
            "TH1004", "world-writable", "medium",
            f"{_count(len(found), 'path')} that everyone may write, such as /{found[0].path}",
            "chmod o-w them, and give the user that writes what it needs by --chown", "", tuple(found),
        )  # fmt: skip


def writable_site_packages(facts: Facts) -> Iterator[Weakness]:
    """Installed Python code that the container's own user may replace."""
    numbers = facts.user
    if numbers is None or numbers[0] == 0:
        return
    uid, gid = numbers
    found = []
    for node in facts.nodes:
        entry = node.inode.entry
        if entry.kind is not DIRECTORY or _SITE.fullmatch(node.path) is None:
            continue
        owner, group = entry.uid == uid and entry.mode & 0o200, entry.gid == gid and entry.mode & 0o020
        if owner or group or entry.mode & 0o002:
            found.append(node)
    if found:
        yield Weakness(
            "TH1005", "writable-site-packages", "medium",
            f"the service's user may replace installed code in /{found[0].path}",
            "install as root, and copy without --chown", "", tuple(found),
        )  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

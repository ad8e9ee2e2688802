"""Programs that help an intruder and that no service needs (CIS 4.3)."""

from collections.abc import Iterator

from tare.image.tarhead import FILE
from tare.image.tree import Node
from tare.security.hardening.facts import Facts, Weakness

_FOLDERS = frozenset(
    {
        "bin",
        "sbin",
        "usr/bin",
        "usr/sbin",
        "usr/local/bin",
        "usr/local/sbin",
        "opt/conda/bin",
        "opt/venv/bin",
        "venv/bin",
    }
)
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "fish", "csh", "tcsh"})
MANAGERS = frozenset(
    {
        "apt",
        "apt-get",
        "dpkg",
        "apk",
        "dnf",
        "microdnf",
        "yum",
        "rpm",
        "zypper",
        "pip",
        "pip3",
        "conda",
        "mamba",
        "npm",
        "uv",
        "poetry",
    }
)
SERVERS = frozenset({"sshd", "telnetd", "vsftpd"})
TOOLS = frozenset(
    {
        "gcc",
        "g++",
        "cc",
        "make",
        "gdb",
        "strace",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "nmap",
        "tcpdump",
        "telnet",
        "git",
    }
)


def left_over(facts: Facts) -> Iterator[Weakness]:
    """Shells, package managers, compilers and network tools, servers for logging in."""
    found: dict[str, list[Node]] = {}
    for node in facts.nodes:
        folder, _, name = node.path.rpartition("/")
        if folder in _FOLDERS and node.children is None:
            for kind, names in (
                ("shell", SHELLS),
                ("manager", MANAGERS),
                ("server", SERVERS),
                ("tool", TOOLS),
            ):
                if name in names and (
                    node.inode.entry.kind is FILE or facts.analysis.tree.resolve(node.path) is not None
                ):
                    found.setdefault(kind, []).append(node)
    for kind, code, slug, message, remedy, cis in (
        (
            "shell",
            "TH2001",
            "shell-left",
            "shells: {}",
            "end with a base that has none, such as distroless",
            "4.3",
        ),
        (
            "manager",
            "TH2002",
            "package-manager-left",
            "package managers: {}",
            "install in a builder stage, and copy the environment",
            "4.3",
        ),
        (
            "tool",
            "TH2003",
            "tools-left",
            "compilers, debuggers and network tools: {}",
            "install them in a builder stage",
            "4.3",
        ),
        (
            "server",
            "TH2004",
            "login-server",
            "servers for logging in: {}",
            "use docker exec or kubectl exec",
            "5.7",
        ),
    ):
        if nodes := found.get(kind):
            listed = ", ".join(sorted({node.path.rpartition("/")[2] for node in nodes}))
            yield Weakness(
                code,
                slug,
                "medium" if kind == "server" else "low",
                message.format(listed),
                remedy,
                cis,
                tuple(nodes),
            )

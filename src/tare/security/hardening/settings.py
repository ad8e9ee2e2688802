"""What the configuration says: the user, the health check, how files came."""

import re
from collections.abc import Iterator

from tare.image.model import instruction_text
from tare.security.hardening.facts import Facts, Weakness


def user(facts: Facts) -> Iterator[Weakness]:
    """Root, a name in place of a number, a name that nobody has (CIS 4.1)."""
    stated = facts.analysis.image.config.user
    numbers = facts.user
    if numbers is None:
        yield Weakness(
            "TH0003", "unknown-user", "medium", f"the user {stated!r} is not in /etc/passwd: the container cannot start",
            "create the user, or name a number: USER 10001", "4.1",
        )  # fmt: skip
    elif numbers[0] == 0:
        how = f"USER {stated}" if stated else "no USER"
        yield Weakness(
            "TH0001", "root-user", "medium", f"the container runs as root ({how})",
            "create a user and end with USER 10001", "4.1",
        )  # fmt: skip
    elif not stated.partition(":")[0].isdecimal():
        yield Weakness(
            "TH0002", "user-by-name", "low",
            f"USER {stated} is a name: Kubernetes cannot tell that it is not root (runAsNonRoot fails)",
            f"name the number: USER {numbers[0]}", "4.1",
        )  # fmt: skip


def health_check(facts: Facts) -> Iterator[Weakness]:
    """None there (CIS 4.6)."""
    if not facts.analysis.image.config.healthcheck:
        yield Weakness(
            "TH0004", "no-health-check", "low", "there is no health check: a hung service looks well",
            "add a HEALTHCHECK, or a probe where it is deployed", "4.6",
        )  # fmt: skip


def remote_add(facts: Facts) -> Iterator[Weakness]:
    """ADD from the network without a checksum (CIS 4.9)."""
    for step in facts.analysis.image.config.history:
        text = instruction_text(step.created_by)
        found = re.match(r"ADD (?!.*--checksum).*?(https?://[^\s/@]+)", text)
        if found is not None:
            yield Weakness(
                "TH0005", "remote-add", "low", f"ADD fetches from {found[1]} and checks nothing",
                "ADD --checksum=sha256:…, or fetch and verify in a RUN", "4.9",
            )  # fmt: skip


def accounts(facts: Facts) -> Iterator[Weakness]:
    """Accounts without a password, passwords in the image, sudo that asks for none."""
    for line in (facts.text("etc/shadow") or "").splitlines():
        name, _, rest = line.partition(":")
        password = rest.partition(":")[0]
        if rest and not password:
            yield Weakness(
                "TH0006",
                "empty-password",
                "high",
                f"the account {name} has an empty password",
                f"passwd -l {name}",
            )
        elif password.startswith("$"):
            yield Weakness(
                "TH0007", "password-hash", "medium", f"the password hash of {name} is in the image: it can be guessed offline",
                f"passwd -d {name} && passwd -l {name}",
            )  # fmt: skip
    for node in facts.nodes:
        if re.fullmatch(r"etc/sudoers(?:\.d/[^/.~]+)?", node.path) is None:
            continue
        lines = [
            line for line in (facts.text(node.path) or "").splitlines() if not line.lstrip().startswith("#")
        ]
        if any("NOPASSWD" in line for line in lines):
            yield Weakness(
                "TH0008", "sudo-without-password", "high", f"/{node.path} lets someone become root without a password",
                "remove sudo, and switch users in the Dockerfile", "4.1", (node,),
            )  # fmt: skip

"""A baseline: a policy that covers what a scan found, so that only what is new fails. It ends, because a baseline is a debt."""

from datetime import date

from tare.schema.scan import ScanReport
from tare.security.policy import Ignore, exactly, policy_text

REASON = "in the baseline"


def baseline_of(report: ScanReport, until: date, owner: str = "") -> str:
    """The policy file's text. What the policies of the scan ignored already is left to them."""
    entries = {
        Ignore(one.id, REASON, until, owner, exactly(one.package), exactly(one.path))
        for one in report.vulnerabilities
        if not one.ignored
    }
    entries |= {
        Ignore(
            one.fingerprint,
            f"{REASON}: {one.name}",
            until,
            owner,
            path=exactly(one.path) if one.path else "*",
        )
        for one in report.secrets
        if not one.ignored
    }
    entries |= {
        Ignore(
            one.code, f"{REASON}: {one.name}", until, owner, path=exactly(one.paths[0]) if one.paths else "*"
        )
        for one in report.hardening
        if not one.ignored
    }
    return policy_text(entries)

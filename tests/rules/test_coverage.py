"""Every check of the other tools is a rule here, or has its reason in docs/rules/not-done.md."""

import re
from pathlib import Path

import pytest

from tare.rules.registry import ENTRIES, every_rule
from tests.rules import other_tools

NOT_DONE = (Path(__file__).parent.parent.parent / "docs" / "rules" / "not-done.md").read_text()
EQUIVALENTS = {code.lower() for rule in every_rule() for code in rule.equivalents}


@pytest.mark.parametrize("tool", [name for name in dir(other_tools) if name.isupper()])
def test_every_check_has_a_rule_or_a_reason(tool: str) -> None:
    checks = getattr(other_tools, tool)
    missing = [
        check
        for check in sorted(checks)
        if not {check.lower(), f"tally/{check}".lower()} & EQUIVALENTS and f"`{check}`" not in NOT_DONE
    ]
    assert not missing


def test_most_rules_that_can_be_fixed_mechanically_are() -> None:
    """The rest needs knowledge that is not in the file: a version, a digest, a value, a decision."""
    fixable = [rule for rule in every_rule() if any(example.good for example in rule.examples)]
    needs_knowledge = set(re.findall(r"TR\d{4}", KNOWLEDGE))
    mechanical = [rule for rule in every_rule() if rule.code not in needs_knowledge]
    assert len(fixable) / len(mechanical) >= 0.8
    assert not needs_knowledge & {rule.code for rule in fixable}
    assert needs_knowledge <= {entry.code for entry in ENTRIES}


KNOWLEDGE = """
a version: TR3006 TR3007 TR3008 TR3013 TR3016 TR3018 TR3028 TR3033 TR3037 TR3041 TR3062 TR6006 TR6009 TR6010 TR6029
a digest or checksum: TR5012 TR5014
a name, value or text: TR2006 TR3011 TR3022 TR3023 TR3045 TR3049 TR3051 TR3052 TR3053 TR3054 TR3055
TR3056 TR3057 TR3058 TR3063 TR3066 TR7021
another design (stages, users, mounts): TR3001 TR3002 TR3064 TR3067 TR4001 TR5029 TR6013 TR6018 TR6019 TR6025 TR7016 TR7018
TR7022 TR7024
a decision of the team: TR0001 TR0002 TR1001 TR2009 TR2013 TR3026 TR3050 TR5027 TR6003 TR6011 TR6012 TR6027 TR7017 TR7019
the order of the file: TR3043 TR3061
"""

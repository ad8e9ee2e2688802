"""The battery of everyday abilities, on this machine's own Python and with answers that are made up."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from tare.build.engine import Engine
from tare.build.process import Answer
from tare.verify.abilities import SCRIPT, ask_abilities
from tare.verify.checks import Subject, judge
from tare.verify.observe import Observation
from tare.verify.settings import VerifySettings


@dataclass
class Here:
    """Runs what is asked of an image on this machine; `python3` is not there."""

    broken: str = ""

    def run(self, image: str, command: Sequence[str], **settings: Any) -> Answer:
        if command[0] == "python":
            return Answer(127, "", "not found")
        code = command[2]
        if self.broken:
            code = code.replace(f"def {self.broken}():", f"def {self.broken}():\n    os._exit(3)")
        done = subprocess.run(
            [sys.executable, "-c", code, *command[3:]], capture_output=True, text=True, check=False
        )
        return Answer(done.returncode, done.stdout, done.stderr)


def ask(broken: str = "", without: tuple[str, ...] = ()) -> dict[str, tuple[bool, str]]:
    found = ask_abilities(cast(Engine, Here(broken)), "image", None, ("python", "python3"), without)
    assert found is not None
    return found


def seen(abilities: dict[str, tuple[bool, str]] | None) -> Observation:
    return Observation("0", {}, 0, "done", None, None, (), (), (), abilities)


def verdict(
    after: dict[str, tuple[bool, str]] | None, before: dict[str, tuple[bool, str]] | None
) -> dict[str, bool | None]:
    checks = judge(seen(after), seen(before), VerifySettings(), Subject("image", None, False)).checks
    return {check.name: check.passed for check in checks if check.kind == "ability"}


def test_this_python_answers_all_and_twice_the_same() -> None:
    one, two = ask(), ask(without=("shell",))
    assert len(one) >= 18 and one["subprocesses"] == (True, json.dumps([0, "42\n"]))
    assert set(one) - set(two) == {"shell"}
    assert all(verdict(two, {name: one[name] for name in two}).values())


def test_a_crash_loses_what_could_not_be_asked() -> None:
    before, after = ask(), ask(broken="codecs")
    found = verdict(after, before)
    assert found["certificates"] is True and found["codecs"] is False
    assert set(found) == {name for name, (works, _) in before.items() if works}


def test_only_what_worked_before_counts() -> None:
    before = {"a": (True, "[144]"), "b": (False, "OSError: none"), "c": (True, "1")}
    assert verdict({"a": (True, "[0]"), "b": (False, "x"), "c": (True, "1")}, before) == {
        "a": False,
        "c": True,
    }
    assert verdict(None, before) == {"a": False, "c": False}
    assert verdict(before, None) == {} == verdict(None, None)
    alone = judge(seen(before), None, VerifySettings(), Subject("image", None, False)).checks
    assert [check.passed for check in alone if check.kind == "ability"] == [True, False, True]


def test_the_script_stands_alone() -> None:
    compile(SCRIPT, "abilities", "exec")

"""`.dive-ci` files: what is understood, and the same verdict as dive's on the same image."""

import subprocess
import sysconfig
from itertools import product
from pathlib import Path

import pytest

from tare.core.errors import UsageError
from tare.inspect.assemble import make_report
from tare.inspect.dive_ci import check_dive, read_dive_ci
from tare.inspect.survey import survey
from tests.inspect.pictures import analysed, file

DIVE = Path(sysconfig.get_path("scripts")) / "dive"
FILES = [
    "rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: 0.20\n",
    "rules:\n  lowestEfficiency: 0.6\n",
    "# nothing\n",
    "rules:\n  highestWastedBytes: 10KB # small\n  lowestEfficiency: disabled\n  highestUserWastedPercent: 'disabled'\n",
    'rules:\n  lowestEfficiency: "0.5"\n  highestWastedBytes: 1 MiB\n  highestUserWastedPercent: 1.0\n',
]


@pytest.mark.parametrize(("text", "wasted"), list(product(FILES, [0, 3000, 2_000_000])))
def test_the_verdict_is_dives(tmp_path: Path, text: str, wasted: int) -> None:
    config = tmp_path / ".dive-ci"
    config.write_text(text)
    layers = [
        [file("a", b"x" * wasted), file("keep", b"k" * 10_000)],
        [file("a", b"y" * wasted)],
        [file("z", b"1")],
    ]
    with analysed(tmp_path, layers) as analysis:
        dive = make_report(survey(analysis), dive=True).dive
    assert dive is not None
    checks = check_dive(read_dive_ci(text, str(config)), dive)
    ran = subprocess.run(
        [DIVE, "--ci", "--ci-config", str(config), f"docker-archive://{tmp_path / 'image.tar'}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode in (0, 1)
    assert all(check.passed for check in checks) == (ran.returncode == 0), ran.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules:\n  lowestEfficiency: 95\n", "no ratio from 0 to 1"),
        ("rules:\n  highestWastedBytes: lots\n", "no size"),
        ("rules:\n  lowestEficiency: 0.9\n", "no rule"),
        ("rules: [1, 2]\n", "not understood"),
        ("rules:\n  - lowestEfficiency: 0.9\n", "dive has no rule|not understood"),
        ("rules:\n  lowestEfficiency:\n", "no value"),
    ],
)
def test_what_is_not_understood_is_an_error(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        read_dive_ci(text, ".dive-ci")
    assert raised.value.where is not None and raised.value.where.startswith(".dive-ci")

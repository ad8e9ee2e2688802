"""Comments that silence findings."""

from tare.dockerfile import parse
from tare.dockerfile.pragmas import check_directive, ignored, pragmas

TEXT = """# check=skip=StageNameCasing,JSONArgsRecommended;error=true
# hadolint global ignore=DL3006
# tare: ignore-file[TR001]
FROM a
# tare: ignore[TR002, pip-cache-layer]: reason
RUN x
# hadolint ignore=DL3008,SC2046
# plain
RUN y \\
  # tare: ignore
  && z
RUN <<EOF
# tare: ignore[NO]
EOF
# tare: ignore[NO]
"""


def test_pragmas() -> None:
    file = parse(TEXT)
    _, first, second, _ = file.instructions
    assert [(p.dialect, p.codes, p.instruction) for p in pragmas(file)] == [
        ("check", ("StageNameCasing", "JSONArgsRecommended"), None),
        ("hadolint", ("DL3006",), None),
        ("tare", ("TR001",), None),
        ("tare", ("TR002", "pip-cache-layer"), first),
        ("hadolint", ("DL3008", "SC2046"), second),
        ("tare", (), second),
    ]
    assert pragmas(file)[4].span.of(TEXT) == "# hadolint ignore=DL3008,SC2046"


def test_covers() -> None:
    file = parse(TEXT)
    check, _, _, named, _, everything = pragmas(file)
    assert named.covers("tr002") and not named.covers("TR003")
    assert everything.covers("anything")
    assert check.covers("stagenamecasing")
    assert [p.dialect for p in ignored(file, None)] == ["check", "hadolint", "tare"]
    assert len(ignored(file, file.instructions[1])) == 4


def test_check_directive() -> None:
    directive = check_directive(parse(TEXT))
    assert (directive.skip, directive.error) == (("StageNameCasing", "JSONArgsRecommended"), True)
    assert check_directive(parse("FROM a\n")).skip == ()
    assert pragmas(parse("# check=skip=all\nFROM a\n"))[0].covers("Anything")


def test_buildkit_checks_are_skipped_for_one_instruction() -> None:
    dockerfile = parse(
        "# check=skip=StageNameCasing\nFROM scratch\n# check=skip=A,B // because\nCMD a\n# check=error=true\nCMD b\n"
    )
    found = [(pragma.codes, pragma.instruction) for pragma in pragmas(dockerfile)]
    assert found == [(("StageNameCasing",), None), (("A", "B"), dockerfile.instructions[1])]

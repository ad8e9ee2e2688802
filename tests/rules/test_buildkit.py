"""BuildKit's verdicts: what `docker build --check` says of these files, by check and line."""

from pathlib import Path

import pytest

from tare.rules.document import Document
from tare.rules.engine import check, run
from tare.rules.present import findings_of
from tare.rules.registry import ENTRIES
from tare.rules.settings import RuleSettings

CHECKS = {
    "ConsistentInstructionCasing": "TR2001",
    "FromAsCasing": "TR2002",
    "StageNameCasing": "TR2003",
    "NoEmptyContinuation": "TR2004",
    "UndefinedArgInFrom": "TR2005",
    "InvalidDefaultArgInFrom": "TR2006",
    "UndefinedVar": "TR2007",
    "LegacyKeyValueFormat": "TR2008",
    "CopyIgnoredFile": "TR2009",
    "ExposeProtoCasing": "TR2010",
    "ExposeInvalidFormat": "TR2011",
    "InvalidDefinitionDescription": "TR2012",
}


def verdicts(text: str, directory: Path | None = None) -> list[tuple[str, int]]:
    """Checks and lines in a document."""
    document = Document(text, "Dockerfile", RuleSettings(), directory)
    names = {code: name for name, code in CHECKS.items()}
    entries = [entry for entry in ENTRIES if entry.code in names]
    found = run(document, entries)
    lines = [(names[p.rule.code], document.source.position(p.offset).line) for p in found]
    return sorted(lines, key=lambda row: (row[1], row[0]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n# x\n#\nFROM scratch AS BadStageName\n", [("StageNameCasing", 4)]),
        ("FROM scratch as base2\n\nFROM scratch AS base3\n", [("FromAsCasing", 1)]),
        ("from scratch AS base\n\nfrom scratch as base2\n", [("FromAsCasing", 1)]),
        (
            "\nFROM scratch\n# empty\nCOPY Dockerfile \\\n\n.\nCOPY Dockerfile \\\n.\n",
            [("NoEmptyContinuation", 6)],
        ),
        ("From scratch as base\nFROM scratch AS base2\n", [("ConsistentInstructionCasing", 1)]),
        ("frOM scratch as base\nfrom scratch as base2\n", [("ConsistentInstructionCasing", 1)]),
        ("FROM scratch\ncopy a /foo\nCOPY a /bar\n", [("ConsistentInstructionCasing", 2)]),
        ("from scratch\nCOPY a /foo\ncopy a /bar\n", [("ConsistentInstructionCasing", 2)]),
        ("from scratch\nCOPY a /foo\nCOPY a /bar\nCOPY a /baz\n", [("ConsistentInstructionCasing", 1)]),
        ("FROM scratch\ncopy a /foo\ncopy a /bar\ncopy a /baz\n", [("ConsistentInstructionCasing", 1)]),
        ("FROM alpine\nRUN <<'EOT'\nenv\nEOT\n", []),
        ("ARG base=scratch\nFROM $base\nCOPY Dockerfile .\n", []),
        ("ARG BUILDPLATFORM=linux/amd64\nFROM --platform=$BUILDPLATFORM scratch\nCOPY Dockerfile .\n", []),
        ("FROM --platform=$BUILDPLATFORM scratch\nCOPY Dockerfile .\n", []),
        ("ARG DEBUG\nFROM scratch${DEBUG}\nCOPY Dockerfile .\n", []),
        ("ARG DEBUG\nFROM scra${DEBUG:-tch}\nCOPY Dockerfile .\n", []),
        ('ARG DEBUG=""\nFROM scratch${DEBUG-@bogus}\nCOPY Dockerfile .\n', []),
        ("FROM --platform=$BULIDPLATFORM scratch\nCOPY Dockerfile .\n", [("UndefinedArgInFrom", 1)]),
        (
            "ARG MY_OS=linux\nARG MY_ARCH=amd64\nFROM --platform=linux/${MYARCH} busybox\nCOPY a .\n",
            [("UndefinedArgInFrom", 3)],
        ),
        (
            "ARG tag=latest\nFROM busybox:${tag}${version} AS b\nCOPY Dockerfile .\n",
            [("UndefinedArgInFrom", 2)],
        ),
        ("FROM scratch\nARG foo\nCOPY Dockerfile${foo} .\n", []),
        ("FROM alpine AS base\nARG foo=Dockerfile\n\nFROM base\nCOPY $foo .\n", []),
        ("FROM alpine\nRUN echo $PATH\n", []),
        ("FROM alpine\nCOPY $foo .\nARG foo=bar\nRUN echo $foo\n", [("UndefinedVar", 2)]),
        (
            "FROM alpine\nARG DIR_BINARIES=binaries/\nARG DIR_ASSETS=assets/\nCOPY $DIR_ASSET .\n",
            [("UndefinedVar", 4)],
        ),
        ("FROM alpine\nENV PATH=$PAHT:/tmp/bin\n", [("UndefinedVar", 2)]),
        (
            "FROM scratch AS first\nCOPY $foo .\n\nFROM scratch AS second\nCOPY $bar .\n",
            [("UndefinedVar", 2), ("UndefinedVar", 5)],
        ),
        (
            "FROM scratch\nENV testkey value\nLABEL key value\n",
            [("LegacyKeyValueFormat", 2), ("LegacyKeyValueFormat", 3)],
        ),
        ("FROM scratch\nENV testkey=value\nLABEL key=value\n", []),
        ("ARG VERSION\nFROM busybox:$VERSION\n", [("InvalidDefaultArgInFrom", 2)]),
        ("ARG IMAGE\nFROM $IMAGE\n", [("InvalidDefaultArgInFrom", 2)]),
        ('ARG SFX="box:"\nFROM busy${SFX}\n', [("InvalidDefaultArgInFrom", 2)]),
        ('ARG VERSION="latest"\nFROM busybox:${VERSION}\n', []),
        ('ARG BUSYBOX_VARIANT=""\nFROM busybox:stable${BUSYBOX_VARIANT}\n', []),
        ("ARG BUSYBOX_VARIANT\nFROM busybox:stable${BUSYBOX_VARIANT}\n", []),
        (
            "FROM scratch\nEXPOSE 80/TcP 8080/TCP 8080/udp\n",
            [("ExposeProtoCasing", 2), ("ExposeProtoCasing", 2)],
        ),
        (
            "FROM scratch\nEXPOSE 127.0.0.1:80:80 [::1]:8080:8080 5000:5000 8000\n",
            [("ExposeInvalidFormat", 2)] * 3,
        ),
        (
            "# check=skip=all;experimental=InvalidDefinitionDescription\n# bar this is the bar\nARG foo=bar\n"
            "# BasE this is the BasE image\nFROM scratch AS base\n# a bad comment\nARG version=latest\n"
            "# a bad comment\nARG foo=baz bar=qux baz=quux\n",
            [("InvalidDefinitionDescription", line) for line in (3, 5, 7, 9)],
        ),
        (
            "# check=experimental=InvalidDefinitionDescription\n# foo this is the foo\nARG foo=bar\n\n"
            "# base this is the base image\nFROM scratch AS base\n\n# version this is the version number\n"
            "ARG version=latest\n\n# baz this is the baz\nARG foo=baz bar=qux baz=quux\n#\nARG bit=bat\n\n"
            "# comment for something other than ARG or FROM\nCOPY Dockerfile .\n",
            [],
        ),
    ],
)
def test_verdicts(text: str, expected: list[tuple[str, int]]) -> None:
    assert verdicts(text) == expected


@pytest.mark.parametrize(
    ("ignore", "text", "lines"),
    [
        ("Dockerfile\n", "FROM scratch\nCOPY Dockerfile .\nADD Dockerfile /windy\n", [2, 3]),
        (
            "foobar\n",
            (
                "FROM scratch AS base\nCOPY Dockerfile /foobar\nFROM base\n"
                "COPY --from=base /foobar /Dockerfile\n"
            ),
            [],
        ),
        ("**\n!Dockerfile\n", "FROM scratch\nCOPY ./Dockerfile .\n", []),
    ],
)
def test_copies_of_ignored_files(ignore: str, text: str, lines: list[int], tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text(ignore)
    (tmp_path / "Dockerfile").write_text(text)
    assert verdicts(text, tmp_path) == [("CopyIgnoredFile", line) for line in lines]


SHARED = [
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 scratch\n", [1]),
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 scratch AS my_amd64_stage\n", []),
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 scratch AS linux\n", []),
    ("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM scratch\n", [1]),
    ("RedundantTargetPlatform", "FROM --platform=${TARGETPLATFORM} scratch\n", [1]),
    ("WorkdirRelativePath", "FROM scratch\nWORKDIR app/\n", [2]),
    ("WorkdirRelativePath", "FROM scratch AS a\nWORKDIR /app\n\nFROM a AS b\nWORKDIR subdir/\n", []),
    ("DuplicateStageName", "FROM scratch AS b\nFROM scratch AS b\n", [2]),
    ("DuplicateStageName", "FROM scratch AS b\nFROM scratch AS B\n", [2]),
    ("DuplicateStageName", "FROM scratch AS b1\nFROM scratch AS b2\n", []),
    ("ReservedStageName", "FROM scratch AS scratch\nFROM scratch AS context\n", [1, 2]),
    ("ReservedStageName", "FROM scratch\nFROM scratch AS a\n", []),
    ("JSONArgsRecommended", "FROM scratch\nCMD mycommand\n", [2]),
    ("JSONArgsRecommended", "FROM scratch\nENTRYPOINT mycommand\n", [2]),
    ("JSONArgsRecommended", 'FROM scratch\nSHELL ["/usr/bin/customshell"]\nCMD mycommand\n', []),
    ("JSONArgsRecommended", 'FROM scratch\nSHELL ["/usr/bin/customshell"]\nENTRYPOINT mycommand\n', []),
    (
        "JSONArgsRecommended",
        'FROM scratch AS base\nSHELL ["/usr/bin/customshell"]\n\nFROM base\nCMD mycommand\n',
        [],
    ),
    (
        "MultipleInstructionsDisallowed",
        "FROM scratch\nCMD a\nCOPY <<EOF /a\nCMD x\nEOF\nCMD b\nENTRYPOINT c\nCMD d\n",
        [2, 6],
    ),
    ("RedundantTargetPlatform", 'FROM --platform="${TARGETPLATFORM}" scratch\n', [1]),
    ("MaintainerDeprecated", "FROM scratch\nMAINTAINER me@example.org\n", [2]),
    ("MaintainerDeprecated", 'FROM scratch\nLABEL org.opencontainers.image.authors="me@example.org"\n', []),
    (
        "MultipleInstructionsDisallowed",
        (
            'FROM scratch\nENTRYPOINT ["/myapp"]\nENTRYPOINT ["/myotherapp"]\n'
            'CMD ["/myapp"]\nCMD ["/myotherapp"]\nHEALTHCHECK CMD ["/myapp"]\n'
            'HEALTHCHECK CMD ["/myotherapp"]\n'
        ),
        [2, 4, 6],
    ),
    (
        "MultipleInstructionsDisallowed",
        (
            'FROM scratch AS a\nENTRYPOINT ["/myapp"]\nCMD ["/myapp"]\n'
            'HEALTHCHECK CMD ["/myapp"]\n\nFROM a AS b\nENTRYPOINT ["/myotherapp"]\n'
            'CMD ["/myotherapp"]\nHEALTHCHECK CMD ["/myotherapp"]\n'
        ),
        [],
    ),
    (
        "SecretsUsedInArgOrEnv",
        (
            "FROM scratch\nARG SECRET_PASSPHRASE\nENV SUPER_Secret=foo\n"
            "ENV password=bar secret=baz\nARG super_duper_secret_token=foo auth=bar\n"
            "ENV apikey=bar sunflower=foo\nENV git_key=\nENV PUBLIC_KEY=\n"
            "ARG public_token\n"
        ),
        [2, 3, 4, 4, 5, 5, 6, 7],
    ),
]


@pytest.mark.parametrize(("name", "text", "lines"), SHARED)
def test_checks_that_hadolint_has_too(name: str, text: str, lines: list[int]) -> None:
    """One rule for both tools; each finding names the tools that report it."""
    entries = [entry for entry in ENTRIES if name in entry.load().equivalents]
    document = Document(text, "Dockerfile")
    found = findings_of(document, run(document, entries))
    assert sorted(finding.line for finding in found if name in finding.equivalents) == sorted(lines)


def test_warnings_come_before_an_error() -> None:
    text = "FROM scratch AS Upper\nMAINTAINER me\nENV a b\nEXPOSE 80/TCP 1:2\nNOSUCH\n"
    found = findings_of(Document(text), run(Document(text), ENTRIES))
    names = {code for finding in found for code in finding.equivalents}
    assert {
        "StageNameCasing",
        "MaintainerDeprecated",
        "LegacyKeyValueFormat",
        "ExposeProtoCasing",
        "ExposeInvalidFormat",
    } <= names


def test_a_comment_skips_a_check_of_its_instruction_only() -> None:
    comment = "# check=skip=SecretsUsedInArgOrEnv // not one\n"
    text = f"FROM scratch\n{comment}ENV password=1\nENV password=1\n{comment}\nARG password\n{comment}#\nARG secret\n"
    found = check(Document(text), [entry for entry in ENTRIES if entry.code == "TR3064"])
    assert [
        located.problem.instruction.line for located in found.problems if located.problem.instruction
    ] == [
        4,
        7,
        10,
    ]

"""Shell text: words against their place in the Dockerfile, structure against samples, removals against real shells."""

import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tare.core.text import Edit, apply_edits
from tare.dockerfile import Instruction, parse
from tare.dockerfile.commands import recognise
from tare.dockerfile.shell import Command, ShellScript, parse_run
from tare.dockerfile.shell.script_text import instruction_script

INSTALL = r"""FROM python:3.11
RUN set -ex; \
    # system libraries, für OpenCV
    apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libgl1 \
      # git for pip
      git=1:2.39.* \
 && rm -rf /var/lib/apt/lists/* \
 && sudo -E pip install "torch>=2.0" 'numpy<2' $EXTRA 2>&1 | tee /tmp/log || true
"""

HEREDOC = """FROM python:3.11
RUN <<EOF
set -e
# größe
apt-get update
if ! command -v nvcc > /dev/null; then
  apt-get install -y gcc
elif [ -n "$CUDA" ] && test -d /usr/local/cuda; then
  ln -s /usr/local/cuda /cuda
else
  exit 1
fi
for package in numpy scipy; do pip install "$package"; done
while read -r line; do echo "$line"; done < list.txt
case "$ARCH" in
  amd64) wget -q https://x/a.deb ;;
  *) echo none; exit 2 ;;
esac
install_all() { pip install -r a.txt; }
(cd /src && make -j"$(nproc)") && { make install; ldconfig; }
rm -rf /var/lib/apt/lists/*  # tidy
EOF
"""


def script_of(text: str, at: int = 0, shell: tuple[str, ...] = ("/bin/sh", "-c")) -> ShellScript | None:
    return parse_run(runs(text)[at], shell)


def runs(text: str) -> list[Instruction]:
    found = [instruction.onbuild or instruction for instruction in parse(text).instructions]
    return [
        instruction for instruction in found if instruction.keyword not in ("FROM", "SHELL", "ARG", "ENV")
    ]


def run(body: str) -> ShellScript:
    script = script_of(f"FROM x\nRUN {body}\n")
    assert script is not None
    return script


def words(command: Command) -> list[str]:
    return [word.text for word in command.argv]


def find(script: ShellScript, beginning: str) -> Command:
    return next(command for command in script if " ".join(words(command)).startswith(beginning))


def test_words_of_a_real_install_step() -> None:
    script = script_of(INSTALL)
    assert script is not None
    assert script.errexit
    assert [(command.separator, command.name, words(command)) for command in script] == [
        ("", "set", ["set", "-ex"]),
        (";", "apt-get", ["apt-get", "update"]),
        ("&&", "apt-get", ["apt-get", "install", "-y", "--no-install-recommends", "libgl1", "git=1:2.39.*"]),
        ("&&", "rm", ["rm", "-rf", "/var/lib/apt/lists/*"]),
        ("&&", "pip", ["sudo", "-E", "pip", "install", "torch>=2.0", "numpy<2", "$EXTRA"]),
        ("|", "tee", ["tee", "/tmp/log"]),
        ("||", "true", ["true"]),
    ]
    install, pip = script.commands[2], script.commands[4]
    assert [(a.name, a.value.text) for a in install.assignments] == [("DEBIAN_FRONTEND", "noninteractive")]
    assert install.argv[-1].glob and install.argv[-1].literal
    assert pip.wrappers == ("sudo",) and pip.arguments[0].text == "install"
    assert [w.literal for w in pip.argv[-3:]] == [True, True, False]
    assert pip.in_pipeline and not script.commands[3].in_pipeline
    assert [(r.descriptor, r.operator, r.target and r.target.text) for r in pip.redirects] == [
        ("2", ">&", "1")
    ]


@pytest.mark.parametrize(
    "text", [INSTALL, HEREDOC, INSTALL.replace("\n", "\r\n"), HEREDOC.replace("\n", "\r\n")]
)
def test_every_word_stands_where_its_span_says(text: str) -> None:
    script = script_of(text)
    assert script is not None
    for command in script:
        for word in (*command.argv, *(a.value for a in command.assignments)):
            assert word.span.of(text) == word.raw
        assert command.span.of(text).startswith((command.assignments or command.argv)[0].span.of(text))


def test_structure_of_a_heredoc() -> None:
    script = script_of(HEREDOC)
    assert script is not None and script.form == "heredoc"
    contexts = {" ".join(words(c)): c.contexts for c in script}
    assert contexts["command -v nvcc"] == ("condition",)
    assert contexts["apt-get install -y gcc"] == ("branch",)
    assert contexts["[ -n $CUDA ]"] == ("condition",) == contexts["test -d /usr/local/cuda"]
    assert contexts["exit 1"] == ("branch",)
    assert contexts["pip install $package"] == ("loop",)
    assert contexts["read -r line"] == ("condition",)
    assert contexts["wget -q https://x/a.deb"] == ("case",)
    assert contexts["pip install -r a.txt"] == ("function", "brace")
    assert contexts["cd /src"] == ("subshell",)
    assert contexts["nproc"] == ("subshell", "substitution")
    assert contexts["ldconfig"] == ("brace",)
    probe = find(script, "command -v")
    assert probe.negated and probe.name == "command" and not probe.wrappers
    assert find(script, "rm").separator == "\n"
    assert script.at(HEREDOC.index("nproc")) is find(script, "nproc")
    assert find(script, "exit 2").conditional and not find(script, "rm").conditional


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("FROM x\nRUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n", ("/bin/sh", "-c")),
        ("FROM x\nRUN if true; then echo\n", ("/bin/sh", "-c")),
        ("FROM x\nRUN echo 'open\n", ("/bin/sh", "-c")),
        ("FROM x\nRUN a &&\n", ("/bin/sh", "-c")),
        ("FROM x\nRUN { ! { a; }; b; } && c\n", ("/bin/sh", "-c")),
        ("FROM x\nRUN Get-Item\n", ("powershell", "-Command")),
        ("FROM x\nRUN import os\n", ("/usr/bin/python3", "-c")),
        ("FROM x\nRUN a\n", ("/bin/sh",)),
        ("FROM x\nRUN " + "(" * 300 + "a" + ")" * 300 + "\n", ("/bin/sh", "-c")),
        ("FROM x\nHEALTHCHECK NONE\n", ("/bin/sh", "-c")),
    ],
)
def test_what_is_not_shell_is_unknown(text: str, shell: tuple[str, ...]) -> None:
    assert script_of(text, shell=shell) is None


@pytest.mark.parametrize(
    ("shell", "errexit"),
    [
        (("/bin/bash", "-c"), False),
        (("/bin/bash", "-o", "pipefail", "-c"), False),
        (("/bin/bash", "-eo", "pipefail", "-c"), True),
        (("/bin/bash", "-o", "errexit", "-c"), True),
        (("/bin/ash", "-euxo", "pipefail", "-c"), True),
        (("/usr/bin/env", "bash", "-ec"), True),
    ],
)
def test_shells_and_their_options(shell: tuple[str, ...], errexit: bool) -> None:
    script = script_of("FROM x\nRUN make\n", shell=shell)
    assert script is not None and script.errexit is errexit


def test_heredoc_with_a_shell_shebang_and_tabs() -> None:
    text = "FROM x\nRUN <<-'EOF'\n\t#!/bin/bash -e\n\tpip install a\n\tEOF\nRUN cat <<A > /x && foo\nbar $(baz)\nA\n"
    script = script_of(text)
    assert script is not None and script.errexit
    assert [words(c) for c in script] == [["pip", "install", "a"]]
    assert script.commands[0].argv[2].span.of(text) == "a"
    mixed = script_of(text, 1)
    assert mixed is not None
    assert [words(c) for c in mixed] == [["cat"], ["foo"], ["baz"]]
    assert mixed.commands[2].span.of(text) == "baz"


def test_heredoc_for_another_program_is_not_its_script() -> None:
    script = script_of('FROM x\nRUN python3 - <<PY && pip check\nimport os; os.remove("a")\nPY\n')
    assert script is not None
    assert [words(c) for c in script] == [["python3", "-"], ["pip", "check"]]
    assert script.commands[0].redirects[0].is_heredoc


def test_exec_form_is_one_command_without_a_shell() -> None:
    text = 'FROM x\nRUN ["/usr/bin/env", "pip", "install", "$X", "é \\" b"]\nENTRYPOINT ["/bin/sh", "-c", "a && b"]\n'
    script = script_of(text)
    assert script is not None and script.form == "exec"
    (command,) = script.commands
    assert words(command) == ["/usr/bin/env", "pip", "install", "$X", 'é " b']
    assert command.name == "pip" and all(word.literal for word in command.argv)
    assert command.argv[1].span.of(text) == '"pip"' == command.argv[1].raw
    span = command.removal_span(command.argv[3])
    assert span is not None and span.of(text) == ', "$X"'


def test_healthcheck_and_onbuild() -> None:
    text = "FROM x\nHEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1\nONBUILD RUN pip install x\n"
    health, onbuild = script_of(text), script_of(text, 1)
    assert health is not None and onbuild is not None
    assert [c.name for c in health] == ["curl", "exit"]
    assert onbuild.commands[0].argv[2].span.of(text) == "x"


@pytest.mark.parametrize(
    ("body", "name", "wrappers"),
    [
        ("sudo -H -u app -- pip install x", "pip", ("sudo",)),
        ("env -u A B=c /opt/venv/bin/pip3 install x", "pip3", ("env",)),
        ("time nice -n 10 make", "make", ("time", "nice")),
        ("exec gosu app python x.py", "python", ("exec", "gosu")),
        ("command -v pip", "command", ()),
        ("timeout -k 5 300 curl x", "curl", ("timeout",)),
        ("conda run --no-capture-output -n ml pip install x", "pip", ("conda",)),
        ("conda install x", "conda", ()),
        ("$PIP install x", "", ()),
        ("$VENV/bin/pip install x", "pip", ()),
        ('"/opt/my env/bin/pip" install x', "pip", ()),
        ("sudo -l", "sudo", ()),
        ("\\rm -rf x", "rm", ()),
    ],
)
def test_prefixes_are_seen_through(body: str, name: str, wrappers: tuple[str, ...]) -> None:
    command = run(body).commands[0]
    assert (command.name, command.wrappers) == (name, wrappers)


@pytest.mark.parametrize(
    ("raw", "text", "literal", "glob"),
    [
        ("'a b'", "a b", True, False),
        ('"a\\"b\\n"', 'a"b\\n', True, False),
        ("a\\ b", "a b", True, False),
        ("a'b'\"c\"", "abc", True, False),
        ("$'a\\tb'", "a\tb", True, False),
        ('"$X"/y', "$X/y", False, False),
        ('"${X:-$(date)}"', "${X:-$(date)}", False, False),
        ("$(echo ')')x", "$(echo ')')x", False, False),
        ("`date`", "`date`", False, False),
        ("'$X'", "$X", True, False),
        ("~/x", "~/x", False, False),
        ("a~", "a~", True, False),
        ("foo[bar]==1.*", "foo[bar]==1.*", True, True),
        ("'foo[bar]'", "foo[bar]", True, False),
        ("lib{a,b}-dev", "lib{a,b}-dev", True, True),
        ("a=$", "a=$", True, False),
        ("\\$X", "$X", True, False),
    ],
)
def test_quotes(raw: str, text: str, literal: bool, glob: bool) -> None:
    word = run(f"echo {raw} end").commands[0].argv[1]
    assert (word.raw, word.text, word.literal, word.glob) == (raw, text, literal, glob)


def test_words_after_a_redirect_belong_to_the_command() -> None:
    command = run("pip install foo>=1.0 bar 2>/dev/null").commands[0]
    assert words(command) == ["pip", "install", "foo", "bar"]
    assert [(r.operator, r.target and r.target.text) for r in command.redirects] == [
        (">", "=1.0"),
        (">", "/dev/null"),
    ]


def test_redirect_belongs_to_the_last_command_only() -> None:
    first, second = run("a && b > out").commands
    assert not first.redirects and second.redirects


def test_nested_shell() -> None:
    script = run("""bash -lc 'source activate ml && pip install "x"' && sh -c "echo $HOME" """)
    assert [c.name for c in script] == ["bash", "source", "pip", "sh"]
    assert script.commands[2].contexts == ("nested",)


def test_a_word_that_spans_a_continuation() -> None:
    text = "FROM x\nRUN echo ab\\\ncd e\n"
    script = script_of(text)
    assert script is not None
    word = script.commands[0].argv[1]
    assert (word.text, word.contiguous, word.span.of(text)) == ("abcd", False, "ab\\\ncd")
    assert script.commands[0].argv[2].span.of(text) == "e"


def test_removing_words() -> None:
    script = script_of(INSTALL)
    assert script is not None
    install = script.commands[2]
    libgl, git = install.argv[4:6]
    span = install.removal_span(git)
    assert span is not None
    assert "libgl1 \\\n && rm" in apply_edits(INSTALL, [Edit(span, "")])
    both = install.removal_span(git, libgl)
    assert both is not None
    assert "recommends \\\n && rm" in apply_edits(INSTALL, [Edit(both, "")])
    assert install.removal_span(install.argv[0]) is None
    assert install.removal_span(install.argv[2], git) is None


REMOVALS = [
    # body, command, body after (None: cannot be removed)
    ("a && x && b", "a && b"),
    ("x && b", "b"),
    ("a && x", "a"),
    ("a ; x ; b", "a ; b"),
    ("a \\\n && x \\\n && b", "a \\\n && b"),
    ("a && \\\n    x && \\\n    b", "a && \\\n    b"),
    ("a && \\\n    x", "a"),
    ("a \\\n    && \\\n    x \\\n    && \\\n    b", "a \\\n    && \\\n    b"),
    ("x && \\\n    b", "b"),
    ("x && \\\n  # why b\n  b", "\\\n  # why b\n  b"),
    ("a \\\n  # why x\n && x \\\n  # why b\n && b", "a \\\n  # why b\n && b"),
    ("set -e; a; x", "set -e; a"),
    ("a && x || b", "a || b"),
    ("x || true && b", "b"),
    ("a && x || true", "a || true"),
    ("(a && x) && b", "(a) && b"),
    ("{ a && x; } && b", "{ a; } && b"),
    ("if t; then x; b; fi", "if t; then b; fi"),
    ("a; x && b", "a; b"),
    ("a && x ; b", "a ; b"),
    ("x > /dev/null 2>&1 && b", "b"),
    ("A=1 x -y 'z' && b", "b"),
    ("a & x; b", "a & b"),
    ("x", None),
    ("a; x", None),
    ("a || x", None),
    ("a || x && b", None),
    ("x | b", None),
    ("! x && b", None),
    ("a && x &", None),
    ("if x; then b; fi", None),
    ("if t; then x; fi", None),
    ("echo $(a; x)", None),
    ("set -e; a && x; b", None),
    ("set -e; { a && b; }; x", None),
    ("f() { a; x; }; f", None),
    ("x || b", None),
]


@pytest.mark.parametrize(("body", "after"), REMOVALS)
def test_removals(body: str, after: str | None) -> None:
    text = f"FROM base\nRUN {body}\nCOPY . .\n"
    script = script_of(text)
    assert script is not None
    span = script.removal_span(script.named("x")[0])
    if after is None:
        assert span is None
    else:
        assert span is not None
        assert apply_edits(text, [Edit(span, "")]) == f"FROM base\nRUN {after}\nCOPY . .\n"


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("a\nx\nb\n", "a\nb\n"),
        ("a\n  x  # tidy\nb\n", "a\nb\n"),
        ("x\nb\n", "b\n"),
        ("a && \\\n  x && \\\n  b\n", "a && \\\n  b\n"),
        ("a \\\n  && x \\\n  && b\nc\n", "a \\\n  && b\nc\n"),
        ("a && \\\n  x\nb\n", "a\nb\n"),
        ("a &&\n  x &&\n  b\n", "a &&\n  b\n"),
        ("set -e\na\nx\n", "set -e\na\n"),
        ("cat > f <<X && x && b\nbody\nX\n", "cat > f <<X && b\nbody\nX\n"),
        ("cat > f <<X\nbody\nX\nx\nb\n", "cat > f <<X\nbody\nX\nb\n"),
        ("a\nx <<X\nbody\nX\nb\n", None),
        ("a\nx\n", None),
    ],
)
def test_removals_in_a_heredoc(body: str, after: str | None) -> None:
    text = f"FROM base\nRUN <<EOF\n{body}EOF\nCOPY . .\n"
    script = script_of(text)
    assert script is not None
    span = script.removal_span(script.named("x")[0])
    assert (span and apply_edits(text, [Edit(span, "")])) == (
        after and f"FROM base\nRUN <<EOF\n{after}EOF\nCOPY . .\n"
    )


# --- random scripts, run by a real shell ------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """How a random script is written down: what stands for a blank that may become a line break."""

    heredoc: bool
    breaks: tuple[str, ...]


ARGUMENTS = st.sampled_from(["-rf", "é", "'a b'", '"ü $X"', "x=1", "\\$Y", "日本", "a'b'c", "$(c9)", "*.whl"])
BREAKS = st.lists(
    st.sampled_from([" ", " ", "  ", " \\\n    ", " \\\n# größe\n  ", " \\\n\t# a\n\n\t# b\n"]),
    min_size=40,
    max_size=40,
)


@st.composite
def simple(draw: st.DrawFn) -> str:
    number = draw(st.integers(0, 8))
    given_words = draw(st.lists(ARGUMENTS, max_size=2))
    redirect = draw(st.sampled_from(["", "", "\0>/dev/null", "\0" + "2>&1"]))
    return f"c{number}" + "".join(f"\0{word}" for word in given_words) + redirect


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pipes = st.one_of(
        inner, inner, inner, st.tuples(inner, inner).map("\0|\0".join), simple().map("!\0{}".format)
    )
    lists = st.lists(pipes, min_size=1, max_size=3).flatmap(
        lambda parts: st.lists(
            st.sampled_from(["&&", "&&", "||"]), min_size=len(parts), max_size=len(parts)
        ).map(lambda operators: "".join(f"{p}\0{o}\0" for p, o in zip(parts, operators, strict=True))[:-4])
    )
    bodies = st.lists(lists, min_size=1, max_size=3).map(";\0".join)
    return st.one_of(
        bodies.map("(\0{}\0)".format),
        bodies.map("{{\0{};\0}}".format),
        st.tuples(bodies, bodies).map(lambda two: f"if\0{two[0]};\0then\0{two[1]};\0fi"),
    )


ELEMENTS = st.recursive(simple(), grouped, max_leaves=5)


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    elements = draw(st.lists(ELEMENTS, min_size=2, max_size=5))
    heredoc = draw(st.booleans())
    joins = st.sampled_from(["\0&&\0", "\0&&\0", ";\0", "\0||\0", "\n" if heredoc else ";\0"])
    body = elements[0] + "".join(draw(joins) + element for element in elements[1:])
    body = draw(st.sampled_from(["", "set\0-e;\0"])) + body
    breaks = draw(BREAKS)
    out = ""
    for index, part in enumerate(body.split("\0")):
        blank = breaks[index % len(breaks)] if index else ""
        out += (blank if not heredoc or "#" not in blank else " \\\n  ") + part if index else part
    return f"FROM b\nRUN <<EOF\n{out}\nEOF\nCOPY é .\n" if heredoc else f"FROM b\nRUN {out}\nCOPY é .\n"


@settings(max_examples=150, deadline=None)
@given(dockerfiles())
def test_random_scripts_keep_their_places(text: str) -> None:
    script = script_of(text)
    assert script is not None, text
    for command in script:
        for word in command.argv:
            assert word.span.of(text) == word.raw
        assert script.at(command.argv[0].span.start) is command
    for first, second in pairwise(script.commands):
        assert first.span.start <= second.span.start


def behaviour(text: str, statuses: list[int], spared: str) -> tuple[int, list[str]]:
    """Exit status and log of the script, run by `sh`; the command with the spared name succeeds and logs nothing."""
    body = instruction_script(runs(text)[0])[0].text
    functions = "".join(
        f"c{number}() {{ " + (":" if name == spared else f"echo {name} $# >&9; return {status}") + "; }\n"
        for number, status in enumerate(statuses)
        for name in [f"c{number}"]
    )
    done = subprocess.run(
        ["sh", "-c", f"exec 9>&1 1>/dev/null 2>/dev/null </dev/null\n{functions}{body}"],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


@settings(max_examples=120, deadline=None)
@given(dockerfiles(), st.lists(st.sampled_from([0, 0, 1]), min_size=10, max_size=10), st.integers(0, 50))
@example("FROM b\nRUN set -e; ( c0; c1; c0 ) && c2\nCOPY é .\n", [0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1)
def test_a_removal_changes_nothing_else(text: str, statuses: list[int], pick: int) -> None:
    script = script_of(text)
    assert script is not None
    names = [command.name for command in script]
    candidates = [
        c for c in script if names.count(c.name) == 1 and c.name.startswith("c") and script.removal_span(c)
    ]
    if not candidates:
        return
    chosen = candidates[pick % len(candidates)]
    if any("$(" in word.raw for word in chosen.argv):
        return
    span = script.removal_span(chosen)
    assert span is not None
    after = apply_edits(text, [Edit(span, "")])
    assert [i.keyword for i in parse(after).instructions] == ["FROM", "RUN", "COPY"]
    body = instruction_script(runs(after)[0])[0].text
    for shell in ("sh", "bash"):
        if shutil.which(shell):
            checked = subprocess.run(
                [shell, "-n"], input=body, capture_output=True, text=True, timeout=20, check=False
            )
            assert checked.returncode == 0, (text, after)
    before_lines, after_lines = (
        behaviour(text, statuses, chosen.name),
        behaviour(after, statuses, chosen.name),
    )
    unordered = "|" in text.replace("||", "")
    assert before_lines[0] == after_lines[0], (text, after)
    assert (sorted(before_lines[1]) if unordered else before_lines[1]) == (
        sorted(after_lines[1]) if unordered else after_lines[1]
    ), (text, after)


PIECES = """
a b é -c = x=1 $ $X ${ } ( ) { } $( ` ' " \\ && || | ; ;; & ! < > << <<- <<< 2>&1 # if then fi for in do done
case esac while [ ] [[ ]] * ~ set -e [ -f
"""
SHELL_TEXT = st.lists(st.sampled_from([*PIECES.split(), "\n", "\\\n", " ", "  "]), max_size=14).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(SHELL_TEXT)
@example("$ \\")
@example("$ x")
def test_any_text_is_read_or_unknown(body: str) -> None:
    text = f"FROM x\nRUN <<'END_OF_TEXT'\n{body}\nEND_OF_TEXT\n"
    script = script_of(text)
    for command in script or ():
        for word in command.argv:
            assert word.span.of(text) == word.raw
        assert command.span.of(text).strip() == command.span.of(text)
        recognise(command)
        assert script is not None
        span = script.removal_span(command)
        if span is not None and shutil.which("bash") and accepts(f"{body}\n"):
            rest = apply_edits(text, [Edit(span, "")])
            assert accepts(instruction_script(runs(rest)[0])[0].text), (text, rest)


def accepts(body: str) -> bool:
    done = subprocess.run(["bash", "-n"], input=body, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode == 0 and not done.stderr

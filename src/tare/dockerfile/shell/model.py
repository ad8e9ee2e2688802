"""Commands of a shell script, each word with its place in the Dockerfile."""

from dataclasses import dataclass

from tare.core.text import Span


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    `raw` is the word as the shell reads it, `text` the same without quotes, with expansions left as written.
    `literal` is False when the shell replaces a part of it (`$X`, `$(...)`, `~`); `glob` is True when it
    holds an unquoted pattern (`*`, `?`, `[`, `{a,b}`). The text at `span` is `raw`, unless a line
    continuation stands inside the word: see `contiguous`.
    """

    text: str
    raw: str
    span: Span
    literal: bool = True
    glob: bool = False

    @property
    def contiguous(self) -> bool:
        """Whether the Dockerfile's text at `span` is exactly `raw`."""
        return self.span.end - self.span.start == len(self.raw)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value` before a command, or as a statement of its own. `name` keeps an index or `+`, if there
    is one."""

    name: str
    value: Word
    span: Span


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2>>file`, `<<EOF` and so on; for a here-document the target is its delimiter."""

    operator: str
    descriptor: str
    target: Word | None
    span: Span

    @property
    def is_heredoc(self) -> bool:
        """Whether it is `<<` or `<<-`."""
        return self.operator in ("<<", "<<-")


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, an assignment statement, a test (`[ ... ]`) or a declaration (`export X=1`).

    `effective_argv` is what runs behind prefixes such as `sudo -E` or `env A=B`, whose names `wrappers`
    lists; `name` is its program without directories, '' when it cannot be known. `separator` is the
    operator before it (`''` first in its group, `'&&'`, `'||'`, `';'`, `'&'`, `'|'`, `'|&'` or a newline).
    `contexts` names the groups around it from the outermost: 'subshell', 'brace', 'condition', 'branch',
    'loop', 'case', 'function', 'substitution', 'nested' (the text after `bash -c`). With `exec_form` the words are
    those of a JSON array, and no shell reads them.
    """

    argv: tuple[Word, ...]
    span: Span
    separator: str = ""
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    effective_argv: tuple[Word, ...] = ()
    wrappers: tuple[str, ...] = ()
    name: str = ""
    contexts: tuple[str, ...] = ()
    in_pipeline: bool = False
    negated: bool = False
    background: bool = False
    exec_form: bool = False

    @property
    def in_subshell(self) -> bool:
        """Whether a change of directory or variable ends with a group around it."""
        return not {"subshell", "substitution", "nested"}.isdisjoint(self.contexts)

    @property
    def in_condition(self) -> bool:
        """Whether it is (part of) the test of an `if`, `elif`, `while` or `until`."""
        return "condition" in self.contexts

    @property
    def in_substitution(self) -> bool:
        """Whether it stands in `$(...)`, backquotes or `<(...)`."""
        return "substitution" in self.contexts

    @property
    def conditional(self) -> bool:
        """Whether a successful script may never run it."""
        return self.separator == "||" or not {"branch", "loop", "case", "function"}.isdisjoint(self.contexts)

    @property
    def arguments(self) -> tuple[Word, ...]:
        """`effective_argv` after the program."""
        return self.effective_argv[1:]

    def removal_span(self, *words: Word) -> Span | None:
        """The span to delete so that neighbouring `words` leave the command, layout and the rest untouched.

        It reaches from the end of what stands before the words to the end of the last: a line continuation
        (and comment lines) above them goes too. None for the program itself and for words that are not
        neighbours.
        """
        places = sorted({self.argv.index(word) for word in words if word in self.argv})
        if len(places) != len(words) or not places or places[0] == 0:
            return None
        if places[-1] - places[0] != len(places) - 1:
            return None
        start, end = self.argv[places[0]].span.start, self.argv[places[-1]].span.end
        others = [redirect.span for redirect in self.redirects]
        others += [assignment.span for assignment in self.assignments]
        if any(start <= span.start < end for span in others):
            return None
        before = [word.span.end for word in self.argv[: places[0]]]
        before += [span.end for span in others if span.end <= start]
        return Span(max(before), end)

"""From tree-sitter's tree of a script to lists of pipelines of commands.

tree-sitter-bash groups operators loosely (a redirect after `a && b` covers both, `a && b | c` is one
pipeline), so its nesting is used only inside a command and for compound commands. The rest is read as the
flat run of commands and operators that it is, and grouped by the shell's own precedence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec

from tree_sitter import Language, Node, Parser

from tare.dockerfile.shell.model import Assignment, Command, Redirect, Word
from tare.dockerfile.shell.quoting import unquote
from tare.dockerfile.shell.script_text import ScriptText
from tare.dockerfile.shell.structure import AndOr, Element, Operator, Pipeline, Sequence
from tare.dockerfile.shell.wrappers import unwrap


def _language() -> Language:
    """The grammar, from the extension module of tree-sitter-bash alone: its package imports `importlib.resources` for
    queries that nobody reads here, and that, with all that it imports, is a tenth of the start of `tare lint`."""
    package = find_spec("tree_sitter_bash")
    places = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec("tree_sitter_bash._binding", places)
    if spec is None or spec.loader is None:
        raise ImportError("tree-sitter-bash is not installed", name="tree_sitter_bash")
    binding = module_from_spec(spec)
    spec.loader.exec_module(binding)
    return Language(binding.language())


_LANGUAGE = _language()
_MAX_NESTING = 100
_WHOLE = frozenset(
    {
        "string",
        "raw_string",
        "ansi_c_string",
        "heredoc_body",
        "expansion",
        "simple_expansion",
        "arithmetic_expansion",
    }
)
_RESERVED = frozenset(
    ["!", "{", "}", "if", "then", "elif", "else", "fi", "do", "done", "case", "esac", "while", "until", "for"]
)
_GAP = re.compile(r"\s")
_BLANK = re.compile(r"(\s|\\\n)*")
_PLAIN_WORD = re.compile(r"[\w./:=,@%+-]+")
_SEPARATORS = frozenset({";", "&", "\n"})
_OPERATORS = frozenset({"&&", "||", "|", "|&", ";", "&", "!"})
_FLAT = frozenset({"program", "list", "pipeline", "redirected_statement", "negated_command"})
_TEST_PARTS = frozenset(
    {
        "binary_expression",
        "unary_expression",
        "parenthesized_expression",
        "negation_expression",
        "ternary_expression",
    }
)
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_SIMPLE = frozenset(
    {
        "command",
        "test_command",
        "declaration_command",
        "unset_command",
        "variable_assignment",
        "variable_assignments",
    }
)


class UnknownShellError(Exception):
    """The script has a part that this reader does not know; it must count as unknown."""


@dataclass(slots=True)
class _Draft:
    """A command or compound command while its parts are gathered."""

    start: int
    end: int
    simple: bool
    words: list[tuple[int, int]] = field(default_factory=list)
    assignments: list[tuple[int, int]] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)

    def cover(self, start: int, end: int) -> None:
        self.start, self.end = min(self.start, start), max(self.end, end)

    def add_word(self, start: int, end: int) -> None:
        if self.words and self.words[-1][1] == start:
            start = self.words.pop()[0]
        self.words.append((start, end))
        self.cover(start, end)


@dataclass(slots=True)
class Grammar:
    """What reading one script found. `commands` come in the order of the text."""

    script: ScriptText
    contexts: tuple[str, ...]
    commands: list[Command] = field(default_factory=list)
    sequences: list[Sequence] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    bodies: list[tuple[int, int]] = field(default_factory=list)
    _regained: list[tuple[int, int]] = field(default_factory=list)
    _chars: list[int] | None = None

    def read(self) -> bool:
        """Read the script; False when any part of it is not understood."""
        data = self.script.text.encode("utf-8", "surrogatepass")
        if len(data) != len(self.script.text):
            self._chars = _char_of_byte(self.script.text)
        tree = Parser(_LANGUAGE).parse(data)
        if tree.root_node.has_error:
            return False
        try:
            self._sequence(tree.root_node.children, self.contexts)
        except UnknownShellError:
            return False
        if not self._covered(tree.root_node):
            return False
        self.commands.sort(key=lambda command: (command.span.start, -command.span.end))
        return True

    def _covered(self, root: Node) -> bool:
        """Whether every character but blanks is in the tree: tree-sitter leaves some words out without an error, and it
        takes a lone `$` and the word after it for one expansion."""
        places = list(self._regained)
        stack = [root]
        while stack:
            node = stack.pop()
            if node.type == "simple_expansion" and _GAP.search(self.script.text, *self._range(node)):
                return False
            if node.children and node.type not in _WHOLE:
                stack.extend(node.children)
            else:
                places.append(self._range(node))
        places.append((len(self.script.text), len(self.script.text)))
        at = 0
        for start, end in sorted(places):
            if start > at and not _BLANK.fullmatch(self.script.text, at, start):
                return False
            at = max(at, end)
        return True

    def _regain(self, draft: _Draft, end: int) -> None:
        """Take the words between a command and its here-document that tree-sitter leaves out (`python3 - <<EOF`)."""
        if not draft.simple:
            return
        start = draft.end
        for match in re.finditer(r"\S+", self.script.text[start:end]):
            if _PLAIN_WORD.fullmatch(match[0]):
                place = (start + match.start(), start + match.end())
                self._regained.append(place)
                draft.add_word(*place)

    def _range(self, node: Node) -> tuple[int, int]:
        if self._chars is None:
            return node.start_byte, node.end_byte
        return self._chars[node.start_byte], self._chars[node.end_byte]

    def word(self, start: int, end: int) -> Word:
        """A range of the script as a word."""
        raw = self.script.text[start:end]
        plain = unquote(raw)
        return Word(plain.text, raw, self.script.span(start, end), plain.literal, plain.glob)

    # --- groups ---------------------------------------------------------------------------------------------

    def _sequence(self, nodes: Iterable[Node], contexts: tuple[str, ...]) -> None:
        if len(contexts) > _MAX_NESTING:
            raise UnknownShellError
        tokens = list(self._tokens(nodes, contexts))
        lists: list[AndOr] = []
        at = 0
        while at < len(tokens):
            if isinstance(tokens[at], Operator) and tokens[at].start == tokens[at].end:
                raise UnknownShellError
            end = at
            while end < len(tokens) and not _is_separator(tokens[end]):
                end += 1
            terminator = tokens[end] if end < len(tokens) else None
            assert terminator is None or isinstance(terminator, Operator)
            if end == at:
                raise UnknownShellError
            before = lists[-1].terminator if lists else None
            lists.append(self._and_or(tokens[at:end], terminator, before, contexts))
            at = end + 1
        self.sequences.append(Sequence(tuple(lists), contexts))

    def _and_or(
        self,
        tokens: "list[Operator | _Draft]",
        terminator: Operator | None,
        before: Operator | None,
        contexts: tuple[str, ...],
    ) -> AndOr:
        pipelines: list[Pipeline] = []
        operators: list[Operator] = []
        drafts: list[tuple[_Draft, str]] = []
        separator = before.text if before else ""
        background = terminator is not None and terminator.text == "&"
        negation: Operator | None = None
        expecting = True

        def close() -> None:
            if not drafts or expecting:
                raise UnknownShellError
            piped = len(drafts) > 1
            elements = tuple(
                self._freeze(draft, sep, contexts, piped, negation is not None, background)
                for draft, sep in drafts
            )
            start = negation.start if negation else elements[0].start
            pipelines.append(Pipeline(elements, start, negation is not None))
            drafts.clear()

        for token in tokens:
            if isinstance(token, _Draft):
                if not expecting:
                    raise UnknownShellError
                drafts.append((token, separator))
                expecting = False
            elif token.text == "!":
                if drafts or negation:
                    raise UnknownShellError
                negation = token
            elif token.text in ("|", "|&"):
                if expecting:
                    raise UnknownShellError
                separator, expecting = token.text, True
            else:
                close()
                operators.append(token)
                separator, negation, expecting = token.text, None, True
        close()
        return AndOr(tuple(pipelines), tuple(operators), terminator)

    def _freeze(
        self,
        draft: _Draft,
        separator: str,
        contexts: tuple[str, ...],
        piped: bool,
        negated: bool,
        background: bool,
    ) -> Element:
        if not draft.simple:
            return Element(draft.start, draft.end, None)
        argv = tuple(self.word(*words) for words in draft.words)
        if argv and argv[0].raw in _RESERVED:  # tree-sitter takes the brace in `! { a; }` for a command
            raise UnknownShellError
        seen = unwrap(argv)
        command = Command(
            argv=argv,
            span=self.script.span(draft.start, draft.end),
            separator=separator,
            assignments=tuple(self._assignment(*place) for place in draft.assignments),
            redirects=tuple(draft.redirects),
            effective_argv=seen.argv,
            wrappers=seen.wrappers,
            name=seen.name,
            contexts=contexts,
            in_pipeline=piped,
            negated=negated,
            background=background,
        )
        self.commands.append(command)
        return Element(draft.start, draft.end, command)

    def _assignment(self, start: int, end: int) -> Assignment:
        name, _, value = self.script.text[start:end].partition("=")
        return Assignment(name, self.word(end - len(value), end), self.script.span(start, end))

    # --- the flat run of commands and operators ---------------------------------------------------

    def _tokens(self, nodes: Iterable[Node], contexts: tuple[str, ...]) -> "Iterator[Operator | _Draft]":
        last: Operator | _Draft | None = None
        for token in self._raw_tokens(nodes, contexts):
            starts = isinstance(token, _Draft) or token.text == "!"
            if starts and isinstance(last, _Draft):
                at = self.script.text.find("\n", last.end, token.start)
                if at < 0:
                    raise UnknownShellError
                yield Operator("\n", at, at + 1)
            yield token
            last = token

    def _raw_tokens(self, nodes: Iterable[Node], contexts: tuple[str, ...]) -> "Iterator[Operator | _Draft]":
        """Commands are yielded late, when the redirects that follow them were gathered."""
        stack = list(reversed(list(nodes)))
        held: _Draft | None = None
        while stack:
            node = stack.pop()
            if node.type in _FLAT:
                stack.extend(reversed(node.children))
            elif node.type == "comment":
                self.comments.append(self._range(node))
            elif node.type in ("heredoc_body", "heredoc_end"):
                self.bodies.append(self._range(node))
                self._substitutions(node, contexts)
            elif node.type in ("file_redirect", "herestring_redirect"):
                held = held or _Draft(*self._range(node), simple=True)
                self._redirect(node, held, contexts)
            elif node.type == "heredoc_redirect":
                held = held or _Draft(*self._range(node.children[0]), simple=True)
                self._regain(held, self._range(node)[0])
                stack.extend(reversed(self._heredoc(node, held, contexts)))
            else:
                if held is not None:
                    yield held
                    held = None
                if node.type in _OPERATORS and not node.is_named:
                    yield Operator(node.type, *self._range(node))
                elif node.type in _SIMPLE:
                    held = self._simple(node, contexts)
                else:
                    held = self._compound(node, contexts)
        if held is not None:
            yield held

    def _heredoc(self, node: Node, held: _Draft, contexts: tuple[str, ...]) -> list[Node]:
        """Take the redirect and further arguments; what is left continues the line after it."""
        rest: list[Node] = []
        operator = ""
        start = end = 0
        for index, child in enumerate(node.children):
            if child.type in ("<<", "<<-"):
                operator, start = child.type, self._range(child)[0]
            elif child.type == "file_descriptor":
                held.cover(*self._range(child))
            elif child.type == "heredoc_start":
                at, end = self._range(child)
                held.redirects.append(
                    Redirect(operator, "", self.word(at, end), self.script.span(start, end))
                )
                held.cover(start, end)
            elif node.field_name_for_child(index) == "argument":
                held.add_word(*self._range(child))
                self._substitutions(child, contexts)
            else:
                rest.append(child)
        return rest

    def _redirect(self, node: Node, held: _Draft, contexts: tuple[str, ...]) -> None:
        operator = descriptor = ""
        target: Word | None = None
        start, end = self._range(node.children[0])
        for child in node.children:
            place = self._range(child)
            if child.type in ("file_descriptor", "variable_name"):
                descriptor = self.script.text[slice(*place)]
            elif not child.is_named and not operator:
                operator, end = child.type, place[1]
            elif target is None:
                target, end = self.word(*place), place[1]
                self._substitutions(child, contexts)
            else:  # tree-sitter takes the words after `>file` for further files
                held.add_word(*place)
                self._substitutions(child, contexts)
        held.redirects.append(Redirect(operator, descriptor, target, self.script.span(start, end)))
        held.cover(start, end)

    def _simple(self, node: Node, contexts: tuple[str, ...]) -> _Draft:
        draft = _Draft(*self._range(node.children[0] if node.children else node), simple=True)
        if node.type == "variable_assignment":
            draft.assignments.append(self._range(node))
            draft.cover(*self._range(node))
            self._substitutions(node, contexts)
            return draft
        stack = list(reversed(node.children))
        while stack:
            child = stack.pop()
            if child.type in _TEST_PARTS and node.type == "test_command":
                stack.extend(reversed(child.children))
                continue
            if child.type in ("file_redirect", "herestring_redirect"):
                self._redirect(child, draft, contexts)
                continue
            place = self._range(child)
            if child.type == "variable_assignment":
                draft.assignments.append(place)
            if child.type != "variable_assignment" or node.type == "declaration_command":
                draft.add_word(*place)
            draft.cover(*place)
            self._substitutions(child, contexts)
        return draft

    # --- compound commands ------------------------------------------------------------------------

    def _compound(self, node: Node, contexts: tuple[str, ...]) -> _Draft:
        draft = _Draft(*self._range(node), simple=False)
        if not node.children:
            raise UnknownShellError
        match node.type:
            case "subshell":
                self._sequence(node.children[1:-1], (*contexts, "subshell"))
            case "compound_statement" if node.children[0].type == "{":
                self._sequence(node.children[1:-1], (*contexts, "brace"))
            case "if_statement" | "elif_clause" | "else_clause":
                self._if(node, contexts)
            case "while_statement":
                condition = [child for child in node.children[1:] if child.type != "do_group"]
                self._sequence(condition, (*contexts, "condition"))
                self._loop_bodies(node, contexts)
            case "for_statement" | "c_style_for_statement":
                for child in node.children:
                    if child.type not in ("do_group", "compound_statement"):
                        self._substitutions(child, contexts)
                self._loop_bodies(node, contexts)
            case "case_statement":
                self._case(node, contexts)
            case "function_definition":
                self._sequence(
                    [c for c in node.children if c == node.child_by_field_name("body")],
                    (*contexts, "function"),
                )
            case "compound_statement":
                self._substitutions(node, contexts)
            case _:
                raise UnknownShellError
        return draft

    def _if(self, node: Node, contexts: tuple[str, ...]) -> None:
        part: list[Node] = []
        role = "branch" if node.type == "else_clause" else "condition"
        for child in node.children:
            if child.type in ("if", "elif", "else"):
                continue
            if child.type in ("then", "elif_clause", "else_clause", "fi") and not (
                child.type == "then" and child.is_named
            ):
                if part:
                    self._sequence(part, (*contexts, role))
                part, role = [], "branch"
                if child.type in ("elif_clause", "else_clause"):
                    self._if(child, contexts)
            else:
                part.append(child)
        if part:
            self._sequence(part, (*contexts, role))

    def _loop_bodies(self, node: Node, contexts: tuple[str, ...]) -> None:
        for child in node.children:
            if child.type in ("do_group", "compound_statement"):
                self._sequence(child.children[1:-1], (*contexts, "loop"))

    def _case(self, node: Node, contexts: tuple[str, ...]) -> None:
        for child in node.children:
            if child.type != "case_item":
                self._substitutions(child, contexts)
                continue
            body = [part for part in child.children if part.type not in (";;", ";&", ";;&")]
            head = next(index for index, part in enumerate(body) if part.type == ")")
            for pattern in body[:head]:
                self._substitutions(pattern, contexts)
            self._sequence(body[head + 1 :], (*contexts, "case"))

    def _substitutions(self, node: Node, contexts: tuple[str, ...]) -> None:
        stack = [node]
        while stack:
            node = stack.pop()
            if node.type in _SUBSTITUTIONS:
                self._sequence(node.children[1:-1], (*contexts, "substitution"))
            else:
                stack.extend(node.children)


def _is_separator(token: "Operator | _Draft") -> bool:
    return isinstance(token, Operator) and token.text in _SEPARATORS


def _char_of_byte(text: str) -> list[int]:
    chars: list[int] = []
    for index, char in enumerate(text):
        chars.extend([index] * len(char.encode("utf-8", "surrogatepass")))
    chars.append(len(text))
    return chars

"""The language server over stdio: diagnostics, quick fixes, hover."""

import os
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from tare import __version__
from tare.api.lint_settings import find_choices
from tare.core.errors import UsageError
from tare.core.text import Span
from tare.lsp.session import OpenFile, hover_text, open_file
from tare.rules.choices import LintChoices
from tare.rules.engine import Located
from tare.schema.lint import Severity

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
    Severity.STYLE: lsp.DiagnosticSeverity.Hint,
}
_FIX_ALL = "source.fixAll.tare"


class TareServer(LanguageServer):
    """Keeps the findings of every open file."""

    def __init__(self) -> None:
        super().__init__("tare", __version__)
        self.open_files: dict[str, OpenFile] = {}

    def refresh(self, uri: str) -> OpenFile:
        """Check a file as the editor holds it, and publish what was found."""
        text = self.workspace.get_text_document(uri)
        path = to_fs_path(uri)
        found = open_file(text.source, Path(path) if path else None, self._choices)
        self.open_files[uri] = found
        diagnostics = [_diagnostic(text, found, located) for located in found.checked.problems]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=text.version, diagnostics=diagnostics)
        )
        return found

    def _choices(self, directory: Path) -> LintChoices:
        try:
            return find_choices(directory, os.environ)
        except UsageError as error:
            self.window_log_message(lsp.LogMessageParams(type=lsp.MessageType.Error, message=str(error)))
            return LintChoices()


def new_server() -> TareServer:
    """A server with all its features, not yet started."""
    server = TareServer()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: TareServer, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.refresh(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: TareServer, params: lsp.DidChangeTextDocumentParams) -> None:
        ls.refresh(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: TareServer, params: lsp.DidSaveTextDocumentParams) -> None:
        ls.refresh(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: TareServer, params: lsp.DidCloseTextDocumentParams) -> None:
        ls.open_files.pop(params.text_document.uri, None)
        ls.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        )

    kinds = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, _FIX_ALL])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def code_action(ls: TareServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        found = ls.open_files.get(uri) or ls.refresh(uri)
        text = ls.workspace.get_text_document(uri)
        only = [str(kind) for kind in params.context.only or ()]
        actions: list[lsp.CodeAction] = []
        if not only or any(str(lsp.CodeActionKind.QuickFix.value).startswith(kind) for kind in only):
            start = text.offset_at_position(params.range.start)
            actions += _quick_fixes(text, uri, found, start, text.offset_at_position(params.range.end))
        if any(_FIX_ALL.startswith(kind) for kind in only):
            after = found.all_safe()
            if after is not None:
                whole = _range(text, found, Span(0, len(found.document.text)))
                actions.append(
                    lsp.CodeAction(
                        title="Apply all safe fixes",
                        kind=_FIX_ALL,
                        edit=lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(whole, after)]}),
                    )
                )
        return actions

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: TareServer, params: lsp.HoverParams) -> lsp.Hover | None:
        uri = params.text_document.uri
        found = ls.open_files.get(uri) or ls.refresh(uri)
        text = ls.workspace.get_text_document(uri)
        at = text.offset_at_position(params.position)
        here = found.at(at, at)
        if not here:
            return None
        pages = "\n\n---\n\n".join(hover_text(located) for located in here)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, pages))

    return server


def serve() -> None:
    """Serve over stdin and stdout until the editor says goodbye."""
    new_server().start_io()


def _quick_fixes(text: TextDocument, uri: str, found: OpenFile, start: int, end: int) -> list[lsp.CodeAction]:
    actions = []
    for located, edits in found.fixes(start, end):
        assert located.problem.fix is not None
        fix = located.problem.fix
        changes = [lsp.TextEdit(_range(text, found, span), new) for span, new in edits]
        actions.append(
            lsp.CodeAction(
                title=f"{fix.title} ({located.rule.code}, {fix.applicability})",
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(text, found, located)],
                is_preferred=fix.applicability == "safe",
                edit=lsp.WorkspaceEdit(changes={uri: changes}),
            )
        )
    return actions


def _diagnostic(text: TextDocument, found: OpenFile, located: Located) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        range=_range(text, found, located.problem.where),
        message=located.problem.message,
        severity=_SEVERITIES[located.severity],
        code=located.rule.code,
        source="tare",
    )


def _range(text: TextDocument, found: OpenFile, span: Span) -> lsp.Range:
    source = found.document.source
    start, end = source.position(span.start), source.position(span.end)
    points = lsp.Range(
        lsp.Position(start.line - 1, start.column - 1), lsp.Position(end.line - 1, end.column - 1)
    )
    lines = found.document.text.splitlines(keepends=True)
    return text.position_codec.range_to_client_units([*lines, ""], points)

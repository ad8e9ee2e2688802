"""A real session: the server as a process, JSON-RPC over its stdin and stdout, as an editor speaks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TEXT = (
    "FROM debian:12\nUSER 1\nRUN echo '😀' && apt-get install --no-install-recommends curl=8\nMAINTAINER me\n"
)


class Editor:
    """The client's side of the protocol."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tare.cli.main", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=directory,
        )
        self.number = 0

    def send(self, method: str, params: Any, *, number: int | None = None) -> None:
        """One message."""
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message of the server."""
        assert self.process.stdout
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            assert line, "the server is gone"
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def request(self, method: str, params: Any) -> Any:
        """A request and its answer; notifications in between are dropped."""
        self.number += 1
        self.send(method, params, number=self.number)
        while (message := self.receive()).get("id") != self.number:
            pass
        assert "error" not in message, message
        return message["result"]

    def diagnostics(self) -> list[dict[str, Any]]:
        """The next findings that the server publishes."""
        while (message := self.receive()).get("method") != "textDocument/publishDiagnostics":
            pass
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    editor = Editor(tmp_path)
    capabilities = {"textDocument": {"publishDiagnostics": {}}}
    editor.request(
        "initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": capabilities}
    )
    editor.send("initialized", {})
    yield editor
    editor.request("shutdown", None)
    editor.send("exit", None)
    assert editor.process.wait(10) == 0


def opened(editor: Editor, directory: Path, text: str) -> tuple[str, list[dict[str, Any]]]:
    """Open a text; its address and what the server finds there."""
    uri = (directory / "Dockerfile").as_uri()
    document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
    editor.send("textDocument/didOpen", {"textDocument": document})
    return uri, editor.diagnostics()


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after edits in UTF-16 columns, as an editor applies them."""
    lines = text.splitlines(keepends=True)

    def offset(position: dict[str, int]) -> int:
        line = (lines[position["line"]] if position["line"] < len(lines) else "").encode("utf-16-le")
        return sum(map(len, lines[: position["line"]])) + len(
            line[: 2 * position["character"]].decode("utf-16-le")
        )

    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def test_a_session(editor: Editor, tmp_path: Path) -> None:
    uri, found = opened(editor, tmp_path, TEXT)
    codes = [one["code"] for one in found]
    assert "TR3014" in codes and "TR4000" in codes
    asking = next(one for one in found if one["code"] == "TR3014")
    assert asking["range"]["start"] == {"line": 2, "character": 17}, "columns count UTF-16 units"
    where = {"textDocument": {"uri": uri}, "range": asking["range"], "context": {"diagnostics": [asking]}}
    (fix,) = [one for one in editor.request("textDocument/codeAction", where) if "TR3014" in one["title"]]
    assert fix["kind"] == "quickfix"
    after = applied(TEXT, fix["edit"]["changes"][uri])
    assert after == TEXT.replace("install --no", "install -y --no")
    hover = editor.request(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": asking["range"]["start"]}
    )
    assert "apt-install-asks" in hover["contents"]["value"] and "DL3014" in hover["contents"]["value"]
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": after}]}
    editor.send("textDocument/didChange", change)
    assert "TR3014" not in [one["code"] for one in editor.diagnostics()]


def test_all_safe_fixes_at_once(editor: Editor, tmp_path: Path) -> None:
    uri, _ = opened(editor, tmp_path, TEXT)
    start = {"line": 0, "character": 0}
    context = {"diagnostics": [], "only": ["source.fixAll"]}
    where = {"textDocument": {"uri": uri}, "range": {"start": start, "end": start}, "context": context}
    (action,) = editor.request("textDocument/codeAction", where)
    after = applied(TEXT, action["edit"]["changes"][uri])
    assert 'LABEL maintainer="me"' in after and "install -y --no-install-recommends" in after


def test_a_broken_file_and_a_closed_one(editor: Editor, tmp_path: Path) -> None:
    uri, found = opened(editor, tmp_path, "FROM debian:12\nRUNN x\n")
    assert "TR0001" in [one["code"] for one in found]
    editor.send("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.diagnostics() == []


def test_settings_of_the_project(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "tare.toml").write_text('[lint]\nselect = ["TR4000"]\n')
    _, found = opened(editor, tmp_path, TEXT)
    assert [one["code"] for one in found] == ["TR4000"]

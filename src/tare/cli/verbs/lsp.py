"""`tare lsp`."""

from importlib import import_module

import click

from tare.core.errors import UsageError


@click.command()
@click.option("--stdio", is_flag=True, help="Serve over stdin and stdout; the only way, and the default.")
def command(stdio: bool) -> None:
    """Serve an editor over stdio: findings of `tare lint` as one types, quick fixes, hover. Needs the extra `lsp`."""
    try:
        server = import_module("tare.lsp.server")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            "the language server is not installed", hint="pip install 'tare-image[lsp]'"
        ) from error
    server.serve()

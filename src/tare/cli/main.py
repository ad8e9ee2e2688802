"""`tare`: the command group, errors and exit codes. stdout is data, stderr is everything else."""

import difflib
import errno
import gc
import signal
import sys
from collections.abc import Mapping
from importlib import import_module

import click

from tare import __version__
from tare.core.errors import TareError

VERBS: Mapping[str, str] = {
    "optimize": "tare.cli.verbs.optimize",
    "lint": "tare.cli.verbs.lint",
    "lsp": "tare.cli.verbs.lsp",
    "inspect": "tare.cli.verbs.inspect",
    "explain": "tare.cli.verbs.explain",
    "diff": "tare.cli.verbs.diff",
    "slim": "tare.cli.verbs.slim",
    "why": "tare.cli.verbs.why",
    "restore": "tare.cli.verbs.restore",
    "verify": "tare.cli.verbs.verify",
    "context": "tare.cli.verbs.context",
    "cache": "tare.cli.verbs.cache",
    "assemble": "tare.cli.verbs.assemble",
    "rule": "tare.cli.verbs.rule",
    "scan": "tare.cli.verbs.scan",
    "sbom": "tare.cli.verbs.sbom",
    "db": "tare.cli.verbs.db",
    "fleet": "tare.cli.verbs.fleet",
    "gate": "tare.cli.verbs.gate",
    "badge": "tare.cli.verbs.badge",
    "init": "tare.cli.verbs.init",
    "completion": "tare.cli.verbs.completion",
    "config": "tare.cli.verbs.config",
}


class Verbs(click.Group):
    """Loads a verb's module when the verb is used: `tare VERB` pays for that verb only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, the main job first."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name."""
        if cmd_name not in VERBS:
            return None
        command = import_module(VERBS[cmd_name]).command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; a verb that does not exist comes with the one that was probably meant."""
        close = difflib.get_close_matches(args[0], VERBS, 1) if args and args[0] not in VERBS else []
        if close and not args[0].startswith("-"):
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {close[0]!r}?", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="tare")
def tare() -> None:
    """Small, fast-to-rebuild, safe container images for ML projects, proved to still work."""


def main() -> None:
    """Entry point. Every expected error is one message with its place and a hint; exit codes as in the guide."""
    signal.signal(signal.SIGTERM, _terminate)
    gc.set_threshold(100_000, 50, 100)  # an image has hundreds of thousands of entries and no cycles
    try:
        tare.main(standalone_mode=False)
    except click.exceptions.Abort:
        _interrupted()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        _interrupted()
    except TareError as error:
        if error.detail:
            click.echo(error.detail, err=True)
        click.echo(f"error: {error}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"error: {place}{error.strerror or error}", err=True)
        if error.errno == errno.ENOSPC:
            click.echo("hint: free some disk space; TMPDIR names another place for temporary files", err=True)
        sys.exit(2)


def _terminate(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _interrupted() -> None:
    click.echo("interrupted; nothing was written", err=True)
    sys.exit(130)


if __name__ == "__main__":
    main()

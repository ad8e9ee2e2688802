"""`tare completion`."""

import click
from click.shell_completion import get_completion_class

from tare.cli.man import manual
from tare.core.errors import UsageError

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("kind", type=click.Choice([*_SHELLS, "man"]))
@click.pass_context
def command(context: click.Context, /, kind: str) -> None:
    """Print the completion script of a shell, or the manual page (man).

    \b
    bash: eval "$(tare completion bash)"        in ~/.bashrc
    zsh:  eval "$(tare completion zsh)"         in ~/.zshrc
    fish: tare completion fish > ~/.config/fish/completions/tare.fish
    man:  tare completion man > ~/.local/share/man/man1/tare.1
    """
    root = context.find_root().command
    assert isinstance(root, click.Group)
    if kind == "man":
        click.echo(manual(root), nl=False)
        return
    made = get_completion_class(kind)
    if made is None:
        raise UsageError(f"click knows no completion for {kind}")
    try:
        click.echo(made(root, {}, "tare", "_TARE_COMPLETE").source())
    except (RuntimeError, OSError) as error:
        raise UsageError(f"the script cannot be made: {error}", where=kind) from error

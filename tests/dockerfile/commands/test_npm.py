import pytest

from tare.dockerfile.commands import NpmCommand
from tests.dockerfile.commands.support import read, texts


@pytest.mark.parametrize(
    ("body", "action", "packages", "is_global", "production"),
    [
        ("npm ci --omit=dev", "ci", [], False, True),
        ("npm i -g pm2@5 --loglevel error", "install", ["pm2@5"], True, False),
        ("npm install --production --no-audit", "install", [], False, True),
        ("npm install --production=false", "install", [], False, False),
        ("npm cache clean --force", "cache clean", [], False, False),
        ("yarn", "install", [], False, False),
        ("yarn install --frozen-lockfile --network-timeout 100000", "install", [], False, False),
        ("yarn global add serve", "global add", ["serve"], True, False),
        ("pnpm add -D vite", "add", ["vite"], False, False),
        ("pnpm install --frozen-lockfile --prod", "install", [], False, True),
        ("yarn --version", "", [], False, False),
    ],
)
def test_commands(body: str, action: str, packages: list[str], is_global: bool, production: bool) -> None:
    command = read(body, NpmCommand)
    assert command.understood
    assert (command.action, texts(command.packages)) == (action, packages)
    assert (command.is_global, command.production) == (is_global, production)

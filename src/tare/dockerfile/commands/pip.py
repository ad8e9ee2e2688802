"""pip, under any of its names and as `python -m pip` (tables from pip 26's own parsers, and older options)."""

import re
from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, is_url, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_GENERAL = OptionTable(
    """
    -h/--help --debug --isolated --require-virtualenv/--require-venv -v/--verbose -V/--version -q/--quiet
    --no-input --no-proxy-env --no-cache-dir --disable-pip-version-check --no-color --no-python-version-warning
    --python= --log/--log-file/--local-log= --keyring-provider= --proxy= --retries= --timeout/--default-timeout=
    --exists-action= --trusted-host= --cert= --client-cert= --cache-dir= --use-feature= --use-deprecated=
    --resume-retries= --format= --path= --exclude= -y/--yes -r/--requirement= --root-user-action=
    --break-system-packages --user --global --site --editor= -o/--outdated -u/--uptodate -e/--editable -l/--local
    --all --exclude-editable --include-editable --not-required -f/--files --pre -a/--algorithm=
    """,
    abbreviations=True,
)
_RESOLVING = _GENERAL.with_(
    """
    -c/--constraint= --build-constraint= --requirements-from-script= -e/--editable= -t/--target= -d/--dest=
    --destination-dir/--destination-directory= -w/--wheel-dir= -o/--output= --platform= --python-version=
    --implementation= --abi= --root= --prefix= --src/--source/--source-dir/--source-directory=
    --upgrade-strategy= -C/--config-settings= --progress-bar= --report= --group= --all-releases= --only-final=
    --no-binary= --only-binary= -i/--index-url/--pypi-url= --extra-index-url= --refresh-package=
    -f/--find-links= --uploaded-prior-to= --no-deps/--no-dependencies --only-deps/--only-dependencies --dry-run
    --no-user -U/--upgrade --force-reinstall -I/--ignore-installed --ignore-requires-python
    --no-build-isolation --use-pep517 --no-use-pep517 --check-build-dependencies --compile --no-compile
    --no-warn-script-location --no-warn-conflicts --require-hashes --no-require-hashes --no-clean --pre
    --prefer-binary --no-index --no-verify --global-option= --install-option= --build-option= -b/--build=
    --build-dir/--build-directory= --egg --use-wheel --no-use-wheel --process-dependency-links
    --allow-external= --allow-unverified= --allow-all-external --download= --download-cache=
    """
)
_TABLES = MappingProxyType(dict.fromkeys(("install", "download", "wheel", "lock", "index"), _RESOLVING))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCommand(PackageCommand):
    """`pip install ...` and the other pip commands."""

    @property
    def requirements(self) -> tuple[Word, ...]:
        """The requirement words: names, addresses and paths, without those of files and `-e`."""
        return self.operands if self.action in ("install", "download", "wheel", "lock", "uninstall") else ()

    @property
    def local_paths(self) -> tuple[Word, ...]:
        """The requirement and `-e` words that name a directory or a file here."""
        return tuple(word for word in (*self.requirements, *self.editable) if is_local(word.text))

    @property
    def requirement_files(self) -> tuple[Word, ...]:
        """The values of `-r`."""
        return self.values("--requirement")

    @property
    def constraint_files(self) -> tuple[Word, ...]:
        """The values of `-c`."""
        return self.values("--constraint")

    @property
    def editable(self) -> tuple[Word, ...]:
        """The values of `-e`."""
        return self.values("--editable")

    @property
    def index_url(self) -> Word | None:
        """The value of `-i`."""
        return self.value("--index-url")

    @property
    def extra_index_urls(self) -> tuple[Word, ...]:
        """The values of `--extra-index-url`."""
        return self.values("--extra-index-url")

    @property
    def find_links(self) -> tuple[Word, ...]:
        """The values of `-f`."""
        return self.values("--find-links")

    @property
    def no_cache_dir(self) -> bool:
        """Whether the cache is off by this command's own words."""
        return self.has("--no-cache-dir")

    @property
    def cache_dir(self) -> Word | None:
        """The value of `--cache-dir`."""
        return self.value("--cache-dir")

    @property
    def user(self) -> bool:
        """Whether it installs for the user (`--user`)."""
        option = self.option("--user", "--no-user")
        return option is not None and option.name == "--user"

    @property
    def target(self) -> Word | None:
        """The value of `-t`, `--prefix` or `--root`: where it installs when not into the environment."""
        return self.value("--target", "--prefix", "--root")

    @property
    def upgrade(self) -> bool:
        """Whether `-U` is given."""
        return self.has("--upgrade")


def is_local(text: str) -> bool:
    """Whether pip takes a requirement for a path: it has a separator, is `.`, or names an archive."""
    if is_url(text) or re.match(r"[\w.\[\],-]+\s*@", text):
        return text.startswith("file://")
    path = re.sub(r"\[[^\]]*\]$", "", text)
    archive = path.endswith((".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))
    return path in (".", "..") or "/" in path or archive


def read(command: Command, program: str, words: tuple[Word, ...]) -> PipCommand:
    """Read the words after the program."""
    parts = read_action(words, _GENERAL, _TABLES, groups=frozenset({"cache", "config"}))
    return PipCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=parts.options,
        operands=parts.operands,
    )

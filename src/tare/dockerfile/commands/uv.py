"""uv (tables from `uv help` of uv 0.13)."""

from dataclasses import dataclass
from types import MappingProxyType

from tare.dockerfile.commands.base import PackageCommand, read_action
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.commands.pip import is_local
from tare.dockerfile.shell.model import Command, Word

_GLOBAL = OptionTable(
    """
    -n/--no-cache/--no-cache-dir --cache-dir= --managed-python --no-managed-python --no-python-downloads
    --python-preference= --python-fetch= --allow-python-downloads -q/--quiet -v/--verbose --color= --no-color
    --system-certs --native-tls --no-native-tls --offline --no-offline --allow-insecure-host/--trusted-host=
    --no-progress --directory= --project= --config-file= --no-config -h/--help -V/--version --preview --no-preview
    --preview-features= --python-downloads= --isolated
    """
)
_COMMON = _GLOBAL.with_(
    """
    -r/--requirement/--requirements= -e/--editable= --no-editable --no-editable-package= -c/--constraint/--constraints=
    --override/--overrides= --excludes= -b/--build-constraint/--build-constraints= --extra= --all-extras --cert=
    --group= --no-deps --require-hashes --no-verify-hashes --verify-hashes --require-build-hashes
    --no-require-build-hashes --system --break-system-packages --no-break-system-packages --no-system -t/--target=
    --prefix= --no-build --no-binary= --only-binary= --python-version= --python-platform= --exact --inexact --strict
    --no-strict --dry-run --check --output-format= --torch-backend= --user --index= --default-index= -i/--index-url=
    --extra-index-url= -f/--find-links= --no-index --index-strategy= --keyring-provider= -U/--upgrade
    -P/--upgrade-package= --upgrade-group= --resolution= --prerelease= --pre --prerelease-package= --fork-strategy=
    --exclude-newer= --exclude-newer-package= --no-sources --no-sources-package= --reinstall/--force-reinstall
    --reinstall-package= --link-mode= --compile-bytecode/--compile --no-compile-bytecode/--no-compile
    -C/--config-setting/--config-settings= --config-settings-package= --no-build-isolation
    --no-build-isolation-package= --refresh --refresh-package= -p/--python= --allow-empty-requirements
    --no-allow-empty-requirements -o/--output-file= --format= --no-strip-extras --no-strip-markers --no-annotate
    --no-header --annotation-style= --custom-compile-command= --generate-hashes --universal --no-emit-package=
    --emit-index-url --emit-find-links --emit-build-options --emit-index-annotation --disable-pip-version-check
    -y/--yes --no-upgrade --no-reinstall --require-virtualenv
    """
)
_PROJECT = _COMMON.with_(
    """
    --no-extra= --dev --no-dev --only-dev --no-group= --no-default-groups --only-group= --all-groups --active
    --no-active --no-install-project --no-install-workspace --no-install-local --no-install-package= --locked --frozen
    --no-locked --no-frozen --all-packages --package= --script= --no-binary --no-binary-package= --no-build-package=
    --prune= --no-hashes --hashes --no-emit-project --no-emit-workspace --no-emit-local --check-exists --no-sync
    """
)
_ADD = _PROJECT.with_(
    "-m/--marker= --optional= --editable --raw --bounds= --rev= --tag= --branch= --lfs --workspace --no-workspace"
)
_VENV = _COMMON.with_(
    """
    --no-project --seed -c/--clear --no-clear --force --allow-existing --prompt= --system-site-packages --relocatable
    --no-relocatable
    """
)
_RUN = _PROJECT.with_(
    """
    -m/--module -w/--with= --with-editable= --with-requirements= --env-file= --no-env-file -s/--script --gui-script
    --no-project
    """
)
_TOOL = _COMMON.with_(
    """
    -w/--with= --with-requirements= -e/--editable --with-editable= --with-executables-from= --force --lfs --from=
    """
)
_PYTHON = _GLOBAL.with_(
    """
    -i/--install-dir= --no-bin --no-registry --bin --registry --mirror= --pypy-mirror= --graalpy-mirror=
    --pyodide-mirror= --python-downloads-json-url= -r/--reinstall -f/--force -U/--upgrade --default
    --compile-bytecode --all
    """
)
_TABLES = MappingProxyType(
    {
        "sync": _PROJECT,
        "lock": _PROJECT,
        "export": _PROJECT,
        "add": _ADD,
        "remove": _ADD,
        "venv": _VENV,
        "tool install": _TOOL,
        "python install": _PYTHON,
        "cache prune": _GLOBAL.with_("--ci --force"),
        "cache clean": _GLOBAL.with_("--force"),
        **dict.fromkeys(
            ("pip install", "pip sync", "pip compile", "pip uninstall", "pip freeze", "pip list"), _COMMON
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UvCommand(PackageCommand):
    """`uv sync`, `uv pip install ...` ('pip install' is the action), `uv venv` and so on.

    For `uv run` and `uv tool run` the operands are the command to run.
    """

    @property
    def requirements(self) -> tuple[Word, ...]:
        """The requirement words of `uv pip install`, `uv add` and `uv tool install`."""
        installing = ("pip install", "pip uninstall", "add", "remove", "tool install")
        return self.operands if self.action in installing else ()

    @property
    def local_paths(self) -> tuple[Word, ...]:
        """The requirement and `-e` words that name a directory or a file here."""
        return tuple(word for word in (*self.requirements, *self.editable) if is_local(word.text))

    @property
    def requirement_files(self) -> tuple[Word, ...]:
        """The values of `-r`; the operands of `uv pip sync` and `uv pip compile`."""
        sources = self.operands if self.action in ("pip sync", "pip compile") else ()
        return (*self.values("--requirement"), *sources)

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
        """The value of `-i` or `--default-index`."""
        return self.value("--index-url", "--default-index")

    @property
    def extra_index_urls(self) -> tuple[Word, ...]:
        """The values of `--extra-index-url` and `--index`."""
        return self.values("--extra-index-url", "--index")

    @property
    def find_links(self) -> tuple[Word, ...]:
        """The values of `-f`."""
        return self.values("--find-links")

    @property
    def no_cache(self) -> bool:
        """Whether the cache is off by this command's own words."""
        return self.has("--no-cache")

    @property
    def system(self) -> bool:
        """Whether it installs into the system's Python."""
        return self.has("--system")

    @property
    def target(self) -> Word | None:
        """The value of `-t` or `--prefix`."""
        return self.value("--target", "--prefix")


def read(command: Command, program: str, words: tuple[Word, ...]) -> UvCommand:
    """Read the words after the program."""
    groups = frozenset({"pip", "python", "tool", "cache", "self"})
    parts = read_action(words, _GLOBAL, _TABLES, groups=groups)
    options, operands = parts.options, parts.operands
    if parts.action in ("run", "tool run"):
        after = words[words.index(parts.action_words[-1]) + 1 :]
        line = (_RUN if parts.action == "run" else _TOOL).read(after, stop=True)
        before = tuple(o for o in options if o.words[0].span < parts.action_words[-1].span)
        options, operands = before + line.options, line.operands + line.rest
    return UvCommand(
        command=command,
        program=program,
        action=parts.action,
        action_words=parts.action_words,
        options=options,
        operands=operands,
    )

"""The options that every command takes after its name, and what they open: the ledger and its keys."""

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from cli.command import Option
from cli.errors import BadOption
from cli.failures import show
from cli.output import print_note
from cli.words import LANGUAGES, N_, _
from ledger.keyfile import KeyFileError, KeyFileForeign, PassphraseNeeded, PassphraseWrong
from ledger.keystore import KeyStore
from ledger.store import Store
from ledger.stores import open_store
from ledger.urls import PostgresAddress, SQLiteAddress, parse_url

DEFAULT_URL: Final = "sqlite:///mingzhang.db"
PASSPHRASE_VARIABLE: Final = "MINGZHANG_PASSPHRASE"


@dataclass(frozen=True)
class Context:
    """What the shared options say; nothing is opened before it is asked for."""

    url: str
    keys_directory: Path
    as_json: bool
    passphrase_file: Path | None

    @property
    def address(self) -> SQLiteAddress | PostgresAddress:
        """Where the ledger is; its text never shows a password."""
        return parse_url(self.url)

    @property
    def path(self) -> Path:
        """The file of a ledger in SQLite."""
        assert isinstance(self.address, SQLiteAddress)
        return self.address.path

    @property
    def is_missing(self) -> bool:
        """Whether there is no file of the ledger; a server must be asked, by opening it."""
        address = self.address
        return isinstance(address, SQLiteAddress) and not address.path.exists()

    def open_store(self, *, writing: bool = False) -> Store:
        """Open the ledger's store, for reading unless `writing`; says to run `init` when there is none."""
        if self.is_missing:
            raise BadOption(
                _("There is no ledger here"),
                where=str(self.address),
                mend=_("run `mingzhang init`, or say with --db where the ledger is"),
            )
        command = click.get_current_context(silent=True)
        return open_store(self.url, read_only=not writing, purpose=command.command_path if command else "mingzhang")

    def open_keys(self, store: Store, *, unlock: bool = True) -> KeyStore:
        """Open the ledger's keys, every one of them when `unlock`; asks for the passphrase when it is needed.

        Raises KeyFileError: it names the file and says what to do.
        """
        keys = KeyStore.open(self.keys_directory, store.origin, store.suite, self.passphrase())
        if not unlock:
            return keys
        try:
            keys.unlock()
        except PassphraseNeeded:
            keys.close()
            if not is_interactive():
                raise
            keys = KeyStore.open(self.keys_directory, store.origin, store.suite, ask_passphrase())
            keys.unlock()
        return keys

    def open_keys_if_any(self, store: Store) -> KeyStore | None:
        """Open the keys to read sealed facts with; None, with a note on stderr, when they are of no use here.

        They are not here, unusable, or this login of the database may not open sealed facts.

        Raises KeyFileForeign, PassphraseNeeded and PassphraseWrong: with another folder or passphrase more is read.
        """
        if not self.keys_directory.is_dir():
            print_note(_("No keys in {directory}: sealed facts are not read.").format(directory=self.keys_directory))
            return None
        if store.withholds_sealed:
            print_note(_("This login may not open sealed facts: they are not read."))
            return None
        try:
            return self.open_keys(store)
        except (KeyFileForeign, PassphraseNeeded, PassphraseWrong):
            raise
        except KeyFileError as error:
            print_note(_("The keys cannot be used: sealed facts are not read."))
            show(error)
            return None

    def passphrase(self) -> str | None:
        """Return the passphrase that was given: in a file, else in the environment; None when there is neither."""
        if self.passphrase_file is not None:
            return read_passphrase(self.passphrase_file)
        return os.environ.get(PASSPHRASE_VARIABLE)


def offline_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`, as `as_json`, and `--lang` to a command that opens neither ledger nor keys."""

    @functools.wraps(function)
    def without_language(*, lang: str | None, **rest: Any) -> Any:  # chosen before: see cli/words.py
        return function(**rest)

    decorated: Callable[..., Any] = without_language
    for option in reversed(_OFFLINE):
        decorated = option(decorated)
    return decorated


def ledger_url(text: str) -> str:
    """Return the address of a ledger that was given as an address or as a bare path."""
    return text if "://" in text else f"sqlite:///{text}"


def read_passphrase(path: Path) -> str:
    """Return the first line of a file that holds a passphrase; raises BadOption when it is empty."""
    try:
        text = path.read_text(encoding="utf-8-sig").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise BadOption(
            _("The passphrase file is not UTF-8"), where=str(path), mend=_("write the passphrase as UTF-8 text")
        ) from None
    if not text:
        raise BadOption(
            _("The passphrase file is empty"), where=str(path), mend=_("write the passphrase in its first line")
        )
    return text


def ask_passphrase(*, confirm: bool = False) -> str:
    """Ask for a passphrase on the terminal, twice when `confirm`; what is typed is not shown."""
    answer: str = click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def is_interactive() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin.isatty()


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options to a command; it gets them as one Context, its first argument."""

    @functools.wraps(function)
    def with_context(
        *,
        db: str,
        keys: Path | None,
        as_json: bool,
        lang: str | None,  # chosen before the command line was read: see cli/words.py
        passphrase_file: Path | None,
        **rest: Any,
    ) -> Any:
        url = ledger_url(db)
        directory = keys or parse_url(url).keys_directory
        context = Context(url, directory, as_json, passphrase_file)
        given = click.get_current_context().params  # a command may get them bundled with others
        for output in (given[name] for name in _OUTPUTS & given.keys()):
            if output is not None:
                _refuse_ledger(context, Path(output))
        return function(context, **rest)

    decorated: Callable[..., Any] = with_context
    for option in reversed(_COMMON):
        decorated = option(decorated)
    return decorated


# Private

_OUTPUTS: Final = frozenset({"output", "html", "rejects", "conflicts", "folder"})
"""The parameters that name a file or folder that a command writes, or replaces."""

_BESIDE: Final = ("", "-wal", "-shm", "-journal")  # what SQLite keeps of one database


def _refuse_ledger(context: Context, output: Path) -> None:
    """Refuse to write over the ledger or among its keys, before anything is read; raises BadOption."""
    wanted = output.resolve()
    keys = context.keys_directory.resolve()
    address = context.address
    kept = {keys}
    if isinstance(address, SQLiteAddress):
        kept |= {Path(f"{address.path.resolve()}{ending}") for ending in _BESIDE}
    if wanted in kept or keys in wanted.parents:
        raise BadOption(
            _("The ledger and its keys are never written over"),
            where=str(output),
            mend=_("give another file or folder to write to"),
        )


_OFFLINE = (
    click.option("--json", "as_json", cls=Option, is_flag=True, help=N_("Print one JSON document for machines.")),
    click.option(
        "--lang",
        cls=Option,
        type=click.Choice(LANGUAGES),
        help=N_("The language of headings and messages; that of the locale unless given."),
    ),
)
_COMMON = (
    click.option(
        "--db",
        cls=Option,
        envvar="MINGZHANG_DB",
        default=DEFAULT_URL,
        show_default=True,
        metavar="URL",
        help=N_(
            "The ledger: sqlite:///relative, sqlite:////absolute, a path, or postgresql://user@host/database; "
            "also MINGZHANG_DB."
        ),
    ),
    click.option(
        "--keys",
        cls=Option,
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=N_("The folder of the keys; beside the ledger, named <ledger>.keys, unless given."),
    ),
    click.option(
        "--passphrase-file",
        cls=Option,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help=N_("The passphrase of the keys is this file's first line; also MINGZHANG_PASSPHRASE."),
    ),
    *_OFFLINE,
)

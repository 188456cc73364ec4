"""`mingzhang init`: an empty ledger, its keys, and the two entries that every ledger begins with."""

import base64
import datetime
import re
from contextlib import suppress

import click

from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, ask_passphrase, common_options
from cli.output import print_fields, print_json, print_line
from cli.words import N_, _
from domain.duties import Duty
from domain.events.ledger import KeyAnnounced, LedgerOpened, LoginAdmitted
from domain.fields import LOGIN_PATTERN
from ledger.entry import check_origin
from ledger.errors import FormatError
from ledger.hashing import SHA256
from ledger.keyfile import KeyFileExists
from ledger.keystore import KeyStore
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger
from ledger.signer_state import read_state
from ledger.store import Store
from ledger.store_errors import AlreadyInitialised, StoreError
from ledger.stores import check_place, create_store, open_store, session_of

DEFAULT_ORIGIN = "mingzhang.local/ledger"
STREAM = "ledger/main"
BY = "system/setup"
PURPOSE = "log-signing"
IMPORTER = "system/import"


@click.command(
    "init",
    cls=Command,
    help=N_(
        "Make an empty ledger and its keys.\n\n"
        "The keys lie in a folder of their own, readable by their owner only, never in the database. "
        "Back them up separately. Nothing that is there already is ever overwritten."
    ),
    example="""
        mingzhang init
        mingzhang init --db sqlite:////srv/county/ledger.db --keys /srv/keys --origin county.example/ledger
    """,
)
@click.option(
    "--origin",
    cls=Option,
    default=DEFAULT_ORIGIN,
    show_default=True,
    metavar="NAME",
    help=N_("The name of the log for ever: lower-case labels, such as county.example/ledger."),
)
@click.option(
    "--passphrase", "ask", cls=Option, is_flag=True, help=N_("Ask for a passphrase to protect the keys with.")
)
@common_options
def init_command(context: Context, origin: str, ask: bool) -> ExitCode:
    """Make keys first and the ledger second: a ledger without keys could record nothing."""
    try:
        check_origin(origin)
    except FormatError as error:
        raise BadOption(_("This cannot be the name of a log"), where="--origin", found=error.reason) from None
    _refuse_second(context)
    check_place(context.url)
    passphrase = ask_passphrase(confirm=True) if ask else context.passphrase()
    with _make_keys(context, origin, passphrase) as keys, _make_store(context, origin) as store:
        _record_opening(Ledger(store, keys), keys)
        head = store.head()
        vkey = keys.verifier_key()
    if context.as_json:
        print_json(
            {
                "db": context.url if context.url.startswith("sqlite:") else str(context.address),
                "keys": str(context.keys_directory),
                "origin": origin,
                "vkey": vkey,
                "size": head.size,
                "root": base64.b64encode(head.root).decode(),
            }
        )
    else:
        _tell(context, origin, vkey, protected=passphrase is not None)
    return ExitCode.SOUND


def admissions_of_owner(store: Store) -> list[LoginAdmitted]:
    """Return what admits the login that made the ledger to import files with every duty; a superuser needs nothing."""
    session = session_of(store)
    if session is None or session.is_superuser or IMPORTER in session.actors:
        return []
    if not re.fullmatch(LOGIN_PATTERN, session.login):
        return []  # a name that no entry may hold: such a login admits others and records nothing else
    return [LoginAdmitted(login=session.login, actor=IMPORTER, duties=tuple(Duty))]


# Private


def _refuse_second(context: Context) -> None:
    """Refuse when there is a ledger, before any key is made; what an interrupted `init` left is not one yet."""
    if context.is_missing:
        return
    with suppress(StoreError), open_store(context.url, read_only=True) as store:
        if store.head().size:
            raise BadOption(
                _("There is a ledger here already"),
                where=str(context.address),
                found=_("{origin}, {size:,} entries").format(origin=store.origin, size=store.head().size),
                mend=_("use it, or choose another place with --db; a ledger is never overwritten"),
            )


def _make_keys(context: Context, origin: str, passphrase: str | None) -> KeyStore:
    """Make the keys, or take up those that an interrupted `init` left: keys that have signed nothing."""
    try:
        return KeyStore.create(context.keys_directory, origin, SHA256, passphrase)
    except KeyFileExists:
        if read_state(context.keys_directory, origin) is not None:
            raise
        keys = KeyStore.open(context.keys_directory, origin, SHA256, passphrase)
        keys.unlock()
        return keys


def _make_store(context: Context, origin: str) -> Store:
    """Make the tables, or take up those that an interrupted `init` left empty."""
    try:
        return create_store(context.url, origin, SHA256)
    except AlreadyInitialised:
        with suppress(StoreError):
            store = open_store(context.url)
            if (store.head().size, store.origin) == (0, origin):
                return store
            store.close()
        raise


def _record_opening(ledger: Ledger, keys: KeyStore) -> None:
    drafts = (
        Draft(STREAM, LedgerOpened()),
        Draft(STREAM, KeyAnnounced(purpose=PURPOSE, vkey=keys.verifier_key())),
        *(Draft(STREAM, event) for event in admissions_of_owner(ledger.store)),
    )
    command = Recorded(keys.command_id("ledger opened"), BY, drafts)
    with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        recording.record(command)


def _tell(context: Context, origin: str, vkey: str, *, protected: bool) -> None:
    print_line(_("A new ledger was made."))
    print_fields(
        {
            _("ledger"): str(context.address),
            _("log"): origin,
            _("keys in"): str(context.keys_directory),
            _("passphrase"): _("yes") if protected else _("none"),
            _("verifier key"): vkey,
        }
    )
    print_line()
    for line in (
        _("Back up the keys now, apart from the ledger: a copy of both in one place protects neither."),
        _("Whoever loses the sealing keys can never again read names, ids and accounts; amounts and proofs remain."),
        _("Whoever loses the signing key can sign no more checkpoints; those that were signed stay valid."),
        _("Whoever lets another read the keys lets him read the people and sign in the ledger's name."),
    ):
        print_line(line)
    if protected:
        print_line(_("The passphrase is kept nowhere: without it the keys are lost."))

"""`mingzhang staff`: who may record, as whom and by which duty, in a ledger that PostgreSQL keeps."""

import datetime
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cli.actors import by_option, recorder
from cli.columns import columns_named
from cli.command import Command, LazyGroup, Option, Place
from cli.commands.init import BY, STREAM
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_json, print_line, print_table
from cli.words import N_, _
from domain.duties import Duty
from domain.events.base import Event
from domain.events.ledger import LoginAdmitted, LoginDismissed
from domain.fields import ACTOR_PATTERN, LOGIN_PATTERN
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger
from ledger.urls import PostgresAddress

if TYPE_CHECKING:
    from ledger.postgres import PostgresStore

_MODULE: Final = "cli.commands.staff"
PLACES: Final = {
    "logins": Place(_MODULE, "logins_command", N_("List the logins, as whom they record, and their duties.")),
    "admit": Place(_MODULE, "admit_command", N_("Let a login record in somebody's name.")),
    "dismiss": Place(_MODULE, "dismiss_command", N_("Take everything from a login.")),
    "kin": Place("cli.commands.staff_kin", "kin_group", N_("Record what was found out about relatives of staff.")),
    "scope": Place("cli.commands.staff_scope", "scope_group", N_("Show or adopt how far relatives are filed.")),
    "openings": Place(_MODULE, "openings_command", N_("List who read sealed facts, when and what for.")),
}


@click.group(
    "staff", cls=LazyGroup, places=PLACES, help=N_("Admit and dismiss the logins of officers; their relatives.")
)
def staff_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "logins",
    cls=Command,
    help=N_("List the logins, as whom they record, and their duties.\n\nOnly on PostgreSQL; the log itself says it."),
    example="mingzhang staff logins --db postgresql://zhang@db.example/county",
)
@common_options
def logins_command(context: Context) -> ExitCode:
    """Print the logins that the log admits."""
    with _store(context) as store:
        found = [one._asdict() for one in store.logins()]
    if context.as_json:
        print_json({"rows": found})
        return ExitCode.SOUND
    rows = [
        {"login": one["login"], "actors": ", ".join(one["actors"]), "duties": ", ".join(one["duties"])} for one in found
    ]
    print_table(columns_named("login", "actors", "duties"), rows)
    return ExitCode.SOUND


@click.command(
    "admit",
    cls=Command,
    help=N_(
        "Let the login LOGIN record in somebody's name.\n\n"
        "The login must be there: an administrator of the server makes it. Who admitted whom is recorded in the log, "
        "and with it the database gives the roles of the duties. Only on PostgreSQL."
    ),
    example="""
        mingzhang staff admit zhang --as staff/MZ0012 --duty intake --duty survey
        mingzhang staff admit auditor --as staff/SJ0003 --duty audit --by staff/MZ0001
    """,
)
@click.argument("login")
@click.option(
    "--as",
    "actor",
    cls=Option,
    required=True,
    metavar="NAME",
    help=N_("In whose name the login may record: staff/ and a staff number, or system/ and a word."),
)
@click.option(
    "--duty",
    "duties",
    cls=Option,
    multiple=True,
    type=click.Choice([str(duty) for duty in Duty]),
    help=N_("A duty of this login; give it once for each."),
)
@by_option()
@common_options
def admit_command(context: Context, login: str, actor: str, duties: tuple[str, ...], by: str | None) -> ExitCode:
    """Record the admission; the database does the rest in the same transaction."""
    _check(LOGIN_PATTERN, login, "LOGIN", _("1 to 63 of a-z, 0-9, _, . and -"))
    _check(ACTOR_PATTERN, actor, "--as", _("such as staff/MZ0012 or system/import"))
    with _store(context, writing=True) as store:
        if not store.has_login(login):
            mend = _('an administrator of the server runs: CREATE ROLE "{login}" LOGIN').format(login=login)
            raise BadOption(_("The server has no such login"), where="LOGIN", found=login, mend=mend)
        known = next((one for one in store.logins() if one.login == login), None)
        if known is not None and actor in known.actors and set(duties) <= set(known.duties):
            return _tell(context, login, None, _("Nothing to do: {login} is admitted so.").format(login=login))
        held = tuple(duty for duty in Duty if duty in duties)
        position = _record(store, LoginAdmitted(login=login, actor=actor, duties=held), by)
    text = _("{login} may record as {actor} from entry {position:,} on.")
    return _tell(context, login, position, text.format(login=login, actor=actor, position=position))


@click.command(
    "dismiss",
    cls=Command,
    help=N_(
        "Take everything from the login LOGIN.\n\n"
        "It stands as nobody from then on and loses the roles of all duties, for every ledger of the server. What it "
        "recorded stays. Only on PostgreSQL."
    ),
    example="mingzhang staff dismiss zhang",
)
@click.argument("login")
@by_option()
@common_options
def dismiss_command(context: Context, login: str, by: str | None) -> ExitCode:
    """Record the dismissal; the database does the rest in the same transaction."""
    with _store(context, writing=True) as store:
        if all(one.login != login for one in store.logins()):
            mend = _("`mingzhang staff logins` lists those that are")
            raise BadOption(_("This login is not admitted"), where="LOGIN", found=login, mend=mend)
        position = _record(store, LoginDismissed(login=login), by)
    text = _("{login} is dismissed from entry {position:,} on.")
    return _tell(context, login, position, text.format(login=login, position=position))


@click.command(
    "openings",
    cls=Command,
    help=N_(
        "List who read sealed facts, when and what for.\n\n"
        "PostgreSQL keeps this list; who may see it holds the duty audit or admin. What the owner of the tables and "
        "superusers read is not in it."
    ),
    example="mingzhang staff openings --json",
)
@common_options
def openings_command(context: Context) -> ExitCode:
    """Print the recorded openings."""
    with _store(context) as store:
        rows = [one._asdict() for one in store.openings()]
    if context.as_json:
        print_json({"rows": rows})
    else:
        print_table(columns_named("id", "login", "at", "purpose", "application"), rows)
    return ExitCode.SOUND


# Private


@contextmanager
def _store(context: Context, *, writing: bool = False) -> Iterator["PostgresStore"]:
    if not isinstance(context.address, PostgresAddress):
        raise BadOption(
            _("Logins are for a ledger in PostgreSQL"),
            where="--db",
            found=str(context.address),
            mend=_("in SQLite, whoever may write the file may record in every name: guard the file"),
        )
    from ledger.postgres import PostgresStore

    with context.open_store(writing=writing) as store:
        assert isinstance(store, PostgresStore)
        yield store


def _check(pattern: str, text: str, where: str, expected: str) -> None:
    if not re.fullmatch(pattern, text):
        raise BadOption(_("This is not a name"), where=where, expected=expected, found=text)


def _record(store: "PostgresStore", event: Event, by: str | None) -> int:
    """Record what concerns a login, in the name given, else in this login's; return the position."""
    command = Recorded(str(uuid.uuid4()), recorder(store, by, BY), (Draft(STREAM, event),))
    with Ledger(store, None).recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        return recording.record(command)[0].position


def _tell(context: Context, login: str, position: int | None, text: str) -> ExitCode:
    if context.as_json:
        print_json({"login": login, "position": position})
    else:
        print_line(text)
    return ExitCode.SOUND

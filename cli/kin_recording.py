"""What the commands about relatives share: day and officer, the ledger opened for it, and who the person is."""

import datetime
import functools
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from cli.actors import by_option, recorder
from cli.command import Option
from cli.errors import BadOption
from cli.moments import day_of
from cli.options import Context, is_interactive
from cli.output import print_json, print_line
from cli.words import N_, _
from domain.case import CaseState
from domain.case_fold import fold
from domain.events.base import Event
from domain.events.kinship import KinshipScopeAdopted
from domain.kin_acts import StaffFile, member_of, staff_file
from ledger.entry import encode_name
from ledger.errors import FormatError
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger, Recording

SCOPES: Final = "standard/kinship-scope"
"""The stream of the adopted scopes."""

_STDIN = "-"


class Files(NamedTuple):
    """What the log holds of staff and cases at the moment of deciding."""

    log: Ledger | Recording

    def staff(self, number: str) -> StaffFile:
        """Return what the log holds of a staff number."""
        return staff_file(number, self.log.stream(_name("staff", number)))

    def case(self, case: str) -> CaseState:
        """Return what the log holds of a case in its own stream."""
        return fold(self.log.stream(_name("case", case)))

    def scopes(self) -> list[KinshipScopeAdopted]:
        """Return the adoptions of a scope."""
        events = (recorded.event for recorded in self.log.stream(SCOPES))
        return [event for event in events if isinstance(event, KinshipScopeAdopted)]


class Acting(NamedTuple):
    """An officer at work on the ledger, on a day."""

    ledger: Ledger
    by: str
    day: datetime.date
    today: datetime.date

    def record(self, stream: str, decide: Callable[[Files], Event]) -> int:
        """Decide and record in one transaction, anew when somebody else was first; return the position."""
        command_id = str(uuid.uuid4())

        def work(recording: Recording) -> int:
            draft = Draft(stream, decide(Files(recording)))
            return recording.record(Recorded(command_id, self.by, (draft,)))[0].position

        return self.ledger.record(_now, work)

    def record_of_staff(self, number: str, decide: Callable[[Files], Event]) -> int:
        """Record in the stream of a staff number."""
        return self.record(_name("staff", number), decide)

    def record_in_case(self, case: str, decide: Callable[[Files], Event]) -> int:
        """Record in the stream of a case."""
        return self.record(_name("case", case), decide)


class Person(NamedTuple):
    """Who is meant, and his name where a case says it."""

    citizen_id: str
    name: str | None = None


def acting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--on`, as `day`, and `--by` to a command."""

    @functools.wraps(function)
    def with_day(*arguments: Any, on: str | None, **options: Any) -> Any:
        return function(*arguments, day=day_of(on, "--on") or datetime.date.today(), **options)

    decorated: Callable[..., Any] = _ON(by_option()(with_day))
    return decorated


def person_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what says who is meant without a citizen id on the command line: a member of a case, or a file."""
    case, member, file = _PERSON
    return case(member(file(function)))


@contextmanager
def acting(context: Context, by: str | None, day: datetime.date) -> Iterator[Acting]:
    """Open the ledger for recording, with its keys."""
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        yield Acting(Ledger(store, keys), recorder(store, by), day, datetime.date.today())


def person_meant(work: Acting, case: str | None, member: int | None, file: str | None) -> Person:
    """Return who is meant: a member of a case, the first line of a file or of stdin, or what is typed unseen."""
    if case is not None or member is not None:
        if case is None or member is None or file is not None:
            mend = _("give --case and --member together, or --citizen-id-file alone")
            raise BadOption(_("It is not clear who is meant"), where="--case, --member", mend=mend)
        found = member_of(case, Files(work.ledger).case(case), member)
        assert found.citizen_id is not None
        return Person(found.citizen_id, found.name)
    if file is not None:
        text = sys.stdin.readline() if file == _STDIN else _first_line(Path(file))
    elif is_interactive():
        text = click.prompt(_("Citizen id of the relative"), hide_input=True, err=True)
    else:
        mend = _("name a member with --case and --member, or a file with --citizen-id-file; - reads stdin")
        raise BadOption(_("Nobody is named"), where="--citizen-id-file", mend=mend)
    return Person(text.strip().upper())


def tell(context: Context, position: int, **about: str | None) -> None:
    """Print where an act was recorded."""
    if context.as_json:
        print_json({**about, "position": position})
    else:
        print_line(_("Recorded as entry {position:,}.").format(position=position))


# Private


def _name(kind: str, number: str) -> str:
    try:
        return encode_name(kind, number)
    except FormatError as error:
        raise BadOption(_("This is not a name"), where=kind, found=error.reason) from None


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n", 1)[0]
    except UnicodeDecodeError:
        raise BadOption(_("The file is not UTF-8"), where=str(path), mend=_("write it as UTF-8 text")) from None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


_ON = click.option(
    "--on", cls=Option, metavar="DATE", help=N_("The day on which it happened; today unless another is given.")
)
_PERSON = (
    click.option("--case", cls=Option, metavar="CASE", help=N_("The case in which the person is a member.")),
    click.option(
        "--member",
        cls=Option,
        type=click.IntRange(min=1),
        metavar="NUMBER",
        help=N_("The number of the member in that case, as `mingzhang case show` has it."),
    ),
    click.option(
        "--citizen-id-file",
        "file",
        cls=Option,
        metavar="FILE",
        help=N_("The citizen id is this file's first line; - reads stdin. Without either it is asked for, unseen."),
    ),
)

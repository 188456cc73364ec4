"""Recording live what no file hands over: one event of one person's command, and the checks of what he typed."""

import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from cli.actors import recorder
from cli.command import Option
from cli.errors import BadOption, ExitCode
from cli.options import Context
from cli.output import print_json, print_line
from cli.words import N_, _
from domain.events.base import Event
from domain.fields import REGION_PATTERN, STAFF_NUMBER_PATTERN
from domain.formats.normalise import CellFault, parse_hundredths
from domain.identity import check_citizen_id, holds_citizen_id
from ledger.ledger import Command, Draft, Ledger
from ledger.store import Store

E = TypeVar("E", bound=Event)

_TOWNSHIP_PATTERN: Final = r"[0-9]{9}"

on_option = click.option(
    "--on", "day", cls=Option, required=True, metavar="DATE", help=N_("The day on which it happened.")
)


def record_live(
    context: Context, stream: str, event: Event, by: str | None, check: Callable[[Store], None] = lambda store: None
) -> ExitCode:
    """Record one event and print its position; `check` looks at the log first, and raises what forbids it."""
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        check(store)
        command = Command(str(uuid.uuid4()), recorder(store, by), (Draft(stream, event),))
        position = Ledger(store, keys).record_command(command, _now)[0].position
    if context.as_json:
        print_json({"position": position})
    else:
        print_line(_("Recorded as entry {position:,}.").format(position=position))
    return ExitCode.SOUND


def said_before(store: Store, stream: str, event_class: type[E], **fields: Any) -> E | None:
    """Return the first event of this class with these open fields that a stream holds, None without one."""
    found = (one.event for one in Ledger(store, None).stream(stream, open_sealed=False))
    events = (event for event in found if isinstance(event, event_class))
    return next((event for event in events if all(getattr(event, name) == fields[name] for name in fields)), None)


def fen_of(text: str, option: str) -> int:
    """Return the amount in yuan that was typed, in fen; raises BadOption unless it is above 0."""
    try:
        amount_fen = parse_hundredths(text)
    except CellFault:
        amount_fen = 0
    if amount_fen <= 0:
        raise BadOption(_("This is no amount"), where=option, expected="825.00", found=text)
    return amount_fen


def township_of(text: str, option: str) -> str:
    """Return the code of a county or township that was typed; raises BadOption."""
    if not re.fullmatch(REGION_PATTERN, text):
        raise BadOption(_("This is no region"), where=option, expected="520121101", found=text)
    return text


def only_township_of(text: str, option: str) -> str:
    """Return the code of a township that was typed; raises BadOption, of a county's code as well."""
    if not re.fullmatch(_TOWNSHIP_PATTERN, text):
        raise BadOption(_("This is no township"), where=option, expected="520121101", found=text)
    return text


def refuse_before(day: datetime.date, first: datetime.date, option: str) -> None:
    """Raise BadOption when a step is said to have been taken before what it follows."""
    if day < first:
        title = _("This is before the day of what it follows")
        raise BadOption(title, where=option, expected=f"≥ {first}", found=day.isoformat())


def staff_number_of(text: str | None, option: str) -> str | None:
    """Return the staff number that was typed, None when there is none; raises BadOption."""
    if text is not None and not re.fullmatch(STAFF_NUMBER_PATTERN, text):
        raise BadOption(_("This is no staff number"), where=option, expected="MZ0012", found=text)
    return text


def number_of(text: str, option: str) -> str:
    """Return a number of the office's own, which stands in the open; raises BadOption for a person's id."""
    if not text or len(text) > 80 or holds_citizen_id(text):
        raise BadOption(_("This cannot be a number: it stands in the open"), where=option, expected="LS2024001")
    return text


def citizen_id_of(text: str, option: str) -> str:
    """Return the citizen id that was typed; raises BadOption, which does not repeat it."""
    found = text.upper()
    if check_citizen_id(found, None) is not None:
        raise BadOption(_("This is no citizen id"), where=option, expected=_("18 characters, the last one right"))
    return found


# Private


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

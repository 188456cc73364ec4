"""The history that a checked dossier tells, read from the bytes of its entries and from nothing else."""

import datetime
from dataclasses import dataclass

from pydantic import ValidationError

from audit.dossier_check import DossierVerdict
from domain.events.base import Event
from domain.events.payment import PaymentInstructed
from domain.recorded import Recorded
from domain.world_days import world_days
from ledger.entry import Entry, parse_time
from ledger.topics import TOPICS


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """One entry and the day in the world on which it happened, None where nothing says one."""

    recorded: Recorded
    occurred_on: datetime.date | None


def told(verdict: DossierVerdict) -> list[ToldEntry]:
    """Return the entries of a dossier in their order, their open parts alone; empty unless all of them could be read.

    What was disclosed stands in `verdict.disclosed`. An entry of a later version's topic is told by its name.
    """
    if verdict.dossier is None or len(verdict.entries) != len(verdict.dossier.entries):
        return []
    placed = zip(verdict.dossier.entries, verdict.entries, strict=True)
    records = [_recorded(one.position, entry) for one, entry in placed]
    days = world_days(records)
    # As in `audit.replay`: a plan names a month, and the day that folds reckon with is not one that anybody said.
    return [ToldEntry(one, None if isinstance(one.event, PaymentInstructed) else days[one.position]) for one in records]


def people_named(verdict: DossierVerdict) -> frozenset[str]:
    """Return the names of persons among the disclosed values, which are hidden in free texts as well."""
    return frozenset(
        one.value for one in verdict.disclosed if isinstance(one.value, str) and one.field in _NAMES and one.value
    )


# Private

_NAMES = frozenset({"head_name", "holder", "name", "relative_name"})


def _recorded(position: int, entry: Entry) -> Recorded:
    at = parse_time(entry.at)
    event = _event(entry)
    return Recorded(
        position, entry.stream, entry.seq, entry.type, at, entry.by, entry.command, event, entry.seal is None
    )


def _event(entry: Entry) -> Event | None:
    event_class = TOPICS.get(entry.type)
    try:
        return event_class.read(entry.payload) if event_class else None
    except ValidationError:
        return None

"""A case told from the log itself: what happened in order, and how the case stood on a day or at a position.

No projection is asked. Two clocks are kept apart: `as_of` is a day in the world, `known_at` a position of the log.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.case_records import case_records, records_of_cases
from audit.sources import Place, Sources
from domain.case import CaseState
from domain.case_fold import apply, fold
from domain.case_view import LAST_MONTH, Changes, changes_between, describe
from domain.events.delivery import DeliveryDescribed
from domain.events.payment import PaymentInstructed
from domain.months import month_of
from domain.recorded import Recorded
from domain.world_days import world_days
from ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of a case's file: when it happened, where it came from, and what it changed.

    `occurred_on` is None where nothing says a day. `changes` maps a path of the case's document
    (`domain.case_view`) to the values before and after.
    """

    recorded: Recorded
    occurred_on: datetime.date | None
    place: Place | None
    changes: Changes


@dataclass(frozen=True, slots=True)
class Replay:
    """A case at one point: the state, the month that its status and amount are for, and the lines that made it.

    `first_month` is the first month that the deliveries tell of; `left_out` counts the entries that were known but
    happened after the day asked about.
    """

    case: str
    as_of: datetime.date | None
    known_at: int
    month: str
    first_month: str | None
    state: CaseState
    lines: tuple[HistoryLine, ...]
    left_out: int


def history(ledger: Ledger, case: str, *, reveal: bool = False) -> list[HistoryLine]:
    """Return every entry of a case's file in order of position.

    Status and amount in `changes` are those that hold once everything decided so far has taken effect; personal
    values there are masked unless `reveal`. Raises CaseUnknown.
    """
    records = case_records(ledger, case)
    return _lines(ledger, records, world_days(records), LAST_MONTH, reveal=reveal)


def replay(
    ledger: Ledger,
    case: str,
    as_of: datetime.date | None = None,
    known_at: int | None = None,
    *,
    reveal: bool = False,
) -> Replay:
    """Return the case as it stood on a day, from the entries before a position.

    What happened after `as_of` is left out, decisions included; status and amount are those of its month. Without a
    day nothing is left out and the month is that of the latest closing date. What the lines changed is masked unless
    `reveal`. Raises CaseUnknown.
    """
    return _replay(ledger, case, as_of, known_at, hide_later=True, reveal=reveal)


def standing(ledger: Ledger, case: str, as_of: datetime.date | None = None, known_at: int | None = None) -> Replay:
    """Return the case with everything that is recorded, as it counts for the month of a day.

    As in the registers, the day selects a month and hides no decision. Raises CaseUnknown.
    """
    return _replay(ledger, case, as_of, known_at, hide_later=False)


def stories(
    ledger: Ledger, cases: Collection[str], as_of: datetime.date | None = None, known_at: int | None = None
) -> Iterator[Replay]:
    """Yield what `standing` returns for each of many cases, read in one go.

    Their lines leave out what each entry changed, which takes long to say. Raises CaseUnknown.
    """
    size = ledger.size if known_at is None else known_at
    first_month, closing_date = window(ledger, size)
    sources = Sources(ledger)
    for case, records in records_of_cases(ledger, cases, size):
        days = world_days(records)
        day = as_of or closing_date or max((d for d in days.values() if d), default=None)
        month = month_of(day) if day else LAST_MONTH
        lines = (HistoryLine(one, _said_day(one, days), sources.place_of(one.event), {}) for one in records)
        yield Replay(case, day, size, month, first_month, fold(records), tuple(lines), 0)


def window(ledger: Ledger, known_at: int | None = None) -> tuple[str | None, datetime.date | None]:
    """Return the first month and the closing date of all deliveries described before the position; None unsaid."""
    described = [
        recorded.event
        for recorded in ledger.events_of_type(DeliveryDescribed.TOPIC, open_sealed=False)
        if isinstance(recorded.event, DeliveryDescribed) and (known_at is None or recorded.position < known_at)
    ]
    first = min((event.first_month for event in described if event.first_month), default=None)
    return first, max((event.closing_date for event in described if event.closing_date), default=None)


# Private


def _replay(
    ledger: Ledger,
    case: str,
    as_of: datetime.date | None,
    known_at: int | None,
    *,
    hide_later: bool,
    reveal: bool = False,
) -> Replay:
    size = ledger.size if known_at is None else known_at
    records = case_records(ledger, case, size)
    days = world_days(records)
    kept = [r for r in records if not (hide_later and _is_after(days[r.position], as_of))]
    first_month, closing_date = window(ledger, size)
    day = as_of or closing_date or max((d for d in days.values() if d), default=None)
    month = month_of(day) if day else LAST_MONTH
    lines = tuple(_lines(ledger, kept, days, month, reveal=reveal))
    return Replay(case, day, size, month, first_month, fold(kept), lines, len(records) - len(kept))


def _is_after(day: datetime.date | None, as_of: datetime.date | None) -> bool:
    return day is not None and as_of is not None and day > as_of


def _lines(
    ledger: Ledger, records: Sequence[Recorded], days: Mapping[int, datetime.date | None], month: str, *, reveal: bool
) -> list[HistoryLine]:
    state, sources, lines = CaseState(), Sources(ledger), []
    before = describe(state, month, reveal=reveal)
    for recorded in records:
        apply(state, recorded)
        after = describe(state, month, reveal=reveal)
        place = sources.place_of(recorded.event)
        lines.append(HistoryLine(recorded, _said_day(recorded, days), place, changes_between(before, after)))
        before = after
    return lines


def _said_day(recorded: Recorded, days: Mapping[int, datetime.date | None]) -> datetime.date | None:
    """A plan names the month of sending; the day that replay reckons with is not one that anybody said."""
    return None if isinstance(recorded.event, PaymentInstructed) else days[recorded.position]

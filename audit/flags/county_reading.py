"""Reading the small streams once: deliveries, standards, staff, and what stands outside the streams of the cases."""

import datetime
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from audit.flags.county import County, DeclaredRelative, PostSpan, StaffMember
from audit.flags.standards import Standards
from audit.flags.transfer_index import TransferIndex
from domain.case_fold import fold
from domain.events.appeal import AppealLodged
from domain.events.delivery import DeliveryDescribed, FileReceived
from domain.events.payment import PaymentReissued
from domain.events.recovery import RecoveryOrdered
from domain.events.staff import RelativeDeclared, StaffAppointed, StaffDeparted
from domain.events.standard import StandardAdopted
from domain.months import month_of
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.entry import decode_name
from ledger.ledger import Ledger

BEFORE_ALL = "0001-01"

Elsewhere = dict[str, "array[int]"]  # positions of a case's entries outside its own stream, by case number


class Window(NamedTuple):
    """What the deliveries say together: the first month, the latest closing date, the county's code."""

    first_month: str | None
    closing_date: datetime.date | None
    region: str | None
    kinds: frozenset[FileKind]


def read_window(ledger: Ledger, known_at: int) -> Window:
    """Return what the deliveries before a position say of themselves, and the kinds of file they brought."""
    described, kinds = [], set()
    topics = (DeliveryDescribed.TOPIC, FileReceived.TOPIC)
    for recorded in ledger.selected(topics, (), 0, known_at):
        if isinstance(recorded.event, DeliveryDescribed):
            described.append(recorded.event)
        elif isinstance(recorded.event, FileReceived):
            kinds.add(recorded.event.kind)
    return Window(
        min((one.first_month for one in described if one.first_month), default=None),
        max((one.closing_date for one in described if one.closing_date), default=None),
        next((one.region for one in described if one.region), None),
        frozenset(kinds),
    )


def read_county(
    ledger: Ledger, window: Window, as_of: datetime.date, known_at: int, horizon: str | None
) -> tuple[County, Elsewhere]:
    """Return the world around the cases, and where entries of a case stand outside its stream."""
    staff, relatives, kin_closed = _staff(ledger, known_at)
    transfers = TransferIndex(_originals(ledger, known_at))
    adopted = ledger.selected((StandardAdopted.TOPIC,), (StandardAdopted.TOPIC,), 0, known_at)
    last_month = month_of(as_of)
    if window.closing_date is not None:
        last_month = min(last_month, month_of(window.closing_date))
    county = County(
        as_of=as_of,
        known_at=known_at,
        first_month=window.first_month or BEFORE_ALL,
        last_month=last_month,
        horizon=horizon,
        standards=Standards(adopted, window.region),
        staff=staff,
        relatives=relatives,
        transfers=transfers,
        kin_closed=kin_closed,
    )
    elsewhere: Elsewhere = {}
    _find_cited(ledger, known_at, elsewhere)
    _find_batch_lines(ledger, known_at, elsewhere, transfers)
    return county, elsewhere


# Private


def _originals(ledger: Ledger, known_at: int) -> Iterator[str]:
    for recorded in ledger.selected((PaymentReissued.TOPIC,), (), 0, known_at):
        if isinstance(recorded.event, PaymentReissued):
            yield recorded.event.original


def _staff(ledger: Ledger, known_at: int) -> tuple[dict[str, StaffMember], dict[str, list[DeclaredRelative]], int]:
    """Return the staff, the relatives they declared, and how many of them declared some that stay closed."""
    staff: dict[str, StaffMember] = {}
    relatives: dict[str, list[DeclaredRelative]] = {}
    closed: set[str] = set()
    opened = (StaffAppointed.TOPIC, RelativeDeclared.TOPIC)
    for recorded in ledger.by_stream("staff/", opened, known_at):
        number = decode_name(recorded.stream)[1]
        event = recorded.event
        member = staff.setdefault(number, StaffMember(number))
        if isinstance(event, StaffAppointed):
            member.name, member.citizen_id = event.name or member.name, event.citizen_id or member.citizen_id
            region = event.region or event.region_text
            member.posts.append(PostSpan(event.post, event.occurred_on, None, region, [recorded.position]))
        elif isinstance(event, StaffDeparted):
            _end_post(member, event, recorded.position)
        elif isinstance(event, RelativeDeclared) and not recorded.opened:
            closed.add(number)
        elif isinstance(event, RelativeDeclared) and event.relative_citizen_id is not None:
            relatives.setdefault(event.relative_citizen_id, []).append(_relative(number, event, recorded.position))
    return staff, relatives, len(closed)


def _end_post(member: StaffMember, event: StaffDeparted, position: int) -> None:
    for span in member.posts:
        if (span.post, span.begins_on) == (event.post, event.appointed_on):
            span.ends_on = event.occurred_on
            span.positions.append(position)


def _relative(staff: str, event: RelativeDeclared, position: int) -> DeclaredRelative:
    return DeclaredRelative(
        staff, event.relation, event.relation_text, event.relative_name, event.occurred_on, (position,)
    )


def _find_cited(ledger: Ledger, known_at: int, elsewhere: Elsewhere) -> None:
    """Note the entries of appeals and recoveries, which have streams of their own, under the case they name."""
    for prefix in ("appeal/", "recovery/"):
        for _, entries in groupby(ledger.by_stream(prefix, (), known_at), key=attrgetter("stream")):
            positions, case = array("Q"), None
            for recorded in entries:
                positions.append(recorded.position)
                if isinstance(recorded.event, AppealLodged | RecoveryOrdered):
                    case = recorded.event.case
            if case is not None:
                elsewhere.setdefault(case, array("Q")).extend(positions)


def _find_batch_lines(ledger: Ledger, known_at: int, elsewhere: Elsewhere, transfers: TransferIndex) -> None:
    """Note money that named a case before the case was loaded, details included, and what a chain may lead to."""
    for _, entries in groupby(ledger.by_stream("batch/", (), known_at), key=attrgetter("stream")):
        lines = list(entries)
        transfers.note(fold(lines).transfers.values())
        for case, position in _lines_by_case(lines):
            elsewhere.setdefault(case, array("Q")).append(position)


def _lines_by_case(lines: Iterable[Recorded]) -> Iterator[tuple[str, int]]:
    case_of: dict[str, str] = {}  # by transfer, and by command for the lines of a plan
    for recorded in lines:
        event = recorded.event
        case, transfer = getattr(event, "case", None), getattr(event, "transfer", None)
        if case is not None:
            case_of[recorded.command] = case
            if transfer is not None:
                case_of[transfer] = case
        found = case_of.get(transfer or "") or case_of.get(recorded.command)
        if found is not None:
            yield found, recorded.position

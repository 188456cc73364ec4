"""What the erasure of a case would reach, and what forbids it; answered by the log itself and its keys.

    case/…, and the recovery/… and appeal/… of the case    every sealing key of these streams
    person/…                                               the keys of a member's stream, unless he is in another case
    import/…, batch/…                                      the keys of rows and lines that are about this case alone

What shares a key with others stays, and is counted: rows that a version before 3 of this program sealed under one key
for a whole delivery, and persons who are in a case that is kept. What staff declared of their relatives, and the
reasons of disclosures, are no part of a case and stay too (docs/erasure.md).
"""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from audit.case_records import case_records
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, search
from audit.replay import window
from domain.case_fold import fold
from domain.events.delivery import RowConflicted, RowHeld, RowRejected
from domain.events.erasure import RetentionAdopted
from domain.events.household import DishonestyNoted, MemberJoined
from domain.events.ledger import ErasureEffective, ErasureRequested
from domain.recorded import Recorded
from domain.retention import Hindrance, Retention, ended_on, hindrances, kept_until, retention_on
from domain.world_days import world_days
from ledger.entry import encode_name, parse_entry
from ledger.errors import FormatError
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

OWN_KINDS: Final = ("case/", "recovery/", "appeal/")
SUPERVISION: Final = "flag."  # what supervision says later does not keep a file longer


class Sealed(NamedTuple):
    """A sealing key of a stream."""

    stream: str
    kid: str


@dataclass(frozen=True, slots=True)
class Reach:
    """The keys that an erasure destroys, and how many rows and persons stay because others share their key."""

    keys: tuple[Sealed, ...]
    rows_kept: int
    persons_kept: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found about one case: when it ended, until when it is kept, and what else forbids its erasure."""

    case: str
    retention: Retention
    ended_on: datetime.date | None
    kept_until: datetime.date | None
    hindrances: tuple[Hindrance, ...]


def examine(ledger: Ledger, case: str, today: datetime.date) -> Examined:
    """Say whether a case may be erased today; raises CaseUnknown."""
    records = case_records(ledger, case)
    days = world_days(records)
    adopted = [one.event for one in ledger.events_of_type(RetentionAdopted.TOPIC, open_sealed=False)]
    retention = retention_on(today, [event for event in adopted if isinstance(event, RetentionAdopted)])
    acts = [days[one.position] for one in records if not one.topic.startswith(SUPERVISION)]
    state = fold(records)
    ended = ended_on(state, acts, today)
    until = None if ended is None else kept_until(ended, retention)
    forbidding = [*hindrances(state, ended, until, today, window(ledger)[0])]
    if not forbidding:  # the rules read much of the log: not for a case that stays anyway
        forbidding += _loud_flags(ledger, case)
    return Examined(case, retention, ended, until, tuple(forbidding))


def reach_of(ledger: Ledger, keys: KeyStore, cases: Collection[str]) -> Reach:
    """Return what erasing these cases together destroys and what it leaves; their sealed parts must open.

    Raises CaseUnknown.
    """
    records = {case: case_records(ledger, case) for case in cases}
    streams = {one.stream for found in records.values() for one in found if one.stream.startswith(OWN_KINDS)}
    reached = {Sealed(stream, kid) for stream in streams for kid in _kids_of(ledger, keys, stream)}
    people = {id_ for found in records.values() for one in found for id_ in _citizen_ids(one)}
    alone, persons_kept = _persons_alone(ledger, keys, people, streams)
    for stream in alone:
        reached |= {Sealed(stream, kid) for kid in _kids_of(ledger, keys, stream)}
    lines = [one.position for found in records.values() for one in found if not one.stream.startswith(OWN_KINDS)]
    rows = [*_rows_about(ledger, frozenset(cases), streams, people), *lines]
    whole, rows_kept = _of_these_rows_alone(ledger, rows)
    return Reach(tuple(sorted(reached | whole)), rows_kept, persons_kept)


def outstanding(ledger: Ledger) -> list[Sealed]:
    """Return the keys whose erasure was asked for and has not been reported as done, in the order of the requests."""
    done = {one.kid for one in _erasures(ledger, ErasureEffective.TOPIC)}
    return [one for one in dict.fromkeys(_erasures(ledger, ErasureRequested.TOPIC)) if one.kid not in done]


# Private


def _erasures(ledger: Ledger, topic: str) -> Iterator[Sealed]:
    for recorded in ledger.events_of_type(topic, open_sealed=False):
        if isinstance(recorded.event, ErasureRequested | ErasureEffective):
            yield Sealed(recorded.stream, recorded.event.kid)


def _loud_flags(ledger: Ledger, case: str) -> Iterator[Hindrance]:
    found = search(ledger, load_rules().values(), Scope(case=case))
    rules = {flag.rule for flag in found.flags if not found.is_silent(flag)}
    return (Hindrance("flag", rule) for rule in sorted(rules))


def _kids_of(ledger: Ledger, keys: KeyStore, stream: str) -> set[str]:
    """Return the keys that a stream was sealed with, as its entries and the key folder say."""
    return {*_sealed_with(ledger, stream), *(one.kid for one in keys.keys_of(stream))}


def _sealed_with(ledger: Ledger, stream: str) -> Counter[str]:
    """Return how many entries of a stream each key sealed."""
    found: Counter[str] = Counter()
    for record in ledger.store.stream(stream):
        try:
            seal = parse_entry(record.entry).seal
        except FormatError:
            continue
        if seal is not None:
            found[seal.kid] += 1
    return found


def _citizen_ids(recorded: Recorded) -> Iterator[str]:
    event = recorded.event
    if isinstance(event, MemberJoined) and event.citizen_id:
        yield event.citizen_id
    if isinstance(event, DishonestyNoted) and event.subject_citizen_id:
        yield event.subject_citizen_id


def _persons_alone(
    ledger: Ledger, keys: KeyStore, people: Iterable[str], streams: Collection[str]
) -> tuple[set[str], int]:
    """Return the persons' streams that no case that stays needs, and how many one does need."""
    named = {encode_name("person", keys.index_mac("person", one).hex()[:32]): one for one in people}
    there = {stream: one for stream, one in named.items() if next(ledger.store.stream(stream), None) is not None}
    elsewhere: set[str] = set()
    wanted = set(there.values())
    for recorded in ledger.selected({MemberJoined.TOPIC}, {MemberJoined.TOPIC}, 0, ledger.size) if wanted else ():
        if recorded.stream not in streams:
            elsewhere |= wanted.intersection(_citizen_ids(recorded))
    alone = {stream for stream, one in there.items() if one not in elsewhere}
    return alone, len(there) - len(alone)


def _rows_about(
    ledger: Ledger, cases: Collection[str], streams: Collection[str], people: Collection[str]
) -> Iterator[int]:
    """Yield the positions of rows of deliveries that were left out, and are about one of these cases or people."""
    topics = {RowRejected.TOPIC, RowHeld.TOPIC, RowConflicted.TOPIC}
    for recorded in ledger.selected(topics, topics, 0, ledger.size):
        event = recorded.event
        if isinstance(event, RowConflicted):
            if event.cites.stream in streams:
                yield recorded.position
        elif isinstance(event, RowRejected | RowHeld) and (
            event.case in cases or (event.case is None and event.citizen_id in people)
        ):
            yield recorded.position


def _of_these_rows_alone(ledger: Ledger, positions: Iterable[int]) -> tuple[set[Sealed], int]:
    """Return the keys that sealed entries among these and nothing else, and how many of these share theirs."""
    ours: Counter[Sealed] = Counter()
    for position in set(positions):
        record = ledger.store.record(position)
        seal = parse_entry(record.entry).seal if record else None
        if record is not None and seal is not None:
            ours[Sealed(record.stream, seal.kid)] += 1
    totals = {stream: _sealed_with(ledger, stream) for stream in {one.stream for one in ours}}
    whole = {one for one, count in ours.items() if totals[one.stream][one.kid] == count}
    return whole, sum(count for one, count in ours.items() if one not in whole)

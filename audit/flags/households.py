"""The households of those who received temporary aid: which cases name them, read from the log without the cases."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from domain.events.household import MemberJoined
from domain.events.ledger import ErasureRequested
from domain.events.temporary_aid import TemporaryAidGranted
from ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Households:
    """The streams of the cases that name a person, by citizen id; how many cases keep their members closed."""

    of_person: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closed: int = 0


def read_households(ledger: Ledger, known_at: int) -> Households:
    """Return the households of everybody who received temporary aid; a case that was erased has none any more."""
    topic = TemporaryAidGranted.TOPIC
    granted = (one.event for one in ledger.selected((topic,), (topic,), 0, known_at))
    people = {event.citizen_id for event in granted if isinstance(event, TemporaryAidGranted) and event.citizen_id}
    return _households(ledger, known_at, people) if people else Households()


# Private


def _households(ledger: Ledger, known_at: int, people: Collection[str]) -> Households:
    cases: dict[str, set[str]] = {}
    closed: set[str] = set()
    for recorded in ledger.selected((MemberJoined.TOPIC,), (MemberJoined.TOPIC,), 0, known_at):
        if not recorded.opened:
            closed.add(recorded.stream)
        elif isinstance(recorded.event, MemberJoined) and (person := recorded.event.citizen_id) in people:
            cases.setdefault(str(person), set()).add(recorded.stream)
    requests = ledger.events_of_type(ErasureRequested.TOPIC, open_sealed=False) if closed else ()
    erased = {one.stream for one in requests}
    return Households({person: frozenset(streams) for person, streams in cases.items()}, len(closed - erased))

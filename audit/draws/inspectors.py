"""Who may inspect: officers who held a post on a day, and from which drawn cases each of them is recused."""

import datetime
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from domain.events.application import ApplicationSubmitted
from domain.events.household import MemberJoined
from domain.events.kinship import RecusalRecorded, RelationDiscovered
from domain.events.staff import KinshipFiled, KinshipVisited, RelativeDeclared, StaffAppointed, StaffDeparted
from domain.fields import STAFF_NUMBER_PATTERN, Recusal
from domain.recorded import Recorded
from domain.vocabulary import Kin, Post, RecusalGround
from ledger.entry import decode_name, encode_name
from ledger.ledger import Ledger

_ACTOR: Final = "staff/"
_HANDLERS: Final = ("officer", "surveyor_1", "surveyor_2", "confirmer", "handler", "reviewer", "visitor")
"""The members of events that name who did something in a case."""


@dataclass(slots=True)
class Recusals:
    """Who is recused from each case, by staff number; `unopened` counts sealed facts about kin that stayed closed."""

    by_case: dict[str, tuple[Recusal, ...]] = field(default_factory=dict)
    unopened: int = 0

    def staff(self) -> dict[str, frozenset[str]]:
        """Return the staff numbers alone."""
        return {case: frozenset(one.staff for one in found) for case, found in self.by_case.items()}


def serving(ledger: Ledger, posts: Collection[Post], day: datetime.date, known_at: int) -> tuple[str, ...]:
    """Return the staff numbers of those who held one of the posts on `day`, as the first `known_at` entries say."""
    began: set[tuple[str, Post, datetime.date]] = set()
    ended: dict[tuple[str, Post, datetime.date], datetime.date] = {}
    topics = (StaffAppointed.TOPIC, StaffDeparted.TOPIC)
    for recorded in ledger.selected(topics, (), 0, known_at):
        staff, event = decode_name(recorded.stream)[1], recorded.event
        if isinstance(event, StaffAppointed):
            began.add((staff, event.post, event.occurred_on))
        elif isinstance(event, StaffDeparted):
            ended[staff, event.post, event.appointed_on] = event.occurred_on
    found = {
        staff
        for staff, post, since in began
        if post in posts and since <= day <= ended.get((staff, post, since), datetime.date.max)
    }
    return tuple(sorted(staff for staff in found if re.fullmatch(STAFF_NUMBER_PATTERN, staff)))


def recusals_of(ledger: Ledger, cases: Collection[str], inspectors: Collection[str], known_at: int) -> Recusals:
    """Return who of the inspectors may not inspect which of the cases, as the first `known_at` entries say.

    Whoever handled the case in any step or stands aside in it; and whoever is in the household himself, has a near
    relative in it (民法典 art 1045), declared or found out, or for whose kinship it was filed. Without keys only what
    is open is found.
    """
    recusals = Recusals()
    kin = _kin(ledger, inspectors, known_at, recusals)
    for case in cases:
        grounds = _in_case(ledger, case, known_at, kin, recusals)
        recusals.by_case[case] = tuple(
            Recusal(staff=staff, ground=grounds[staff]) for staff in sorted(grounds) if staff in inspectors
        )
    return recusals


# Private


def _kin(ledger: Ledger, inspectors: Collection[str], known_at: int, recusals: Recusals) -> dict[str, set[str]]:
    """Return by citizen id the inspectors who are that person, or declared him."""
    kin: dict[str, set[str]] = {}
    topics = (StaffAppointed.TOPIC, RelativeDeclared.TOPIC, RelationDiscovered.TOPIC)
    for recorded in ledger.selected(topics, topics, 0, known_at):
        staff, event = decode_name(recorded.stream)[1], recorded.event
        if staff not in inspectors:
            continue
        if isinstance(event, RelativeDeclared | RelationDiscovered) and event.relation is Kin.OTHER:
            continue
        recusals.unopened += not recorded.opened
        person = getattr(event, "relative_citizen_id", None) or getattr(event, "citizen_id", None)
        if person is not None:
            kin.setdefault(person, set()).add(staff)
    return kin


def _in_case(
    ledger: Ledger, case: str, known_at: int, kin: dict[str, set[str]], recusals: Recusals
) -> dict[str, RecusalGround]:
    """Return who must not inspect a case; of several grounds the last of the list below."""
    aside: set[str] = set()
    related: set[str] = set()
    handled: set[str] = set()
    for recorded in ledger.stream(encode_name("case", case)):
        if recorded.position >= known_at:
            break
        event = recorded.event
        handled.update(_officers(recorded, event))
        if isinstance(event, RecusalRecorded) and event.staff is not None:
            aside.add(event.staff)
        if isinstance(event, KinshipFiled | KinshipVisited) and event.staff is not None:
            related.add(event.staff)
        if isinstance(event, MemberJoined | ApplicationSubmitted):
            recusals.unopened += not recorded.opened
            person = event.citizen_id if isinstance(event, MemberJoined) else event.head_citizen_id
            related |= kin.get(person or "", set())
    return {
        **dict.fromkeys(aside, RecusalGround.STANDS_ASIDE),
        **dict.fromkeys(related, RecusalGround.KIN),
        **dict.fromkeys(handled, RecusalGround.HANDLED),
    }


def _officers(recorded: Recorded, event: Any) -> Iterator[str]:
    if recorded.by.startswith(_ACTOR):
        yield decode_name(recorded.by)[1]
    for name in _HANDLERS:
        staff = getattr(event, name, None)
        if staff is not None:
            yield staff

"""The facts of a case that several registers share: application, decision, what applies from which month, members."""

from collections.abc import Iterable
from typing import Final

from domain.entitlement import CONFIRMED, REFUSED, TERMINATED
from domain.events.change import KIND_OF_CHANGE
from domain.events.household import MemberJoined
from domain.recorded import Recorded
from projections.register import Handler, Mark, Register, constant, plain, subject
from projections.table import Row, Table, integers, texts

_BY_CASE = ("case_id",)

APPLICATION: Final = Table("application", texts("case_id", "programme", "region", "applied_on"), _BY_CASE)
ACCEPTANCE: Final = Table("acceptance", texts("case_id", "accepted_on"), _BY_CASE)
DECISION: Final = Table(
    "decision",
    (*texts("case_id", "outcome", "decided_on"), *integers("delegated"), *texts("confirmer")),
    _BY_CASE,
)
CHANGE: Final = Table(
    "change",
    (
        *texts("case_id", "kind", "decided_on", "effective_from"),
        *integers("amount_fen"),
        *texts("ground", "handler", "confirmer"),
    ),
    _BY_CASE,
)
APPEAL_EFFECT: Final = Table(
    "appeal_effect",
    (*texts("case_id", "number", "decided_on", "outcome"), *integers("amount_fen"), *texts("effective_from")),
    _BY_CASE,
)
MEMBER: Final = Table(
    "member",
    (*texts("case_id"), *integers("member", "counted"), ("person", "bytes"), *texts("relation")),
    _BY_CASE,
)
MEMBER_COUNT: Final = Table(
    "member_count", (*texts("case_id"), *integers("member"), *texts("counted_from", "counted_until")), _BY_CASE
)

GRANTED: Final = "granted"  # the kind of the change that a confirmation itself makes


# Private


def _decided(outcome: str) -> Handler:
    return constant(DECISION, "occurred_on", "delegated", "confirmer", value=outcome)


def _changed(kind: str) -> Handler:
    fields = ("occurred_on", "effective_from", "amount_fen", "ground", "handler", "confirmer")
    return constant(CHANGE, *fields, value=kind)


def _joined(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, MemberJoined)
    person = None if event.citizen_id is None else mark("person", event.citizen_id)
    return (Row(MEMBER, (subject(recorded), event.member, int(event.counted), person, event.relation.value)),)


CASE_FACTS: Final = Register(
    "case-facts",
    (APPLICATION, ACCEPTANCE, DECISION, CHANGE, APPEAL_EFFECT, MEMBER, MEMBER_COUNT),
    {
        "application.submitted/1": plain(APPLICATION, "programme", "region", "occurred_on"),
        "application.accepted/1": plain(ACCEPTANCE, "occurred_on"),
        "application.confirmed/1": _decided(CONFIRMED),
        "application.refused/1": _decided(REFUSED),
        "application.terminated/1": _decided(TERMINATED),
        "entitlement.granted/1": _changed(GRANTED),
        **{event.TOPIC: _changed(kind.value) for event, kind in KIND_OF_CHANGE.items()},
        "appeal.applied/1": plain(APPEAL_EFFECT, "number", "occurred_on", "outcome", "amount_fen", "effective_from"),
        "member.joined/1": _joined,
        "member.counted/1": plain(MEMBER_COUNT, "member", "counted_from", "counted_until"),
    },
    opens=frozenset({"member.joined/1"}),
)

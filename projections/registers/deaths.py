"""`register deaths`: members who died, what was paid for later months, and deaths that touch no case."""

from collections.abc import Iterable
from typing import Any, Final

from domain.events.person import DeathRecorded
from domain.recorded import Recorded
from projections.case_folds import CaseHead, case_heads, with_rows
from projections.database import Database
from projections.register import Mark, Register, plain, subject
from projections.registers.case_facts import MEMBER
from projections.registers.erasures import erased
from projections.registers.recoveries import orders_by_case
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.table import Row, Table, integers, texts
from projections.transfers import Transfer, TransferReader

_MEMBER_DEATH: Final = Table(
    "member_death", (*texts("case_id"), *integers("member"), *texts("died_on", "received_on")), ("case_id",)
)
_DEATH: Final = Table("death", (*texts("name"), ("person", "bytes")))


def deaths(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per dead member and case; `in_no_case` counts the deaths of persons whom no case knows.

    `month` is that of the death; `decided_by` leaves out what was reported later. `orders` are the recoveries ordered
    in the case from that day on, `recovered_fen` what came back of them.
    `paid_months_after` and `paid_fen_after` are of transfers to the case for months after the month of death: a lead
    only where nobody else in the household counts. `in_no_case` is None when persons could not be compared for want
    of the keys; `unchecked` then counts the sealed deaths and members.
    """
    with open_view(database, scope) as view:
        dead = _dead(view)
        beside = _Beside(view, frozenset(dead))
        rows = []
        for head, _, pairs in with_rows(case_heads(view), TransferReader(view).rows()):
            if head is not None and head.case in dead and view.includes(head.programme, head.region):
                transfers = [transfer for _, transfer in pairs]
                rows += [_row(head, death, transfers, beside) for death in dead[head.case]]
        return {"known_at": view.known_at, "rows": rows, **_outside(view), **view.asked}


# Private


def _dead(view: View) -> dict[str, list[tuple[Any, ...]]]:
    dead: dict[str, dict[int, tuple[Any, ...]]] = {}
    for row in view.rows(_MEMBER_DEATH, "case_id", "member", "died_on", "received_on", "position"):
        if view.decided(row[3]) and view.scope.month in (None, row[2][:7]):
            dead.setdefault(row[0], {}).setdefault(row[1], row)
    return {case: list(members.values()) for case, members in dead.items()}


class _Beside:
    """What stands beside a death: the entries that name the dead and that report the death, and the recoveries."""

    def __init__(self, view: View, cases: frozenset[str]) -> None:
        self.joined_at: dict[tuple[str, int], int] = {}
        self.reported_at: dict[tuple[str, int], int] = {}
        reports: dict[bytes | None, int] = dict(view.rows(_DEATH, "person", "position"))
        for case, member, person, position in view.rows(MEMBER, "case_id", "member", "person", "position"):
            if case in cases and (case, member) not in self.joined_at:
                self.joined_at[case, member] = position
                if person is not None and person in reports:
                    self.reported_at[case, member] = reports[person]
        self.recoveries = orders_by_case(view, cases)


def _row(head: CaseHead, death: tuple[Any, ...], transfers: list[Transfer], beside: _Beside) -> dict[str, Any]:
    case, member, died_on, received_on, position = death
    orders = [order for order in beside.recoveries.get(case, ()) if order.decided_on >= died_on]
    after = [one for one in transfers if one.settled and one.benefit_month > died_on[:7]]
    return {
        "case": case,
        "programme": head.programme,
        "region": head.region,
        "member": member,
        "died_on": died_on,
        "received_on": received_on,
        "paid_months_after": len({one.benefit_month for one in after}),
        "paid_fen_after": sum(one.amount_fen for one in after),
        "position": position,
        "person_name": sealed(beside.joined_at.get((case, member)), "name"),
        "citizen_id": sealed(beside.joined_at.get((case, member)), "citizen_id"),
        "reported_by": sealed(beside.reported_at.get((case, member)), "reported_by"),
        "orders": [order.number for order in orders],
        "recovered_fen": sum(order.repaid_fen for order in orders),
    }


def _outside(view: View) -> dict[str, Any]:
    # A death is erased with the last case that knows the person, so it touched one; no other is of an erased member.
    gone, gone_persons = erased(view, "case"), erased(view, "person")
    members = {person for case, person in view.rows(MEMBER, "case_id", "person") if case not in gone}
    persons = [person for name, person in view.rows(_DEATH, "name", "person") if name not in gone_persons]
    unchecked = sum(person is None for person in persons)
    if unchecked or None in members:
        sealed_members = view.rows(MEMBER, "case_id", where="person IS NULL")
        counted = sum(case not in gone for (case,) in sealed_members)
        return {"in_no_case": None, "unchecked": {"deaths": unchecked, "members": counted}}
    return {"in_no_case": len(set(persons) - members)}


def _recorded(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, DeathRecorded)
    return (Row(_DEATH, (subject(recorded), None if event.citizen_id is None else mark("person", event.citizen_id))),)


DEATHS: Final = Register(
    "deaths",
    (_MEMBER_DEATH, _DEATH),
    {
        "member.died/1": plain(_MEMBER_DEATH, "member", "occurred_on", "received_on"),
        "death.recorded/1": _recorded,
    },
    opens=frozenset({"death.recorded/1"}),
)

"""`register statistics`: the monthly and yearly figures of social assistance, and who the people on the roll are.

Source: the monthly and yearly forms of the Ministry of Civil Affairs count households, persons, those who joined and
left, expenditure, and the average benefit; among the persons the old, minors, women, and the disabled.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from domain.ages import ADULT_YEARS, is_female, years_old
from domain.case_parts import Member
from domain.events.household import MemberDescribed, MemberJoined
from domain.months import add_months, first_day
from domain.recomputation import ELDERLY_YEARS, Disability, disabilities
from ledger.ledger import Ledger
from projections.case_folds import CaseFold, case_folds
from projections.database import Database
from projections.payments import monthly
from projections.register import subject
from projections.scope import UNKNOWN_PROGRAMME, Scope, View, open_view
from projections.standing import standings

FLOWS: Final = ("new_households", "new_persons", "left_households", "left_persons")
KINDS_OF_PEOPLE: Final = ("persons", "women", "elderly", "minors", "disabled", "severely_disabled")

_People = Mapping[tuple[str, int], Member]
_Counts = dict[str, int]


def statistics(ledger: Ledger, database: Database, scope: Scope) -> dict[str, Any]:
    """Return the figures per month and programme, the same per year, and the kinds of people in the latest month.

    A household is new in a month in which it is on the roll and was not in the month before, and has left in a month
    in which it is no longer; the persons who left are those who counted the month before. `paid_fen` is what the bank
    paid out in the month. `average_fen` is the due amount for each person, rounded half up to the fen; over a year it
    is that of all months. `people` says of the persons of the month asked about how many are of which kind;
    `unchecked` counts those who could not be opened.
    """
    with open_view(database, scope) as view:
        flows, counted = _flows(view)
        asked, month = view.asked, view.month
    figures = (row for row in monthly(database, scope) if row["programme"] != UNKNOWN_PROGRAMME)
    rows = [{**_figures(row), **flows[row["month"], row["programme"]]} for row in figures]
    kinds, unchecked = _kinds(ledger, counted, month, asked["known_at"]) if month else ([], 0)
    return {
        "month": month,
        "rows": rows,
        "years": list(_years(rows)),
        "people": kinds,
        **({"unchecked": {"members": unchecked}} if unchecked else {}),
        **asked,
    }


# Private


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "month": row["month"],
        "programme": row["programme"],
        "active_households": row["active_households"],
        "active_persons": row["active_persons"],
        "due_fen": row["due_fen"],
        "paid_fen": row["paid_fen"],
        "average_fen": _average(row["due_fen"], row["active_persons"]),
    }


def _flows(view: View) -> tuple[dict[tuple[str, str], _Counts], dict[str, list[tuple[str, int]]]]:
    """Return who joined and left by month and programme, and who counts in the month asked about, by programme."""
    flows = {(month, name): dict.fromkeys(FLOWS, 0) for month in view.months for name in view.programmes_asked}
    counted: dict[str, list[tuple[str, int]]] = {name: [] for name in view.programmes_asked}
    for fold in case_folds(view):
        programme = fold.head.programme
        if not view.includes(programme, fold.head.region) or fold.entitlement.starts_from() is None:
            continue
        _count_flows(fold, view.months, flows)
        if view.month and fold.entitlement.is_active(view.month):
            spans = fold.entitlement.members.items()
            counted[programme] += [(fold.case, number) for number, span in spans if span.counts_in(view.month)]
    return flows, counted


def _count_flows(fold: CaseFold, months: list[str], flows: dict[tuple[str, str], _Counts]) -> None:
    if not months:
        return
    earlier = None
    for month, found in standings(fold, [add_months(months[0], -1), *months]):
        if earlier is not None and earlier.is_active != found.is_active:
            counts = flows[month, fold.head.programme]
            kind, persons = ("new", found.persons) if found.is_active else ("left", earlier.persons)
            counts[f"{kind}_households"] += 1
            counts[f"{kind}_persons"] += persons
        earlier = found


def _years(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["month"][:4], row["programme"]), []).append(row)
    for (year, programme), months in groups.items():
        sums = {name: sum(row[name] for row in months) for name in ("due_fen", "paid_fen", *FLOWS)}
        person_months = sum(row["active_persons"] for row in months)
        yield {
            "year": year,
            "programme": programme,
            "months": len(months),
            "households_at_end": months[-1]["active_households"],
            "persons_at_end": months[-1]["active_persons"],
            "household_months": sum(row["active_households"] for row in months),
            "person_months": person_months,
            **sums,
            "average_fen": _average(sums["due_fen"], person_months),
        }


def _average(amount_fen: int, persons: int) -> int | None:
    return (2 * amount_fen + persons) // (2 * persons) if persons else None


def _kinds(
    ledger: Ledger, counted: Mapping[str, list[tuple[str, int]]], month: str, known_at: int
) -> tuple[list[dict[str, Any]], int]:
    """Return how many of the people of each programme are of which kind, and how many could not be opened."""
    people, unopened, rows = _people(ledger, known_at), 0, []
    for programme, members in counted.items():
        known = [one for key in members if (one := people.get(key)) is not None and one.citizen_id is not None]
        unopened += len(members) - len(known)
        rows.append({"programme": programme, **_counted_kinds(known, len(members), month)})
    return rows, unopened


def _counted_kinds(known: list[Member], persons: int, month: str) -> dict[str, int | None]:
    """Return how many people there are, and how many of each kind; None of a kind where nobody could be opened."""
    if persons and not known:
        return {**dict.fromkeys(KINDS_OF_PEOPLE), "persons": persons}
    counts: dict[str, int | None] = {**dict.fromkeys(KINDS_OF_PEOPLE, 0), "persons": persons}
    for kinds in (_kinds_of(member, month) for member in known):
        for kind in kinds:
            counts[kind] = (counts[kind] or 0) + 1
    return counts


def _people(ledger: Ledger, known_at: int) -> _People:
    topics = (MemberJoined.TOPIC, MemberDescribed.TOPIC)
    people: dict[tuple[str, int], Member] = {}
    for recorded in ledger.selected(topics, topics, 0, known_at):
        event = recorded.event
        assert isinstance(event, MemberJoined | MemberDescribed)
        member = people.setdefault((subject(recorded), event.member), Member(event.member))
        if isinstance(event, MemberJoined):
            member.citizen_id = event.citizen_id or member.citizen_id
        else:
            member.disability_kind = event.disability_kind or member.disability_kind
            member.disability_grade = event.disability_grade or member.disability_grade
    return people


def _kinds_of(member: Member, month: str) -> Iterator[str]:
    assert member.citizen_id is not None
    years, found = years_old(member.citizen_id, first_day(month)), set(disabilities(member, month))
    is_of_kind = {
        "women": is_female(member.citizen_id),
        "elderly": years is not None and years >= ELDERLY_YEARS,
        "minors": years is not None and years < ADULT_YEARS,
        "disabled": bool(found),
        "severely_disabled": Disability.SEVERE in found,
    }
    return (kind for kind, is_one in is_of_kind.items() if is_one)

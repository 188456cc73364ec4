"""`register publication`: the list that is put up for everybody to see (公布): name, head count and amount, no more.

Source: 民发〔2021〕57号 art 24; PIPL arts 6 and 31: no number, no address, no illness, and no minor by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from domain.ages import is_minor
from domain.events.application import ApplicationSubmitted
from domain.months import last_day
from ledger.ledger import Ledger
from projections.case_folds import CaseFold, case_folds
from projections.database import Database
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.standing import Standing, standing

HOUSEHOLDS_AT_ONCE: Final = 2_000

_Household = tuple[CaseFold, Standing]


def publication(ledger: Ledger, database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per household on the roll of the month: where, the head's name, how many people, how much.

    Rows are ordered by programme and region, and hold no case number: the list is for strangers. A head who is a
    minor at the end of the month, or whose age nobody says, has no name here.
    """
    with open_view(database, scope) as view:
        rows = list(_rows(ledger, view, view.month)) if view.month else []
        rows.sort(key=lambda row: (row["programme"], row["region"] or ""))
        return {"month": view.month, "rows": rows, **view.asked}


# Private


def _rows(ledger: Ledger, view: View, month: str) -> Iterator[dict[str, Any]]:
    folds = (fold for fold in case_folds(view) if view.includes(fold.head.programme, fold.head.region))
    active = ((fold, found) for fold in folds if (found := standing(fold, month)).is_active)
    while some := list(islice(active, HOUSEHOLDS_AT_ONCE)):
        is_named = _named(ledger, some, month)
        for fold, found in some:
            position = fold.head.position
            yield {
                "programme": fold.head.programme,
                "region": fold.head.region,
                "head_name": sealed(position, "head_name") if is_named.get(position) else None,
                "persons": found.persons,
                "due_fen": found.due_fen,
            }


def _named(ledger: Ledger, households: Sequence[_Household], month: str) -> Mapping[int, bool]:
    """Tell by the position of each application whether its head may be named; one that is sealed is, when it opens."""
    named = {}
    for recorded in ledger.at([fold.head.position for fold, _ in households]):
        event = recorded.event
        number = event.head_citizen_id if isinstance(event, ApplicationSubmitted) else None
        is_of_age = number is not None and not is_minor(number, last_day(month))
        named[recorded.position] = is_of_age or not recorded.opened
    return named

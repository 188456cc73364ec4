"""`register changes`: every change of a running case, and the exits by reason (docs/import-formats.md section 7)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from domain.change_kind import ChangeKind
from domain.entitlement import RANK_CHANGE, Entitlement, Step
from projections.case_folds import CaseFold, Change, case_folds
from projections.database import Database
from projections.registers.case_facts import GRANTED
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed


def changes(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the changes in the order of case numbers, and how many cases left the roll for each reason.

    `kind` is a word of 变更类型, or GRANTED for the new entries, which are no change and stand here only when they are
    asked for; `month` is the first month that a row applies to. An exit is a stop whose month lies in the window and
    in which the case is indeed not active: a stop that an appeal revoked is none.
    """
    with open_view(database, scope) as view:
        rows: list[dict[str, Any]] = []
        exits: Counter[str] = Counter()
        months = frozenset(view.months)
        for fold in case_folds(view):
            if view.includes(fold.head.programme, fold.head.region):
                rows += [_row(fold, change) for change in _asked(view, fold)]
                exits.update(_exits(fold, months))
        return {"rows": rows, "exits": dict(sorted(exits.items())), **view.asked}


# Private


def _asked(view: View, fold: CaseFold) -> Iterator[Change]:
    entries = [fold.granted] if fold.granted and view.scope.kind == GRANTED else []
    for change in (*entries, *fold.changes):
        if view.scope.kind in (None, change.kind) and view.scope.month in (None, change.effective_from):
            yield change


def _exits(fold: CaseFold, months: frozenset[str]) -> Iterator[str]:
    for change in fold.changes:
        month = change.effective_from
        if change.kind == ChangeKind.STOPPED and month in months and not fold.entitlement.is_active(month):
            yield change.ground or ""


def _row(fold: CaseFold, change: Change) -> dict[str, Any]:
    old_amount_fen, new_amount_fen = _amounts(fold, change)
    confirmer = fold.ruling.confirmer if change.kind == GRANTED and fold.ruling else change.confirmer
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "kind": change.kind,
        "decided_on": change.decided_on,
        "effective_from": change.effective_from,
        "amount_fen": change.amount_fen,
        "ground": change.ground,
        "handler": change.handler,
        "confirmer": confirmer,
        "position": change.position,
        "head_name": Sealed(fold.head.position, "head_name"),
        "head_citizen_id": Sealed(fold.head.position, "head_citizen_id"),
        "old_amount_fen": old_amount_fen,
        "new_amount_fen": new_amount_fen,
        "reason": None if change.ground else Sealed(change.position, "reason", fold.people),
    }


def _amounts(fold: CaseFold, change: Change) -> tuple[int | None, int | None]:
    """Return what was due for the first month of the change before it was decided, and with it."""
    month = change.effective_from
    if month is None or change.kind == GRANTED:
        return (0, change.amount_fen)
    place = Step(month, change.decided_on, RANK_CHANGE, change.position)
    whole = fold.entitlement
    before = Entitlement(
        whole.decision,
        [status for status in whole.statuses if status.step < place],
        [amount for amount in whole.amounts if amount.step < place],
    )
    old_amount_fen = before.due_fen(month)
    before.add_change(change.kind, month, change.decided_on, change.position, change.amount_fen)
    return (old_amount_fen, before.due_fen(month))

"""The filings register as it is printed: office, relative and conclusion opened from the log, masked."""

from collections.abc import Collection
from typing import Any

from domain.events.household import MemberJoined
from domain.events.staff import KinshipVisited, StaffAppointed
from domain.masking import masked
from ledger.ledger import Ledger
from projections.database import Database
from projections.filings import filings
from projections.scope import Scope


def filings_sheet(ledger: Ledger, database: Database, scope: Scope, *, reveal: bool = False) -> dict[str, Any]:
    """Return the filings register with the cells that are sealed; those that do not open stay empty."""
    answer = filings(database, scope)
    return {**answer, "rows": [_opened(ledger, row, reveal) for row in answer["rows"]]}


# Private


def _opened(ledger: Ledger, row: dict[str, Any], reveal: bool) -> dict[str, Any]:
    places = row["places"]
    shown = {key: value for key, value in row.items() if key not in ("number", "places")}
    appointed, joined = _event(ledger, places["unit"]), _event(ledger, places["relative"])
    visited = _event(ledger, places["conclusion"])
    officer = appointed.name if isinstance(appointed, StaffAppointed) else None
    relative = joined.name if isinstance(joined, MemberJoined) else None
    people = [name for name in (officer, relative) if name]
    shown["unit"] = _text("office", getattr(appointed, "office", None), people, reveal)
    shown["relative"] = _text("name", relative, people, reveal)
    if isinstance(visited, KinshipVisited):
        shown["conclusion"] = _text("conclusion", visited.conclusion, people, reveal)
        shown["visitor"] = shown["visitor"] or _text("visitor_text", visited.visitor_text, people, reveal)
    return shown


def _event(ledger: Ledger, position: int | None) -> Any:
    recorded = ledger.event(position) if position is not None else None
    return recorded.event if recorded is not None else None


def _text(field: str, text: str | None, people: Collection[str], reveal: bool) -> str | None:
    return text if text is None or reveal else masked(field, text, people)

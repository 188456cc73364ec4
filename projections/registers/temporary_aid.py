"""`register temporary-aid`: what was granted, which advances lack their papers, and what the reserve funds hold."""

from collections.abc import Iterator
from typing import Any, Final

from projections.database import Database
from projections.days import days_between
from projections.register import Register, plain
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed
from projections.table import Table, integers, texts

_AID: Final = Table(
    "temporary_aid",
    (
        *texts("subject", "number", "kind", "region", "granted_on"),
        *integers("amount_fen", "advance", "reserve", "ceiling_fen"),
        *texts("approver"),
    ),
    ("granted_on", "number"),
)
_PAPERS: Final = Table("temporary_aid_papers", texts("subject", "number", "documented_on"), ("number",))
_FUND: Final = Table("reserve_fund", (*texts("subject", "region", "day"), *integers("amount_fen")), ("region",))
_COLUMNS = (
    *("number", "kind", "region", "granted_on", "amount_fen", "advance", "reserve", "ceiling_fen", "approver"),
    "position",
)


def temporary_aid(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the grants in the order of days, and per township what its reserve fund received, paid and holds.

    `days_undocumented` counts, for an advance, from the grant to its papers or to the day asked about; `balance_fen`
    is what was left in the reserve fund after a grant out of it. `kind` and `month` (of the grant) leave rows out, and
    touch no balance. A programme leaves out everything: temporary aid is none of the three.
    """
    with open_view(database, scope) as view:
        grants = [row for row in view.rows(_AID, *_COLUMNS) if view.decided(row[3]) and view.includes("", row[2])]
        funds = _Funds(view)
        rows = [_row(view, row, funds) for row in grants]
        asked = [
            row for row in rows if scope.kind in (None, row["kind"]) and scope.month in (None, row["granted_on"][:7])
        ]
        return {"rows": asked, "reserves": list(funds.totals()), **view.asked}


# Private


class _Funds:
    """The reserve funds of the townships asked about, as the grants are taken out of them one after the other."""

    def __init__(self, view: View) -> None:
        self.documented = dict(view.rows(_PAPERS, "number", "documented_on"))
        self._received: dict[str, list[tuple[str, int]]] = {}
        self._paid: dict[str, int] = {}
        for region, day, amount_fen in view.rows(_FUND, "region", "day", "amount_fen"):
            if view.decided(day) and view.includes("", region):
                self._received.setdefault(region, []).append((day, amount_fen))

    def pay(self, region: str, day: str, amount_fen: int) -> int:
        """Take money out, and return what is left of what the fund had received by that day."""
        self._paid[region] = self._paid.get(region, 0) + amount_fen
        received_fen = sum(amount for on, amount in self._received.get(region, ()) if on <= day)
        return received_fen - self._paid[region]

    def totals(self) -> Iterator[dict[str, Any]]:
        """Yield what each fund received, paid and holds, after all the grants."""
        for region in sorted(self._received.keys() | self._paid.keys()):
            received_fen = sum(amount_fen for _, amount_fen in self._received.get(region, ()))
            paid_fen = self._paid.get(region, 0)
            yield {
                "region": region,
                "received_fen": received_fen,
                "paid_fen": paid_fen,
                "balance_fen": received_fen - paid_fen,
            }


def _row(view: View, row: tuple[Any, ...], funds: _Funds) -> dict[str, Any]:
    number, kind, region, granted_on, amount_fen, advance, reserve, ceiling_fen, approver, position = row
    documented_on = funds.documented.get(number)
    return {
        "number": number,
        "kind": kind,
        "region": region,
        "granted_on": granted_on,
        "person_name": Sealed(position, "name"),
        "citizen_id": Sealed(position, "citizen_id"),
        "reason": Sealed(position, "reason", (position,)),
        "amount_fen": amount_fen,
        "ceiling_fen": ceiling_fen,
        "over_ceiling": None if ceiling_fen is None else amount_fen > ceiling_fen,
        "advance": bool(advance),
        "documented_on": documented_on,
        "days_undocumented": days_between(granted_on, documented_on or view.as_of_text) if advance else None,
        "balance_fen": funds.pay(region, granted_on, amount_fen) if reserve else None,
        "approver": approver,
        "position": position,
    }


TEMPORARY_AID: Final = Register(
    "temporary-aid",
    (_AID, _PAPERS, _FUND),
    {
        "temporary-aid.granted/1": plain(
            *(_AID, "number", "kind", "region", "occurred_on", "amount_fen", "advance", "reserve", "ceiling_fen"),
            "approver",
        ),
        "temporary-aid.documented/1": plain(_PAPERS, "number", "occurred_on"),
        "reserve.funded/1": plain(_FUND, "region", "occurred_on", "amount_fen"),
    },
)

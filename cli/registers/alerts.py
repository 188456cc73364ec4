"""The register alerts (预警): every red flag, and what supervision made of it.

It is made by the rules of `audit flags`, which read the log itself; the register tables only say region and programme.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from audit.flags.disposition import Standing
from audit.flags.flag import Flag
from audit.flags.rule import Rule
from audit.flags.search import Scope as FlagScope
from audit.flags.search import Search
from cli.columns import columns_named
from cli.flag_list import sentence, untested_rows
from cli.flag_search import RULES_VARIABLE, chosen_rules, searched
from cli.register_table import Answer, Block, RegisterTable
from cli.words import N_, _
from domain.vocabulary import DispositionOutcome
from ledger.ledger import Ledger
from projections.case_folds import CaseHead, case_heads
from projections.database import Database
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed

OPEN: Final = "open"
NEW_FACTS: Final = "new_facts"
_WAITING: Final = frozenset({OPEN, NEW_FACTS})
_RESULTS: Final = (OPEN, NEW_FACTS, *(outcome.name.lower() for outcome in DispositionOutcome))


def alerts(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    """Return one row per flag, those that wait for somebody first; `totals` counts them by rule.

    `result` is `open`, `new_facts` where a disposition no longer holds, or its outcome; `kind` is one of these words,
    `month` that of the flag. `decided_by` leaves out what became of a flag later. `untested` says which rules could not
    be checked in which cases, `unchecked` counts these rules; `not_applicable` says which have nothing to test here.
    """
    folder = os.environ.get(RULES_VARIABLE)
    rules = chosen_rules(Path(folder) if folder else None, ())
    with open_view(database, scope) as view:
        found = searched(ledger, rules, FlagScope(view.as_of, view.known_at, scope.region, scope.programme))
        rows = sorted(_rows(ledger, view, found, rules), key=lambda row: row["result"] not in _WAITING)
        blind = {one.rule for one in found.untested}
        return {
            "rows": rows,
            "totals": _totals(rows),
            "untested": untested_rows(found.untested),
            "not_applicable": untested_rows(found.not_applicable),
            **({"unchecked": {"rules": len(blind)}} if blind else {}),
            **view.asked,
        }


# Private


def _rows(ledger: Ledger, view: View, found: Search, rules: Mapping[str, Rule]) -> Iterator[dict[str, Any]]:
    heads = {head.case: head for head in case_heads(view)}
    standings = {flag.key: _standing(view, found, flag) for flag in found.flags}
    positions = {one.disposition.positions[0] for one in standings.values() if one is not None}
    handlers = {one.position: one.by for one in ledger.at(positions, ())} if positions else {}
    for flag in found.flags:
        row = _row(flag, rules[flag.rule], heads.get(flag.case), standings[flag.key], handlers)
        if view.scope.kind in (None, row["result"]) and view.scope.month in (None, flag.month):
            yield row


def _standing(view: View, found: Search, flag: Flag) -> Standing | None:
    standing = found.standing(flag)
    return standing if standing and view.decided(standing.disposition.disposed_on.isoformat()) else None


def _row(
    flag: Flag, rule: Rule, head: CaseHead | None, standing: Standing | None, handlers: Mapping[int, str]
) -> dict[str, Any]:
    made = standing.disposition if standing else None
    return {
        "rule": flag.rule,
        "title": _(rule.title),
        "case": flag.case,
        "month": flag.month,
        "ref": flag.shown_reference,
        "amount_fen": flag.amount_fen,
        "text": sentence(flag, rule),
        "result": _result(standing),
        "handler": handlers.get(made.positions[0]) if made else None,
        "disposed_on": made.disposed_on.isoformat() if made else None,
        "entries": list(flag.entries),
        "reason": Sealed(made.positions[0], "reason", (head.position,) if head else flag.entries) if made else None,
        "programme": head.programme if head else None,
        "region": head.region if head else None,
    }


def _result(standing: Standing | None) -> str:
    if standing is None:
        return OPEN
    return DispositionOutcome(standing.disposition.outcome).name.lower() if standing.holds else NEW_FACTS


def _totals(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    totals: dict[str, dict[str, Any]] = {}
    for row in rows:
        counts = totals.setdefault(row["rule"], {"title": row["title"], "alerts": 0, "open": 0, "amount_fen": 0})
        counts["alerts"] += 1
        counts["open"] += row["result"] in _WAITING
        counts["amount_fen"] += row["amount_fen"]
    return [{"rule": rule, **totals[rule]} for rule in sorted(totals)]


REGISTER: Final = RegisterTable(
    N_("Alerts"),
    alerts,
    columns_named(
        *("rule", "title", "case", "month", "ref", "amount_fen", "text", "result", "handler", "disposed_on"),
        *("entries", "reason", "programme", "region"),
        result=DispositionOutcome,
    ),
    (
        Block("totals", N_("Totals"), columns_named("rule", "title", "alerts", "open", "amount_fen")),
        Block("untested", N_("What could not be checked"), columns_named("rule", "reason", "cases")),
        Block("not_applicable", N_("What does not apply here"), columns_named("rule", "reason", "cases")),
    ),
    sums=("amount_fen",),
    months=True,
    kinds=_RESULTS,
    kind_vocabulary=DispositionOutcome,
    source=N_("A red flag is a lead and no finding (民发〔2021〕57号 art 28)."),
)

"""The register alerts (预警): every red flag, and what supervision made of it."""

from typing import Any, Final

from audit.flags.flag import Flag
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope as FlagScope
from audit.flags.search import Search, search
from audit.flags.untested import KEYS_GONE, NO_KEYS
from cli.columns import columns_named
from cli.flag_list import sentence
from cli.register_table import Answer, Block, RegisterTable
from cli.words import N_, _
from domain.vocabulary import DispositionOutcome
from ledger.ledger import Ledger
from projections.database import Database
from projections.scope import Scope

OPEN: Final = "open"
NEW_FACTS: Final = "new_facts"


def alerts(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    """Return one row per flag, those that wait for somebody first; `totals` counts them by rule.

    `result` is `open`, `new_facts` where a disposition no longer holds, or its outcome. `unchecked` counts
    the rules that want the keys. The registers' tables are not asked.
    """
    rules = load_rules(None)
    asked = FlagScope(scope.as_of, scope.known_at, scope.region, scope.programme)
    found = search(ledger, rules.values(), asked)
    rows = [_row(ledger, found, flag, rules[flag.rule].title, sentence(flag, rules[flag.rule])) for flag in found.flags]
    rows.sort(key=lambda row: row["result"] not in (OPEN, NEW_FACTS))
    closed = {one.rule for one in found.untested if one.reason in (NO_KEYS, KEYS_GONE)}
    totals: dict[str, dict[str, Any]] = {}
    for row in rows:
        counts = totals.setdefault(row["rule"], {"title": row["title"], "alerts": 0, "open": 0, "amount_fen": 0})
        counts["alerts"] += 1
        counts["open"] += row["result"] in (OPEN, NEW_FACTS)
        counts["amount_fen"] += row["amount_fen"]
    return {
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "known_at": found.known_at,
        "region": scope.region,
        "programme": scope.programme,
        "rows": rows,
        "totals": [{"rule": rule, **totals[rule]} for rule in sorted(totals)],
        **({"unchecked": {"rules": len(closed)}} if closed else {}),
    }


# Private


def _row(ledger: Ledger, found: Search, flag: Flag, title: str, text: str) -> dict[str, Any]:
    standing = found.standing(flag)
    recorded = ledger.event(standing.disposition.positions[0]) if standing else None
    result = OPEN
    if standing is not None:
        result = DispositionOutcome(standing.disposition.outcome).name.lower() if standing.holds else NEW_FACTS
    return {
        "rule": flag.rule,
        "title": _(title),
        "case": flag.case,
        "month": flag.month,
        "ref": flag.shown_reference,
        "amount_fen": flag.amount_fen,
        "text": text,
        "result": result,
        "handler": recorded.by if recorded else None,
        "disposed_on": standing.disposition.disposed_on.isoformat() if standing else None,
        "entries": list(flag.entries),
    }


REGISTER: Final = RegisterTable(
    N_("Alerts"),
    alerts,
    columns_named(
        "rule", "title", "case", "month", "ref", "amount_fen", "text", "result", "handler", "disposed_on", "entries"
    ),
    (Block("totals", N_("Totals"), columns_named("rule", "title", "alerts", "open", "amount_fen")),),
    sums=("amount_fen",),
    source=N_("A red flag is a lead and no finding (民发〔2021〕57号 art 28)."),
)

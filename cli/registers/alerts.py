"""The register alerts (预警): every red flag, who handled it and what it came to.

It is made by the rules of `audit flags`, which read the log itself; the register tables only say region and programme.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from audit.flags.disposition import Standing
from audit.flags.flag import Flag
from audit.flags.rule import Rule
from audit.flags.search import Scope as Asked
from audit.flags.search import Search
from audit.flags.untested import KEYS_GONE, NO_KEYS
from cli.columns import columns_named
from cli.flag_list import sentence, untested_reason
from cli.flag_search import RULES_VARIABLE, chosen_rules, searched
from cli.register_table import Answer, Block, RegisterTable
from cli.words import N_, _
from domain.vocabulary import DispositionOutcome
from ledger.ledger import Ledger
from projections.case_folds import CaseHead, case_heads
from projections.database import Database
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed

UNHANDLED: Final = "unhandled"
HANDLED: Final = "handled"
REOPENED: Final = "reopened"


def _alerts(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    """Return the flags of the cases asked about; `status` is unhandled, handled, or reopened by new facts.

    `kind` is one of these words, `month` that of the flag. `decided_by` leaves out what became of a flag later.
    """
    folder = os.environ.get(RULES_VARIABLE)
    rules = chosen_rules(Path(folder) if folder else None, ())
    with open_view(database, scope) as view:
        asked = Asked(view.as_of, view.known_at, scope.region, scope.programme)
        found = searched(ledger, rules, asked)
        rows = list(_rows(ledger, view, found, rules))
        untested = [{"rule": one.rule, "reason": untested_reason(one), "cases": one.cases} for one in found.untested]
        sealed = sum(one.reason in (NO_KEYS, KEYS_GONE) for one in found.untested)
        unchecked = {"unchecked": {"facts_of_rules": sealed}} if sealed else {}
        return {"rows": rows, "untested": untested, **unchecked, **view.asked}


# Private


def _rows(ledger: Ledger, view: View, found: Search, rules: Mapping[str, Rule]) -> Iterator[dict[str, Any]]:
    heads = {head.case: head for head in case_heads(view)}
    standings = {flag.key: _standing(view, found, flag) for flag in found.flags}
    positions = {one.disposition.positions[0] for one in standings.values() if one is not None}
    handlers = {one.position: one.by for one in ledger.at(positions, ())} if positions else {}
    for flag in found.flags:
        row = _row(flag, rules[flag.rule], heads.get(flag.case), standings[flag.key], handlers)
        if view.scope.kind in (None, row["status"]) and view.scope.month in (None, flag.month):
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
        "programme": head.programme if head else None,
        "region": head.region if head else None,
        "month": flag.month,
        "ref": flag.shown_reference,
        "amount_fen": flag.amount_fen,
        "text": sentence(flag, rule),
        "status": UNHANDLED if standing is None else HANDLED if standing.holds else REOPENED,
        "handler": handlers.get(made.positions[0]) if made else None,
        "handled_on": made.disposed_on.isoformat() if made else None,
        "disposition": made.outcome if made else None,
        "reason": Sealed(made.positions[0], "reason", (head.position,) if head else ()) if made else None,
        "entries": list(flag.entries),
    }


REGISTER: Final = RegisterTable(
    N_("Alerts"),
    _alerts,
    columns_named(
        *("rule", "title", "case", "programme", "region", "month", "ref", "amount_fen", "text", "status", "handler"),
        *("handled_on", "disposition", "reason", "entries"),
        disposition=DispositionOutcome,
    ),
    (Block("untested", N_("What could not be checked"), columns_named("rule", "reason", "cases")),),
    sums=("amount_fen",),
    months=True,
    kinds=(UNHANDLED, HANDLED, REOPENED),
    source=N_("民发〔2021〕57号 art 28; opinion on low-income monitoring of 2023"),
)

"""A county's files go in and every number of its answer key comes out of the registers, to the fen.

Simulated counties bring a key that the simulator computes from its own world; the shared county has one of its own.
"""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.intake.loader import load_delivery
from cli.simulation.county import simulate
from ledger.hashing import suite_named
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from projections.caseload import caseload
from projections.cases import cases
from projections.changes import changes
from projections.decisions import decisions
from projections.filings import filings
from projections.follower import Follower
from projections.imports import imports
from projections.month_end import caseload_month_end
from projections.payments import monthly, payments
from projections.reconciliation import reconcile
from projections.registers.appeals import appeals
from projections.registers.credit import credit
from projections.registers.recoveries import recoveries
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase

COUNTY = Path(__file__).parents[2].parent / "shared" / "county"
ORIGIN = "county.example/ledger"

SIMULATED: dict[str, dict[str, Any]] = {
    "simulated": {"households": 70, "months": 6, "seed": 11},
    "in three deliveries": {"households": 90, "months": 7, "seed": 12, "deliveries": 3},
}


@pytest.fixture(scope="module", params=["shared", *SIMULATED])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Any]:
    """The folders of the deliveries, in order, and the answer key."""
    if request.param == "shared":
        if not COUNTY.exists():
            pytest.skip("the shared county is not here; the simulated ones are")
        return [COUNTY], json.loads((COUNTY / "control-totals.json").read_text("utf-8"))
    folder = tmp_path_factory.mktemp("simulated")
    key = simulate(folder / "county", **SIMULATED[request.param])
    parts = sorted(path for path in (folder / "county").iterdir() if path.is_dir())
    return parts or [folder / "county"], key


@pytest.fixture(scope="module")
def totals(county: tuple[list[Path], Any]) -> dict[str, Any]:
    found: dict[str, Any] = county[1]
    return found


@pytest.fixture(scope="module")
def database(county: tuple[list[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLiteDatabase]:
    folder = tmp_path_factory.mktemp("county")
    suite = suite_named("mingzhang/v1")
    start = datetime.datetime(2025, 1, 6, 9, tzinfo=datetime.UTC)
    with (
        KeyStore.create(folder / "keys", ORIGIN, suite) as keys,
        Ledger.create(f"sqlite:///{folder / 'county.db'}", ORIGIN, suite, keys) as ledger,
    ):
        registers = SQLiteDatabase.beside(folder / "county.db")
        for delivery in county[0]:
            load_delivery(
                ledger, keys, [delivery], by="system/import", clock=lambda: start, progress=lambda name, count: None
            )
            Follower(ledger, registers).catch_up()
        yield registers
        registers.close()


def test_monthly_totals_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    assert _keyed(monthly(database, Scope())) == _keyed(totals["monthly"])


def test_payments_of_each_month_add_up_to_the_monthly_totals(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    for row in totals["monthly"]:
        found = payments(database, Scope(month=row["month"]))
        (own,) = [one for one in found["totals"] if one["programme"] == row["programme"]]
        assert {name: row[name] for name in own} == own | {"programme": row["programme"]}


def test_caseload_at_each_month_end_is_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    assert _keyed(caseload_month_end(database, Scope())) == _keyed(totals["caseload_month_end"])


def test_caseload_register_of_each_month_agrees_with_the_monthly_totals(
    database: SQLiteDatabase, totals: dict[str, Any]
) -> None:
    for month in sorted({row["month"] for row in totals["monthly"]}):
        as_of = datetime.date.fromisoformat(f"{month}-28")
        found = {row["programme"]: row for row in caseload(database, Scope(as_of=as_of))["totals"]}
        for row in totals["monthly"] + totals["caseload_month_end"]:
            if row["month"] == month and row["programme"] in found:
                shared = found[row["programme"]].keys() & row.keys()
                assert {name: row[name] for name in shared} == {name: found[row["programme"]][name] for name in shared}


def test_decisions_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    found = decisions(database, Scope())
    assert found["totals"] == totals["decisions"]
    assert found["in_window"] == totals["decisions_in_window"]


def test_exits_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    assert changes(database, Scope())["exits"] == totals["exits"]


def test_filings_are_reproduced_with_the_unfiled_ones_named(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    found = filings(database, Scope())
    assert {name: found[name] for name in ("filed", "unfiled")} == totals["filings"]
    findings = {(flag["case"], flag["ref"]) for flag in totals["flags"] if flag["rule"] == "RF10"}
    assert {(row["case"], row["staff"]) for row in found["rows"] if row["status"] == "unfiled"} == findings
    assert "unchecked" not in found


def test_recoveries_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    rows, keys = recoveries(database, Scope())["rows"], list(totals["recoveries"][0])
    assert [{key: row[key] for key in keys} for row in rows] == totals["recoveries"]
    assert all(list(row)[: len(keys)] == keys for row in rows)


def test_reconciliation_classes_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    found = reconcile(database, Scope())
    occurring = {name: sums for name, sums in found["classes"].items() if sums["count"]}
    assert occurring == totals["reconciliation"]["classes"]
    assert [(row["case"], row["month"]) for row in found["rows"]] == sorted(
        (row["case"], row["month"]) for row in found["rows"]
    )


def test_appeals_and_credit_are_reproduced(database: SQLiteDatabase, totals: dict[str, Any]) -> None:
    assert appeals(database, Scope())["totals"] == totals["appeals"]
    assert len(credit(database, Scope())["rows"]) == totals["credit_entries"]


def test_import_register_counts_rejected_held_and_conflicting_rows(
    database: SQLiteDatabase, totals: dict[str, Any]
) -> None:
    deliveries = imports(database, Scope())["deliveries"]
    found = {name: sum(one[name] for one in deliveries) for name in ("held", "duplicates", "rejected", "conflicts")}
    assert found["held"] == len(totals["held_rows"])
    assert found["duplicates"] == sum(totals["duplicate_rows"].values())
    assert found["rejected"] == len({(row["file"], row["sheet"], row["row"]) for row in totals["bad_rows"]})
    assert found["conflicts"] == len(
        {(row["second"]["file"], row["second"]["sheet"], row["second"]["row"]) for row in totals["conflicts"]}
    )


def test_townships_add_up_to_the_county(database: SQLiteDatabase) -> None:
    rows = cases(database, Scope())["rows"]
    whole = caseload(database, Scope())
    parts = [caseload(database, Scope(region=region)) for region in sorted({row["region"] for row in rows})]
    assert len(parts) > 1
    assert sorted(row["case"] for part in parts for row in part["rows"]) == [row["case"] for row in whole["rows"]]
    for index, total in enumerate(whole["totals"]):
        assert total["due_fen"] == sum(part["totals"][index]["due_fen"] for part in parts)
    classes = reconcile(database, Scope())["classes"]
    of_parts = [reconcile(database, Scope(region=region))["classes"] for region in {row["region"] for row in rows}]
    assert classes["matched"]["paid_fen"] == sum(part["matched"]["paid_fen"] for part in of_parts)


# Private


def _keyed(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["month"], row["programme"]): row for row in rows}

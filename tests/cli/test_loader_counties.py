"""Whole synthetic counties: what an import reports is what their answer keys say, whatever the seed."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.simulation.county import simulate
from domain.fields import Source

COUNTIES = [(60, 6, 1, 1.0, 11), (80, 6, 1, 2.5, 12), (90, 9, 3, 1.0, 13), (120, 6, 2, 2.0, 14), (300, 6, 3, 1.0, 15)]
COUNTS = ("rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")


class Reports:
    """The reports of a county's deliveries in the words of an answer key."""

    def __init__(self, office: Any, folder: Path, deliveries: int) -> None:
        names = [""] if deliveries == 1 else [f"第{number}批" for number in range(1, deliveries + 1)]
        self.folders = [folder / name for name in names]
        self._parts = [(f"{name}/" if name else "", office.load(folder / name)) for name in names]

    def rejected(self) -> set[tuple[Any, ...]]:
        return {
            (prefix + c.place.file, c.place.sheet, c.place.row, c.fault.column, c.fault.code.value, c.fault.value)
            for prefix, report in self._parts
            for c in report.rejects
        }

    def held(self) -> set[tuple[Any, ...]]:
        return {(prefix + h.place.file, h.place.sheet, h.place.row) for prefix, r in self._parts for h in r.held}

    def conflicts(self) -> set[tuple[Any, ...]]:
        return {
            (
                *(c.first.file, c.first.sheet, c.first.row),
                *(prefix + c.second.file, c.second.sheet, c.second.row),
                *(c.key, c.column, c.kept, c.other),
            )
            for prefix, report in self._parts
            for c in report.conflicts
        }

    def files(self) -> dict[str, dict[str, int]]:
        return {
            prefix + file.file: {name: getattr(file, name) for name in COUNTS}
            for prefix, report in self._parts
            for file in report.files
        }


@pytest.mark.parametrize(("households", "months", "deliveries", "messy", "seed"), COUNTIES)
def test_an_import_reports_what_the_answer_key_says(
    office: Any, tmp_path: Path, households: int, months: int, deliveries: int, messy: float, seed: int
) -> None:
    folder = tmp_path / "county"
    key = simulate(folder, households=households, months=months, seed=seed, deliveries=deliveries, messy=messy)
    reports = Reports(office, folder, deliveries)
    assert reports.rejected() == {
        tuple(bad[name] for name in ("file", "sheet", "row", "column", "code", "value")) for bad in key["bad_rows"]
    }
    assert reports.held() == {tuple(row[name] for name in ("file", "sheet", "row")) for row in key["held_rows"]}
    assert reports.conflicts() == {
        (
            *(Path(c["first"]["file"]).name, c["first"]["sheet"], c["first"]["row"]),
            *(c["second"][name] for name in ("file", "sheet", "row")),
            *(tuple(c["key"]), c["column"], c["kept"], c["other"]),
        )
        for c in key["conflicts"]
    }
    assert reports.files() == {file["file"]: {name: file[name] for name in COUNTS} for file in key["files"]}
    root = office.ledger.head().root
    for delivery in reports.folders:
        assert office.load(delivery).entries_added == 0
    assert office.ledger.head().root == root


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(1, 10**6), households=st.integers(20, 60), deliveries=st.integers(1, 3))
def test_every_row_of_every_file_is_counted_once_and_followed_both_ways(
    office: Any, tmp_path_factory: pytest.TempPathFactory, seed: int, households: int, deliveries: int
) -> None:
    """Rows add up for every file (checked by `load`), and each entry's source is a row of a file of its import."""
    home = tmp_path_factory.mktemp("county")
    made = type(office)(home)
    folder = home / "files"
    key = simulate(folder, households=households, months=4, seed=seed, deliveries=deliveries, messy=1.5)
    files = Reports(made, folder, deliveries).files()
    assert files == {file["file"]: {name: file[name] for name in COUNTS} for file in key["files"]}
    rows: dict[tuple[str, int], set[tuple[int, int]]] = {}
    for recorded in made.events():
        source = getattr(recorded.event, "source", None)
        if isinstance(source, Source) and recorded.topic != "import.described/1":
            place = (source.file.stream, source.file.seq)
            rows.setdefault(place, set()).add((source.sheet or 0, source.row))
    counted = sum(f["rows"] - f["duplicates"] for name, f in files.items() if "资料说明" not in name)
    assert sum(map(len, rows.values())) == counted
    made.close()

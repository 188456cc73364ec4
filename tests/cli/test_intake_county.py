"""The whole sample county, when it lies beside the checkout: exactly its bad cells are found."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from cli.intake.files import Discovery, discover, read_rows
from domain.formats.catalogue import FORMATS
from domain.formats.columns import Value
from domain.formats.description import read_description
from domain.formats.rows import CheckedRow, check_row

COUNTY = Path(__file__).parents[2].parent / "shared" / "county"
NEEDS_REFERENCES = ("unknown_case", "unknown_person", "unknown_staff", "unknown_order")


@pytest.fixture(scope="module")
def found() -> Discovery:
    if not COUNTY.is_dir():
        pytest.skip("the sample county is not here")
    return discover([COUNTY])


@pytest.fixture(scope="module")
def answers(found: Discovery) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((COUNTY / "control-totals.json").read_text(encoding="utf-8"))
    return answers


@pytest.fixture(scope="module")
def rows(found: Discovery) -> list[CheckedRow]:
    programmes: dict[Value, Value] = {}
    checked: list[CheckedRow] = []
    for source in found.files:
        for raw in read_rows(source):
            row = check_row(
                FORMATS[source.kind],
                raw.place,
                raw.cells,
                closing_date=datetime.date(2024, 12, 31),
                programme_of=lambda case: str(programmes.get(case)),
            )
            if source.kind == "申请" and "救助项目" in row.values:
                programmes[row.values["申请编号"]] = row.values["救助项目"]
            checked.append(row)
    return checked


def test_every_file_of_the_county_is_recognised(found: Discovery) -> None:
    assert len(found.files) == 42
    assert {source.kind for source in found.files} == set(FORMATS)
    assert found.unreadable == []
    assert {skipped.path.name for skipped in found.skipped} == {"README.md", "control-totals.json"}


def test_exactly_the_bad_cells_of_the_county_are_found(answers: dict[str, Any], rows: list[CheckedRow]) -> None:
    expected = {
        (bad["file"], bad["sheet"], bad["row"], bad["column"], bad["code"], bad["value"])
        for bad in answers["bad_rows"]
        if bad["code"] not in NEEDS_REFERENCES
    }
    found = {
        (row.place.file, row.place.sheet, row.place.row, fault.column, fault.code.value, fault.value)
        for row in rows
        for fault in row.faults
    }
    assert found == expected


def test_the_county_describes_itself(rows: list[CheckedRow]) -> None:
    described = read_description(row.values for row in rows if row.place.file == "资料说明.csv")
    assert (described.county_name, described.region) == ("云岭县", "520121")
    assert (described.first_month, described.closing_date) == ("2024-01", datetime.date(2024, 12, 31))


def test_no_row_of_the_county_raises_a_warning_of_its_cells(rows: list[CheckedRow]) -> None:
    assert [notice for row in rows for notice in row.warnings] == []

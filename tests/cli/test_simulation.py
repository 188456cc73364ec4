"""The simulator: its files can be read back by the contract, and its answers hold together."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest
from click.testing import CliRunner

from cli.main import mingzhang
from cli.simulation import standards
from cli.simulation.answer_key import AnswerKey, answer
from cli.simulation.county import simulate
from cli.simulation.disguise import SYNONYMS, Disguise
from cli.simulation.errors import DirectoryNotEmpty, SimulationError
from cli.simulation.history import build_world
from cli.simulation.people import with_check_character, with_luhn_digit
from cli.simulation.plants import plan
from cli.simulation.plants.papers import Papers
from cli.simulation.schema import KINDS, Kind
from cli.simulation.world import Case, Row, Value, World

SKIPPED = ("合计", "小计", "总计", "制表人", "填表人", "审核人", "备注")
CODES = {
    "missing_required",
    "bad_id",
    "bad_check_digit",
    "bad_date",
    "bad_month",
    "not_a_number",
    "negative_amount",
    "bad_account",
    "unknown_value",
    "unknown_case",
    "unknown_person",
    "unknown_staff",
    "unknown_order",
    "end_before_start",
}
Found = dict[tuple[str, int], dict[str, str]]  # sheet and physical row → header → normalised text


SHARED_COUNTY = Path(__file__).parents[2].parent / "shared" / "county"


@pytest.fixture(scope="module")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnswerKey]:
    """A county of the demo's size at the usual untidiness."""
    folder = tmp_path_factory.mktemp("untidy") / "county"
    return folder, simulate(folder, households=60, months=6, seed=1)


@pytest.fixture(scope="module")
def instalments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnswerKey]:
    """A county handed over in three deliveries."""
    folder = tmp_path_factory.mktemp("instalments") / "county"
    return folder, simulate(folder, households=80, months=9, seed=4, deliveries=3)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnswerKey]:
    """A county with tidy files."""
    folder = tmp_path_factory.mktemp("clean") / "county"
    return folder, simulate(folder, households=60, months=6, seed=1, messy=0)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def grids(path: Path, kind: Kind) -> list[tuple[str, list[list[object]]]]:
    """Read a file's sheets as the contract says: merged values spread, CSV in either encoding."""
    if kind.encoding:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030")
        return [("", [list(row) for row in csv.reader(io.StringIO(text))])]
    sheets = []
    for page in openpyxl.load_workbook(path).worksheets:
        grid = [list(row) for row in page.iter_rows(values_only=True)]
        for merged in page.merged_cells.ranges:
            for row in range(merged.min_row, merged.max_row + 1):
                for column in range(merged.min_col, merged.max_col + 1):
                    grid[row - 1][column - 1] = grid[merged.min_row - 1][merged.min_col - 1]
        sheets.append((page.title, grid))
    return sheets


def normal(cell: object, cell_type: str) -> str:
    """Normalise a cell to comparable text: ISO days and months, amounts in fen, numbers in digits."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell_type == "date" else f"{cell:%Y-%m}"
    text = unicodedata.normalize("NFKC", "" if cell is None else str(cell))
    text = text.strip() if cell_type == "text" else re.sub(r"\s", "", text)
    if cell_type == "id":
        return text.upper()
    if cell_type == "enum":
        return next((value for value, others in SYNONYMS.items() if text in others), text)
    parts = [int(part) for part in re.findall(r"\d+", text)]
    if cell_type == "date" and parts:
        if len(parts) == 1 and len(text) == 8:
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return "-".join(f"{part:02d}" for part in parts)
    if cell_type == "month" and parts:
        return f"{text[:4]}-{text[4:]}" if len(parts) == 1 else f"{parts[0]}-{parts[1]:02d}"
    if cell_type == "amount" and re.fullmatch(r"¥?-?[\d,]+(\.\d+)?元?", text):
        return str(int(Decimal(re.sub("[¥,元]", "", text)) * 100))
    return text


def read(path: Path, kind: Kind) -> Found:
    """Read the data rows of a file; a missing header makes the test fail."""
    names = {alias: column for column in kind.columns for alias in (column.header, *column.aliases)}
    found: Found = {}
    for sheet, grid in grids(path, kind):
        for place, row in enumerate(grid[:10]):  # noqa: B007 - used after the loop
            headers = [names.get(re.sub(r"\s", "", str(cell))) for cell in row]
            if {column.header for column in headers if column} == {column.header for column in kind.columns}:
                break
        else:
            assert sheet == "填表说明", f"{path.name} {sheet}: no header row"
            continue
        for number, row in enumerate(grid[place + 1 :], start=place + 2):
            texts = [normal(cell, "code") for cell in row]
            first = next((text for text in texts if text), "")
            if first and not first.startswith(SKIPPED):
                pairs = zip(headers, row, strict=False)
                found[sheet, number] = {column.header: normal(cell, column.type) for column, cell in pairs if column}
    return found


def read_all(folder: Path, answers: AnswerKey) -> dict[str, Found]:
    return {record["file"]: read(folder / record["file"], KINDS[record["kind"]]) for record in answers["files"]}


def test_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    first = simulate(tmp_path / "a", households=12, months=3, seed=9, key=tmp_path / "a.json")
    simulate(tmp_path / "b", households=12, months=3, seed=9, key=tmp_path / "b.json")
    simulate(tmp_path / "c", households=12, months=3, seed=10)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") != digests(tmp_path / "c")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == first


@pytest.mark.parametrize("county", ["untidy", "instalments", "clean"])
def test_every_file_reads_back_with_the_rows_the_key_counts(county: str, request: pytest.FixtureRequest) -> None:
    folder, answers = request.getfixturevalue(county)
    assert sorted(digests(folder)) == sorted(answers["meta"]["files"])
    for record in answers["files"]:
        rows = read(folder / record["file"], KINDS[record["kind"]])
        parts = ("loaded", "completed", "duplicates", "rejected", "held", "conflicts")
        assert len(rows) == record["rows"] == sum(record[part] for part in parts), record["file"]


@pytest.mark.parametrize("county", ["untidy", "instalments"])
def test_bad_rows_stand_where_the_key_says(county: str, request: pytest.FixtureRequest) -> None:
    folder, answers = request.getfixturevalue(county)
    files = read_all(folder, answers)
    for bad in answers["bad_rows"]:
        cell = files[bad["file"]][bad["sheet"], bad["row"]][bad["column"]]
        kind = next(record["kind"] for record in answers["files"] if record["file"] == bad["file"])
        assert cell == normal(bad["value"], KINDS[kind].column(bad["column"]).type), bad


@pytest.mark.parametrize("county", ["untidy", "instalments"])
def test_conflicts_differ_in_their_column_alone(county: str, request: pytest.FixtureRequest) -> None:
    folder, answers = request.getfixturevalue(county)
    files = read_all(folder, answers)
    assert answers["conflicts"]
    for conflict in answers["conflicts"]:
        first, second = (
            files[place["file"]][place["sheet"], place["row"]] for place in (conflict["first"], conflict["second"])
        )
        differing = [header for header in first if first[header] != second[header]]
        assert differing == [conflict["column"]]
        assert (conflict["kept"], conflict["other"]) == (first[differing[0]], second[differing[0]])


@pytest.mark.parametrize("county", ["untidy", "instalments", "clean"])
def test_repeated_keys_are_the_duplicates_conflicts_and_completions(
    county: str, request: pytest.FixtureRequest
) -> None:
    folder, answers = request.getfixturevalue(county)
    refused = {(row["file"], row["sheet"], row["row"]) for row in (*answers["bad_rows"], *answers["held_rows"])}
    repeated: Counter[str] = Counter()
    seen: dict[tuple[str, ...], dict[str, str]] = {}
    for record in answers["files"]:
        kind = KINDS[record["kind"]]
        if kind.name == "资料说明":
            continue
        for (sheet, number), row in read(folder / record["file"], kind).items():
            if (record["file"], sheet, number) in refused:
                continue
            key = (kind.name, *(row[header] for header in kind.key))
            stands = seen.setdefault(key, row)
            if stands is row:
                continue
            if stands == row:
                repeated["duplicates"] += 1
            elif all(stands[header] in ("", row[header]) for header in row):
                repeated["completed"] += 1
                seen[key] = row
            else:
                repeated["conflicts"] += 1
    for name in ("duplicates", "completed", "conflicts"):
        assert repeated[name] == sum(record[name] for record in answers["files"]), name
    assert repeated["duplicates"] == sum(answers["duplicate_rows"].values())


def test_ids_and_accounts_of_good_rows_pass_their_checks(untidy: tuple[Path, AnswerKey]) -> None:
    folder, answers = untidy
    bad = {(row["file"], row["sheet"], row["row"], row["column"]) for row in answers["bad_rows"]}
    checked: Counter[str] = Counter()
    for record in answers["files"]:
        kind = KINDS[record["kind"]]
        for (sheet, number), row in read(folder / record["file"], kind).items():
            for column in kind.columns:
                if (record["file"], sheet, number, column.header) in bad:
                    continue
                value = row[column.header]
                checked[column.type] += 1
                if column.type == "id":
                    assert with_check_character(value[:17]) == value
                    assert date.fromisoformat(f"{value[6:10]}-{value[10:12]}-{value[12:14]}") <= date(2024, 6, 30)
                if column.type == "account":
                    assert with_luhn_digit(value[:18]) == value
    assert checked["id"] > 500 and checked["account"] > 300


def test_known_check_characters_are_reproduced() -> None:
    assert with_check_character("11010519491231002") == "11010519491231002X"
    assert with_check_character("44052418800101001") == "440524188001010014"
    assert with_luhn_digit("622202000000000001") == "6222020000000000018"


def test_every_code_of_bad_row_occurs(untidy: tuple[Path, AnswerKey]) -> None:
    assert {row["code"] for row in untidy[1]["bad_rows"]} == CODES
    assert untidy[1]["held_rows"]


def test_a_held_case_may_come_again_whole_in_a_later_delivery(instalments: tuple[Path, AnswerKey]) -> None:
    folder, answers = instalments
    files = read_all(folder, answers)
    held = {(row["file"], row["sheet"], row["row"]) for row in answers["held_rows"] if row["case"]}
    refused = held | {(row["file"], row["sheet"], row["row"]) for row in answers["bad_rows"]}
    loaded = {
        row["申请编号"]
        for file, rows in files.items()
        for (sheet, number), row in rows.items()
        if file.endswith("/申请.xlsx") and (file, sheet, number) not in refused
    }
    assert {row["case"] for row in answers["held_rows"]} & loaded


def test_clean_county_has_nothing_to_reject(clean: tuple[Path, AnswerKey]) -> None:
    answers = clean[1]
    assert answers["bad_rows"] == answers["held_rows"] == answers["conflicts"] == []
    assert answers["duplicate_rows"] == {}
    assert all(record["rows"] == record["loaded"] for record in answers["files"])


def test_paid_money_is_the_money_of_the_bank_files(clean: tuple[Path, AnswerKey]) -> None:
    folder, answers = clean
    for month in sorted({record["month"] for record in answers["monthly"]}):
        rows = read(folder / f"银行回单-{month}.csv", KINDS["银行回单"]).values()
        of_month = [record for record in answers["monthly"] if record["month"] == month]
        paid = [int(row["金额"]) for row in rows if row["状态"] == "成功"]
        assert sum(record["paid_fen"] for record in of_month) == sum(paid)
        assert sum(record["paid_count"] for record in of_month) == len(paid)
        returned = [int(row["金额"]) for row in rows if row["状态"] == "退票"]
        assert sum(record["returned_fen"] for record in of_month) == sum(returned)


@pytest.mark.parametrize("county", ["untidy", "instalments", "clean"])
def test_answers_agree_with_each_other(county: str, request: pytest.FixtureRequest) -> None:
    answers: AnswerKey = request.getfixturevalue(county)[1]
    classes = answers["reconciliation"]["classes"]
    monthly = answers["monthly"]
    assert sum(total["paid_fen"] for total in classes.values()) == sum(record["paid_fen"] for record in monthly)
    assert sum(total["due_fen"] for total in classes.values()) == sum(record["due_fen"] for record in monthly)
    active = {(r["month"], r["programme"]): r["active_households"] for r in monthly if r["programme"] != "未知"}
    assert active == {(r["month"], r["programme"]): r["active"] for r in answers["caseload_month_end"]}
    for order in answers["recoveries"]:
        settled = order["repaid_fen"] + order["waived_fen"] + order["written_off_fen"]
        assert order["ordered_fen"] == order["refund_fen"] + order["fine_fen"] == settled + order["outstanding_fen"]
    unfiled = [flag for flag in answers["flags"] if flag["rule"] == "RF10"]
    assert answers["filings"]["unfiled"] == len(unfiled) > 0


def test_demo_county_is_worth_looking_at(untidy: tuple[Path, AnswerKey]) -> None:
    answers = untidy[1]
    names = {"matched", "amount_mismatch", "paid_not_due", "due_not_paid", "duplicate", "unknown_case"}
    assert names <= set(answers["reconciliation"]["classes"])
    assert answers["recoveries"] and answers["credit_entries"] and answers["appeals"] and answers["exits"]
    assert {"维持", "撤销"} <= set(answers["appeals"])


def test_every_irregularity_and_look_alike_finds_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Counter[plan.Plant] = Counter()

    def watched(plant: plan.Plant) -> plan.Plant:
        def act(papers: Papers, case: Case) -> bool:
            done = plant.act(papers, case)
            found[plant] += done
            return done

        return plan.Plant(act, plant.rate)

    plants = {name: getattr(plan, name) for name in ("_OF_PEOPLE", "_OF_MEANS", "_OF_PROCEDURE")}
    for name, listed in plants.items():
        monkeypatch.setattr(plan, name, tuple(watched(plant) for plant in listed))
    world = build_world(2, "2024-01", 12, 120, 0)
    assert set(found) == {plant for listed in plants.values() for plant in listed}
    assert min(found.values()) > 0
    flags = answer(world)["flags"]
    assert {flag["rule"] for flag in flags} == set(answer(world)["flags_of"])


@pytest.mark.parametrize("workbook", [True, False])
def test_disguised_cells_read_back_as_the_same_value(workbook: bool) -> None:
    disguise = Disguise(Random("disguise"), 3.0, workbook)
    values: dict[str, tuple[str | int | date, str]] = {
        "date": (date(2024, 3, 5), "2024-03-05"),
        "month": ("2024-03", "2024-03"),
        "amount": (108050, "108050"),
        "int": (3, "3"),
        "id": ("11010519491231002X", "11010519491231002X"),
        "account": ("6222020000000000018", "6222020000000000018"),
        "code": ("SQ52019920240300017", "SQ52019920240300017"),
        "name": ("罗国强", "罗国强"),
    }
    forms = set()
    for kind in KINDS.values():
        for column in kind.columns:
            value, expected = values.get(column.type, ("符合条件", "符合条件"))
            for _ in range(30):
                cell = disguise.cell(column, value)
                if isinstance(cell, date):
                    cell = datetime(cell.year, cell.month, cell.day)
                assert normal(cell, column.type) == expected
                forms.add(str(cell))
    assert len(forms) > 60


def test_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(DirectoryNotEmpty, match="in use"):
        simulate(tmp_path, households=3, months=1, seed=1)
    result = CliRunner().invoke(mingzhang, ["simulate", str(tmp_path)])
    assert result.exit_code == 2
    assert "Error:" in result.stderr and str(tmp_path) in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


@pytest.mark.parametrize(
    "wrong", [{"households": 0}, {"months": 0}, {"deliveries": 4}, {"first_month": "2024-13"}, {"messy": -1.0}]
)
def test_senseless_numbers_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"households": 5, "months": 3, "seed": 1} | wrong
    with pytest.raises(SimulationError):
        simulate(tmp_path / "county", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "county").exists()


def test_command_prints_a_line_for_each_file_and_writes_the_key(tmp_path: Path) -> None:
    arguments = [str(tmp_path / "county"), "--households", "8", "--months", "2", "--key", str(tmp_path / "key.json")]
    result = CliRunner().invoke(mingzhang, ["simulate", *arguments])
    assert result.exit_code == 0
    assert "银行回单-2024-02.csv" in result.stdout
    assert json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))["meta"]["households"] == 8


@pytest.mark.parametrize(("households", "months"), [(1, 1), (2, 2), (7, 3)])
def test_small_counties_can_be_made(tmp_path: Path, households: int, months: int) -> None:
    answers = simulate(tmp_path / "county", households=households, months=months, seed=3)
    assert len(answers["monthly"]) == 4 * months


def meant(text: str, cell_type: str) -> Value:
    """Return a normalised cell as the simulator holds it."""
    if not text:
        return None
    if cell_type == "date":
        return date.fromisoformat(text)
    if cell_type in ("amount", "int"):
        return int(text)
    found = re.search(r"SQ\d{17}", text)
    return found.group() if found else text


def loaded_world(folder: Path, key: AnswerKey) -> World:
    """Read the rows of a county that its key says are to be loaded."""
    world = World(0, key["meta"]["first_month"], 12, key["meta"]["households"])
    places = [*key["bad_rows"], *key["held_rows"], *(conflict["second"] for conflict in key["conflicts"])]
    refused = {(place["file"], place["sheet"], place["row"]) for place in places}
    seen = set()
    for file in sorted(key["meta"]["files"]):
        kind = KINDS[file.split(".")[0].split("-")[0]]
        for (sheet, number), texts in read(folder / file, kind).items():
            identity = (kind.name, *(texts[header] for header in kind.key))
            if (file, sheet, number) in refused or identity in seen:
                continue
            seen.add(identity)
            cells = {column.header: meant(texts[column.header], column.type) for column in kind.columns}
            case = str(cells.get("申请编号") or "")
            month = Path(file).stem[-7:] if kind.monthly else ""
            world.rows.setdefault(kind.name, []).append(Row(kind.name, cells, world.closing, case, month))
    return world


def test_definitions_give_the_answers_of_the_shared_county(monkeypatch: pytest.MonkeyPatch) -> None:
    """The definitions behind the key reproduce a county and a key that others made."""
    if not SHARED_COUNTY.is_dir():
        pytest.skip("the shared county is not here")
    key = json.loads((SHARED_COUNTY / "control-totals.json").read_text(encoding="utf-8"))
    world = loaded_world(SHARED_COUNTY, key)
    money: dict[str, list[int]] = {}
    for row in world.rows["标准"]:
        if row.cells["单位"] == "元/人/月" and not str(row.cells["项目"]).startswith("分类施保"):
            money.setdefault(str(row.cells["项目"]), []).append(int(str(row.cells["数值"])))
    monkeypatch.setattr(standards, "MONEY", {item: tuple(values) for item, values in money.items()})
    answers = dict(answer(world))
    totals = set(key) - {"meta", "flags", "flags_of", "bad_rows", "held_rows", "conflicts", "duplicate_rows"}
    assert {name: answers[name] for name in totals} == {name: key[name] for name in totals}
    found = [
        {(flag["rule"], flag["case"], flag.get("month"), flag.get("ref")) for flag in flags}
        for flags in (answers["flags"], key["flags"])
    ]
    assert {flag for flag in found[0] if flag[0] in key["flags_of"]} == found[1]

"""Tables as grids of cells: sheets, titles, headers, totals rows, blank rows, and where each line stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from cli.simulation.disguise import Cell, Disguise
from cli.simulation.paper import Line
from cli.simulation.schema import Column, Kind
from cli.simulation.world import COUNTY

Grid = list[list[Cell]]
SPLIT_KINDS = ("申请", "家庭成员", "入户调查", "公示", "复核")
MERGED_KINDS = ("家庭成员", "变更")


@dataclass
class Sheet:
    """A sheet or a CSV file: its grid, its merged ranges (first row, last row, column; from 1), its lines."""

    name: str
    grid: Grid = field(default_factory=list)
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    title_width: int = 0  # columns over which the first row is merged
    lines: list[Line] = field(default_factory=list)


def lay_out(
    kind: Kind, lines: list[Line], townships: dict[str, str], closing: str, rng: Random, messy: float
) -> list[Sheet]:
    """Return the sheets of one file, and note on each line its sheet and physical row."""
    disguise = Disguise(rng, messy, workbook=not kind.encoding)
    sheets = []
    for name, part in _split(kind, lines, townships, rng, messy):
        sheet = _sheet(kind, name, part, disguise, closing, rng, messy)
        for line in part:
            line.sheet = "" if kind.encoding else name
        sheets.append(sheet)
    if not kind.encoding and rng.random() < 0.3 * messy:
        notes: Grid = [["填表说明"], ["1.身份证号按文本格式填写。"], ["2.金额单位为元。"]]
        sheets.append(Sheet("填表说明", notes))
    return sheets


# Private


def _split(
    kind: Kind, lines: list[Line], townships: dict[str, str], rng: Random, messy: float
) -> list[tuple[str, list[Line]]]:
    """Return sheet names and their lines: by township now and then, otherwise one sheet."""
    if kind.name not in SPLIT_KINDS or not rng.random() < 0.35 * messy:
        return [(kind.name, lines)]
    parts = [(name, [line for line in lines if line.township == code]) for code, name in townships.items()]
    parts[0][1].extend(line for line in lines if line.township not in townships)
    return [(name, part) for name, part in parts if part] or [(kind.name, lines)]


def _sheet(
    kind: Kind, name: str, lines: list[Line], disguise: Disguise, closing: str, rng: Random, messy: float
) -> Sheet:
    columns = list(kind.columns)
    if rng.random() < 0.2 * messy:
        rng.shuffle(columns)
    numbered = rng.random() < 0.15 * messy
    sheet = Sheet(name, lines=lines)
    _head(sheet, kind, len(columns) + numbered, closing, rng, messy)
    sheet.grid.append([*(["序号"] if numbered else []), *(disguise.header(column) for column in columns)])
    rows: list[tuple[int, Line]] = []
    for index, line in enumerate(lines):
        if rng.random() < 0.006 * messy:
            sheet.grid.append([None] * len(columns))
        cells: list[Cell] = [index + 1] if numbered else []
        sheet.grid.append(cells + [disguise.cell(column, line.cells.get(column.header)) for column in columns])
        line.row = len(sheet.grid)
        rows.append((line.row, line))
    if kind.name in MERGED_KINDS and messy > 0:
        place = next(i for i, column in enumerate(columns) if column.header == "申请编号") + numbered
        _merge(sheet, rows, place, rng, messy)
    _foot(sheet, columns, lines, numbered, rng, messy)
    return sheet


def _head(sheet: Sheet, kind: Kind, width: int, closing: str, rng: Random, messy: float) -> None:
    """Put a title, and in workbooks the reporting office and a blank row, above the header."""
    if kind.name == "资料说明" or not rng.random() < 0.45 * messy:
        return
    blanks: list[Cell] = [None] * (width - 1)
    sheet.grid.append([f"{COUNTY}{kind.name}登记表", *blanks])
    sheet.title_width = 0 if kind.encoding else width
    if not kind.encoding and rng.random() < 0.7:
        sheet.grid.append([f"填报单位:{COUNTY}民政局", *blanks[:-1], f"填报日期:{closing}"])
    if not kind.encoding and rng.random() < 0.3:
        sheet.grid.append([None, *blanks])


def _merge(sheet: Sheet, rows: list[tuple[int, Line]], place: int, rng: Random, messy: float) -> None:
    """Merge 申请编号 over the neighbouring rows of one household, for some households."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end < len(rows):
            neighbour = rows[end][0] == rows[end - 1][0] + 1
            if neighbour and rows[end][1].cells["申请编号"] == rows[start][1].cells["申请编号"] is not None:
                continue
        if end - start > 1 and rng.random() < 0.5 * messy:
            sheet.merges.append((rows[start][0], rows[end - 1][0], place + 1))
            for row, _ in rows[start + 1 : end]:
                sheet.grid[row - 1][place] = None
        start = end


def _foot(sheet: Sheet, columns: list[Column], lines: list[Line], numbered: bool, rng: Random, messy: float) -> None:
    """Put a totals row and a row of signatures below the lines."""
    if "项" in (column.header for column in columns):
        return
    width = len(columns) + numbered
    if rng.random() < 0.4 * messy:
        totals: list[Cell] = [None] * width
        for place, column in enumerate(columns):
            if column.type == "amount":
                amounts = [line.cells.get(column.header) for line in lines]
                total = sum(amount for amount in amounts if isinstance(amount, int))
                totals[place + numbered] = f"{total // 100}.{total % 100:02d}"
        totals[0] = rng.choice(("合计", "合 计", "总计"))
        totals[1] = f"共{len(lines)}行"
        sheet.grid.append(totals)
    if rng.random() < 0.25 * messy:
        signatures: list[Cell] = [None] * width
        signatures[0] = "制表人:"
        signatures[min(3, width - 1)] = "审核人:"
        sheet.grid.append(signatures)

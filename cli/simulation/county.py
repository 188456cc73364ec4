"""`simulate`: a synthetic county written as deliveries of files, with its answer key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from cli.simulation.answer_key import AnswerKey, answer
from cli.simulation.disguise import Cell
from cli.simulation.errors import DirectoryNotEmpty, SimulationError
from cli.simulation.faults import plant_faults, spoil_cases
from cli.simulation.history import build_world
from cli.simulation.layout import lay_out
from cli.simulation.paper import Delivery, Line, write_down
from cli.simulation.repeats import plant_repeats
from cli.simulation.schema import KINDS
from cli.simulation.tables import write_csv, write_workbook
from cli.simulation.world import Value, World
from cli.words import _

SPOILED_RATE = 0.012
SPOILED_LEAST = 5


def simulate(
    directory: Path,
    *,
    households: int,
    months: int,
    seed: int,
    first_month: str = "2024-01",
    messy: float = 1.0,
    deliveries: int = 1,
    key: Path | None = None,
) -> AnswerKey:
    """Write a county's files into a directory and return the answers; amounts in integer fen.

    One delivery goes into the directory itself, several into 第1批, 第2批 and so on by time. The same
    arguments give the same bytes. `messy` scales the untidiness of the paper, 0 is clean; what happened
    in the county does not depend on it, but for the cases whose own papers are damaged.
    Raises DirectoryNotEmpty, or SimulationError when a number makes no sense.
    """
    _check(directory, households, months, first_month, messy, deliveries)
    spoiled = round(messy * max(SPOILED_LEAST, households * SPOILED_RATE)) if messy else 0
    world = build_world(seed, first_month, months, households, spoiled)
    rng = Random(f"paper/{seed}")
    papers = write_down(world, deliveries, rng, messy)
    if messy:
        spoil_cases(papers, world, rng)
        plant_repeats(papers, rng, messy)
        plant_faults(papers, world, rng, messy)
    written: dict[str, str] = {}
    for place, paper in enumerate(papers):
        label = "" if deliveries == 1 else f"第{place + 1}批"
        written |= _write_delivery(directory, label, place, paper, world, rng, messy)
    answers = _complete(answer(world), papers, written)
    if key is not None:
        key.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return answers


# Private


def _check(directory: Path, households: int, months: int, first_month: str, messy: float, deliveries: int) -> None:
    """Refuse a directory in use and numbers that make no county."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DirectoryNotEmpty(
            _("The directory for the county is in use"),
            where=str(directory),
            expected=_("a new or empty directory"),
            mend=_("name another directory; nothing was written"),
        )
    for name, value, least in (("households", households, 1), ("months", months, 1), ("messy", messy, 0)):
        if value < least:
            _refuse(name, _("{least} or more").format(least=least), value)
    if not 1 <= deliveries <= months:
        _refuse("deliveries", _("1 to {most}, a month or more in each").format(most=months), deliveries)
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", first_month):
        _refuse("first-month", _("a month such as 2024-01"), first_month)


def _refuse(option: str, expected: str, found: object) -> NoReturn:
    raise SimulationError(_("No county can be made of this"), where=f"--{option}", expected=expected, found=str(found))


def _write_delivery(
    directory: Path, label: str, place: int, paper: Delivery, world: World, rng: Random, messy: float
) -> dict[str, str]:
    """Write the files of one delivery and return their names with their kinds.

    The first delivery has a file for every kind, even without rows.
    """
    folder = directory / label
    folder.mkdir(parents=True, exist_ok=True)
    townships = {township.code: township.name for township in world.townships}
    if place == 0:
        for name, kind in KINDS.items():
            if not any(table[0] == name for table in paper):
                paper[name, world.window[0] if kind.monthly else ""] = []
    written = {}
    for name, month in sorted(paper):
        kind = KINDS[name]
        file = kind.file_name(month)
        sheets = lay_out(kind, paper[name, month], townships, world.closing.isoformat(), rng, messy)
        for line in paper[name, month]:
            line.file = f"{label}/{file}" if label else file
        written[f"{label}/{file}" if label else file] = name
        if kind.encoding:
            write_csv(folder / file, sheets[0], kind.encoding)
        else:
            write_workbook(folder / file, sheets)
    return written


def _complete(answers: AnswerKey, papers: list[Delivery], written: dict[str, str]) -> AnswerKey:
    """Add the lists about physical rows: bad, held, conflicting and duplicate rows, and rows per file."""
    lines = [line for paper in papers for table in sorted(paper) for line in paper[table]]
    for line in lines:
        for column, code, value in line.faults:
            answers["bad_rows"].append(_place(line) | {"column": column, "code": code, "value": value})
        if line.fate == "held":
            answers["held_rows"].append(_place(line) | {"case": line.case})
        if line.fate == "conflict":
            answers["conflicts"].append(_conflict(line))
        if line.fate == "duplicate":
            counts = answers["duplicate_rows"]
            counts[line.file] = counts.get(line.file, 0) + 1
    answers["files"] = _files(written, lines)
    answers["meta"]["files"] = [record["file"] for record in answers["files"]]
    return answers


def _place(line: Line) -> dict[str, Any]:
    return {"file": line.file, "sheet": line.sheet, "row": line.row}


def _conflict(line: Line) -> dict[str, Any]:
    assert line.first is not None
    return {
        "first": _place(line.first),
        "second": _place(line),
        "key": [_plain(line.cells[header]) for header in KINDS[line.kind].key],
        "column": line.column,
        "kept": _plain(line.first.cells[line.column]),
        "other": _plain(line.cells[line.column]),
    }


def _plain(value: Value) -> Cell:
    """Return a value as the key prints it: ISO days and months, amounts as fen in digits."""
    return "" if value is None else str(value)


def _files(written: dict[str, str], lines: list[Line]) -> list[dict[str, Any]]:
    """Return the rows of each file by their fate; `written` names the files and their kinds."""
    names = {
        "loaded": "loaded",
        "completed": "completed",
        "duplicate": "duplicates",
        "rejected": "rejected",
        "held": "held",
        "conflict": "conflicts",
    }
    files: dict[str, dict[str, Any]] = {
        file: {"file": file, "kind": kind, "rows": 0, **dict.fromkeys(names.values(), 0)}
        for file, kind in written.items()
    }
    for line in lines:
        record = files[line.file]
        record["rows"] += 1
        record[names[line.fate]] += 1
    return list(files.values())

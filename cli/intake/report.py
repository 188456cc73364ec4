"""What became of a delivery: counts per file, every row not loaded with place and reason, the log's new head."""

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.formats.catalogue import FORMATS, REMARK_HEADER
from domain.formats.columns import CellType
from domain.formats.faults import Fault, Notice
from domain.formats.rows import Place
from domain.masking import mask_account, mask_citizen_id, mask_name, mask_phone

REJECT_COLUMNS = ("文件", "工作表", "行号", "列", "值", "代码", "原因", "更正办法")
CONFLICT_COLUMNS = ("文件", "工作表", "行号", "后文件", "后工作表", "后行号", "主键", "列", "保留值", "后值")


@dataclass(slots=True)
class FileReport:
    """Counts of one file; rows = loaded + completed + duplicates + rejected + held + conflicts."""

    file: str
    kind: str
    sha256: str
    rows: int = 0
    loaded: int = 0
    completed: int = 0
    duplicates: int = 0
    rejected: int = 0
    held: int = 0
    conflicts: int = 0
    warnings: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the counts under the names of docs/cli.md."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "warnings"}


@dataclass(frozen=True, slots=True)
class RejectedCell:
    """One fault of one rejected row."""

    kind: str
    place: Place
    fault: Fault


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A good row that waits for a bad one; `because` says where that stands, where it is known."""

    place: Place
    case: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class ConflictingCell:
    """One column in which a later row contradicts the one that stands."""

    kind: str
    first: Place
    second: Place
    key: tuple[str, ...]
    column: str
    kept: str
    other: str


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something odd in a row that was loaded."""

    kind: str
    place: Place
    notice: Notice


@dataclass(frozen=True, slots=True)
class FileLeftOut:
    """A file that could not be read, in whole or in part, and of which nothing was loaded: why, and how to mend it."""

    file: str
    reason: str
    remedy: str


@dataclass(slots=True)
class DeliveryReport:
    """Everything that a person, or a program, is told after an import."""

    files: list[FileReport] = field(default_factory=list)
    rejects: list[RejectedCell] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)
    conflicts: list[ConflictingCell] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)
    unreadable: list[FileLeftOut] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    entries_added: int = 0
    size: int = 0
    root: str = ""
    """Base64, as checkpoints write it."""

    @property
    def is_clean(self) -> bool:
        """Tell whether every row of every file was loaded or already known."""
        return not (self.rejects or self.held or self.conflicts or self.unreadable)

    def add(self, later: "DeliveryReport") -> None:
        """Take in what a later delivery came to."""
        for name in ("files", "rejects", "held", "conflicts", "warnings", "unreadable", "skipped"):
            getattr(self, name).extend(getattr(later, name))
        self.entries_added += later.entries_added
        self.size, self.root = later.size, later.root

    def to_json(self) -> dict[str, Any]:
        """Return the document of `import --json`; personal values are masked."""
        return {
            "files": [report.to_json() for report in self.files],
            "rejects": [_reject_json(cell) for cell in self.rejects],
            "held": [{**_place_json(row.place), "case": row.case} for row in self.held],
            "conflicts": [_conflict_json(cell) for cell in self.conflicts],
            "warnings": [_warning_json(warning) for warning in self.warnings],
            "unreadable": [{"file": u.file, "reason": u.reason, "remedy": u.remedy} for u in self.unreadable],
            "entries_added": self.entries_added,
            "size": self.size,
            "root": self.root,
        }


def write_rejects(path: Path, report: DeliveryReport) -> None:
    """Write `rejects.csv` for the office: UTF-8 with BOM, unmasked, readable by its owner only, replaced whole."""
    _write_private(path, REJECT_COLUMNS, _reject_lines(report))


def write_conflicts(path: Path, report: DeliveryReport) -> None:
    """Write the contradicting cells, unmasked, in the same way: where each of the two rows stands and what it says."""
    lines = (
        (
            *(cell.first.file, cell.first.sheet, cell.first.row),
            *(cell.second.file, cell.second.sheet, cell.second.row),
            *(" ".join(cell.key), cell.column, _spreadsheet_safe(cell.kept), _spreadsheet_safe(cell.other)),
        )
        for cell in report.conflicts
    )
    _write_private(path, CONFLICT_COLUMNS, lines)


# Private


def _write_private(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str | int]]) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(lines)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _reject_lines(report: DeliveryReport) -> Iterable[tuple[str | int, ...]]:
    lines = [(cell.place, cell.fault) for cell in report.rejects] + [(row.place, row.fault) for row in report.held]
    for place, fault in sorted(lines, key=lambda line: (line[0].file, line[0].sheet_index, line[0].row)):
        yield (
            place.file,
            place.sheet,
            place.row,
            fault.column,
            _spreadsheet_safe(fault.value),
            fault.code.value,
            fault.reason,
            fault.remedy,
        )


def _spreadsheet_safe(value: str) -> str:
    """Keep a spreadsheet from running a cell as a formula; a number, negative or not, is left as it stood."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") and not _NUMBER.fullmatch(value) else value


def _place_json(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "row": place.row}


def _reject_json(cell: RejectedCell) -> dict[str, Any]:
    return {
        **_place_json(cell.place),
        "column": cell.fault.column,
        "code": cell.fault.code.value,
        "value": _masked(cell.kind, cell.fault.column, cell.fault.value),
        "reason": cell.fault.reason,
        "remedy": cell.fault.remedy,
    }


def _conflict_json(cell: ConflictingCell) -> dict[str, Any]:
    key_columns = FORMATS[cell.kind].key
    return {
        "first": _place_json(cell.first),
        "second": _place_json(cell.second),
        "key": [_masked(cell.kind, column, text) for column, text in zip(key_columns, cell.key, strict=True)],
        "column": cell.column,
        "kept": _masked(cell.kind, cell.column, cell.kept),
        "other": _masked(cell.kind, cell.column, cell.other),
    }


def _warning_json(warning: RowWarning) -> dict[str, Any]:
    return {
        **_place_json(warning.place),
        "column": warning.notice.column,
        "code": warning.notice.code,
        "value": _masked(warning.kind, warning.notice.column, warning.notice.value),
        "reason": warning.notice.reason,
    }


def _masked(kind: str, header: str, value: str) -> str:
    try:
        column = FORMATS[kind].column(header)
    except KeyError:
        return value
    if column.type is CellType.ID:
        return mask_citizen_id(value)
    if column.type is CellType.ACCOUNT:
        return mask_account(value)
    if header == "联系电话":
        return mask_phone(value)
    if column.type is CellType.NAME and header != "关系":
        return mask_name(value)
    if header in _FREE_TEXTS:
        return "*" * len(value)
    return value if header in _OWN_NUMBERS else _without_numbers_of_people(value)


def _without_numbers_of_people(value: str) -> str:
    """Mask ids, accounts and telephones that slipped into a column of something else, as when columns are shifted."""
    for pattern, masked in _STRAY_NUMBERS:
        value = pattern.sub(masked, value)
    return value


def _masking(mask: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: mask(found[0])


_NUMBER = re.compile(r"[-+]?¥?-?[0-9]+(,[0-9]{3})*(\.[0-9]+)?(E[-+]?[0-9]+)?[元%]?")
_FREE_TEXTS = frozenset({"住址", "健康状况", "事由", "理由", "异议内容", "异议处理", "意见", "失信事实", REMARK_HEADER})
_OWN_NUMBERS = frozenset({"流水号", "原流水号", "批次号", "申诉编号", "追缴编号"})
_STRAY_NUMBERS = tuple(
    (re.compile(f"(?<![0-9A-Za-z]){digits}(?![0-9])"), _masking(mask))
    for digits, mask in (
        ("[0-9]{17}[0-9Xx]", mask_citizen_id),
        ("[0-9]{19}", mask_account),
        ("1[3-9][0-9]{9}", mask_phone),
    )
)

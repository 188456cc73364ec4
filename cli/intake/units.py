"""The first reading of a delivery: which cases its bad rows hold back, before anything is loaded.

The row in 申请 and all rows in 家庭成员 of one case are one unit, and a bad one holds all
(docs/import-formats.md section 3).
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cli.intake.files import SourceFile, read_rows
from cli.intake.recordable import with_recordable
from domain.formats.catalogue import FORMATS
from domain.formats.columns import Value
from domain.formats.description import Description, read_description
from domain.formats.rows import CheckedRow, Place, check_row
from domain.vocabulary import FileKind

Progress = Callable[[int], None]


@dataclass(slots=True)
class Units:
    """What 资料说明, 申请 and 家庭成员 of one delivery say, taken together."""

    description: Description
    closing_date: datetime.date | None
    bad: dict[str, Place] = field(default_factory=dict)  # case → its first bad row in this delivery
    named: dict[str, Place] = field(default_factory=dict)  # case → its first row in 申请, good or bad
    programmes: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)  # case → ids of its good rows in 家庭成员

    def is_held(self, case: str) -> bool:
        """Tell whether a bad row of this delivery holds this delivery's rows of the case's unit."""
        return case in self.bad


def read_units(sources: Iterable[SourceFile], earlier_closing: datetime.date | None, progress: Progress) -> Units:
    """Read the three kinds of file once; rows of all of them are read again when they are loaded."""
    files = list(sources)
    described = [
        dict(check_row(FORMATS[FileKind.DESCRIPTION], raw.place, raw.cells, closing_date=None).values)
        for source in files
        if source.kind == FileKind.DESCRIPTION
        for raw in read_rows(source)
    ]
    description = read_description(described)
    dates = [day for day in (description.closing_date, earlier_closing) if day is not None]
    units = Units(description, max(dates, default=None))
    for kind in (FileKind.APPLICATIONS, FileKind.MEMBERS):
        for source in files:
            if source.kind == kind:
                for raw in read_rows(source, progress):
                    row = check_row(FORMATS[kind], raw.place, raw.cells, closing_date=units.closing_date)
                    _take(units, kind, with_recordable(row))
    return units


# Private


def _take(units: Units, kind: FileKind, row: CheckedRow) -> None:
    case = _text(row.values.get("申请编号"))
    if case is None:
        return
    if kind is FileKind.APPLICATIONS:
        units.named.setdefault(case, row.place)
        programme = _text(row.values.get("救助项目"))
        if programme:
            units.programmes.setdefault(case, programme)
    if row.faults:
        units.bad.setdefault(case, row.place)
    elif kind is FileKind.MEMBERS:
        units.members.setdefault(case, set()).add(str(row.values["身份证号"]))


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None

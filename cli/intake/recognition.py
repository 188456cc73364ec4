"""Which kind a file is: by its name, confirmed by its header; by its header alone when the name tells nothing."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from cli.intake.problems import UnreadableFile, Words
from domain.formats.catalogue import FORMATS
from domain.formats.columns import FileFormat
from domain.formats.headers import best_match
from domain.formats.text import compact

_MONTH = re.compile(r"(?<![0-9])(20[0-9]{2})(?:-|年|)(0[1-9]|1[0-2]|(?<=年)[1-9](?=月))(?![0-9])")

Top = Sequence[Sequence[object]]
"""The first rows of one sheet, or of a CSV: where a header may stand."""


def kinds_in_name(stem: str) -> list[str]:
    """Return the kinds a file name tells, the likeliest first.

    The one the name begins with leads, then longer before shorter. A name inside a longer one does not count:
    追缴回款 is not 追缴.
    """
    plain = compact(stem)
    found = [kind for kind in FORMATS if kind in plain]
    whole = [kind for kind in found if not any(kind != other and kind in other for other in found)]
    return sorted(whole, key=lambda kind: (not plain.startswith(kind), -len(kind)))


def month_in_name(stem: str) -> str | None:
    """Return the one month `YYYY-MM` a file name carries (also 202404, 2024年4月); None for none or several."""
    months = {f"{year}-{int(month):02d}" for year, month in _MONTH.findall(compact(stem))}
    return months.pop() if len(months) == 1 else None


def recognise(path: Path, tops: Iterable[Top]) -> str | None:
    """Return the kind of a file from its name and the tops of its sheets; None when it is of no kind.

    Raises `UnreadableFile` when the name tells a kind and no sheet has its header, or the header fits several.
    """
    sheets = list(tops)
    named = kinds_in_name(path.stem)
    for kind in named:
        if any(best_match(FORMATS[kind], top).found for top in sheets):
            return kind
    if named:
        raise _without_header(path, FORMATS[named[0]], sheets)
    return _kind_by_header(path, sheets)


def month_of(path: Path, fmt: FileFormat) -> str | None:
    """Return the month of a monthly file, None for the other kinds; `UnreadableFile` when the name has none."""
    if not fmt.monthly:
        return None
    month = month_in_name(path.stem)
    if month is None:
        raise UnreadableFile(
            path,
            Words("文件名中没有唯一的年月", "the file name does not carry one month"),
            Words(
                f"请改名为 {fmt.kind}-YYYY-MM，如 {fmt.kind}-2024-04",
                f"rename it to {fmt.kind}-YYYY-MM, such as {fmt.kind}-2024-04",
            ),
        )
    return month


# Private


def _kind_by_header(path: Path, sheets: list[Top]) -> str | None:
    columns_found: dict[str, int] = {}
    for kind, fmt in FORMATS.items():
        matches = [best_match(fmt, top) for top in sheets]
        columns_found[kind] = max((len(match.positions) for match in matches if match.found), default=0)
    most = max(columns_found.values())
    best = [kind for kind, count in columns_found.items() if count == most and count]
    if len(best) > 1:
        kinds = "、".join(best)
        raise UnreadableFile(
            path,
            Words(f"表头同时符合{kinds}", f"the header fits several kinds: {kinds}"),
            Words("请在文件名开头写明资料名称", "begin the file name with the name of its kind"),
        )
    return best[0] if best else None


def _without_header(path: Path, fmt: FileFormat, sheets: list[Top]) -> UnreadableFile:
    closest = min((best_match(fmt, top).missing for top in sheets), key=len, default=fmt.required_headers)
    columns = "、".join(closest)
    return UnreadableFile(
        path,
        Words(
            f"前10行中没有“{fmt.kind}”的表头，缺少列：{columns}", f"no header of {fmt.kind}; missing columns: {columns}"
        ),
        Words("请补齐所缺各列的表头后重新报送", "add the missing columns and send it again"),
    )

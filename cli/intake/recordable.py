"""What the log can hold: values that no entry has a form for are faults of their row, like any other bad cell.

A citizen id that was typed in place of a number is one of them: numbers stand in the open part. They are found before
anything is loaded, so that such a row holds its unit too. Limits of docs/format.md: names of streams have at most 255
bytes and no control characters (section 3), text no noncharacters (section 4), a sealed part 1 MiB (section 7).
"""

from collections.abc import Iterator
from functools import lru_cache

from domain.formats.columns import FaultCode
from domain.formats.faults import Fault, make_fault
from domain.formats.rows import CheckedRow
from domain.identity import holds_citizen_id
from ledger.canonical import encode_value, is_string
from ledger.entry import encode_name
from ledger.errors import FormatError

NUMBER_CHARACTERS_MAX = 80
ROW_BYTES_MAX = 500_000
"""Of all cells together: a conflict seals two rows, and a sealed part holds 1 MiB."""
SHOWN_CHARACTERS_MAX = 2_000
_KEPT_CHARACTERS_MAX = 64  # of texts whose judgement is worth remembering

STREAM_OF_COLUMN = {
    "申请编号": "case",
    "工号": "staff",
    "追缴编号": "recovery",
    "申诉编号": "appeal",
    "批次号": "batch",
}
_NUMBER_COLUMNS = frozenset((*STREAM_OF_COLUMN, "流水号", "原流水号"))


def with_recordable(row: CheckedRow) -> CheckedRow:
    """Return the row, with a fault `unknown_value` for each cell that the log has no form for."""
    faults = tuple(_unrecordable(row))
    if not faults:
        return row
    bad = {fault.column for fault in faults}
    values = {column: value for column, value in row.values.items() if column not in bad}
    return row._replace(values=values, faults=(*row.faults, *faults))


@lru_cache(maxsize=10_000)
def stream_name(kind: str, identifier: str) -> str | None:
    """Return the name of a stream; None when no stream can have this id."""
    try:
        return encode_name(kind, identifier)
    except FormatError:
        return None


def recordable_text(text: str) -> str:
    """Return a text that the log can hold: what it has no form for becomes U+FFFD, and much too long is cut."""
    shown = text if len(text) <= SHOWN_CHARACTERS_MAX else text[:SHOWN_CHARACTERS_MAX] + "…"
    return shown if is_string(shown) else "".join(one if is_string(one) else "\ufffd" for one in shown)


# Private


def _unrecordable(row: CheckedRow) -> Iterator[Fault]:
    total = 0
    for column, value in row.values.items():
        if isinstance(value, str):
            total += len(value)
            fault = (_kept_fault_of if len(value) <= _KEPT_CHARACTERS_MAX else _fault_of)(column, value)
            if fault is not None:
                yield fault
    # A character takes at most 6 bytes, so most rows need no second look.
    if total * 6 > ROW_BYTES_MAX:
        yield from _too_long(row)


def _fault_of(column: str, value: str) -> Fault | None:
    if not is_string(value):
        return make_fault(column, FaultCode.unknown_value, value, reason="unwritable_text")
    if column in _NUMBER_COLUMNS and not _is_number(column, value):
        return make_fault(column, FaultCode.unknown_value, value, reason="unusable_number")
    if column in _NUMBER_COLUMNS and holds_citizen_id(value):
        return make_fault(column, FaultCode.unknown_value, value, reason="personal_number")
    return None


_kept_fault_of = lru_cache(maxsize=65_536)(_fault_of)


def _is_number(column: str, value: str) -> bool:
    if len(value) > NUMBER_CHARACTERS_MAX:
        return False
    if value.isascii() and value.isalnum():  # written as it is, which every name has room for
        return True
    return column not in STREAM_OF_COLUMN or stream_name(STREAM_OF_COLUMN[column], value) is not None


def _too_long(row: CheckedRow) -> Iterator[Fault]:
    texts = {column: value for column, value in row.values.items() if isinstance(value, str) and is_string(value)}
    sizes = {column: len(encode_value(text)) for column, text in texts.items()}
    if sum(sizes.values()) > ROW_BYTES_MAX:
        longest = max(sizes, key=lambda column: sizes[column])
        yield make_fault(longest, FaultCode.unknown_value, texts[longest], reason="too_long_text")

"""Points in time as people write them: a day, or a position of the ledger or a moment and what it held then."""

import datetime
import re
from collections.abc import Iterator
from typing import overload

from cli.errors import BadOption
from cli.words import _
from ledger.chain import CLOCK_CORRECTED, corrected_entries, known_at
from ledger.entry import format_time
from ledger.store import Reader

_POSITION = re.compile(r"[0-9]{1,16}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def size_known_at(reader: Reader, text: str) -> int:
    """Return how many entries a `--known-at` lets see: a position is that number itself, a moment is looked up.

    A moment without a zone is one of this computer's; a day alone means to its end. Raises BadOption for anything
    else, and for a position that the ledger has not reached.
    """
    size = reader.head().size
    if _POSITION.fullmatch(text):
        if int(text) > size:
            raise BadOption(
                _("The ledger has no such position"), where="--known-at", expected=f"0 … {size}", found=text
            )
        return int(text)
    return known_at(_times(reader), format_time(moment_of(text)))


@overload
def day_of(text: str, option: str) -> datetime.date: ...
@overload
def day_of(text: None, option: str) -> None: ...
@overload
def day_of(text: str | None, option: str) -> datetime.date | None: ...
def day_of(text: str | None, option: str) -> datetime.date | None:
    """Return the day that an option names, None where it was not given; raises BadOption."""
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadOption(_("This is no day"), where=option, expected="2024-12-31", found=text) from None


def moment_of(text: str) -> datetime.datetime:
    """Return the moment that an ISO 8601 text means, with its zone; raises BadOption."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        expected = _("a position such as 1200, or a time such as 2026-11-21T08:00:00Z or 2026-11-21")
        raise BadOption(
            _("This is no position and no time"), where="--known-at", expected=expected, found=text
        ) from None


# Private


def _times(reader: Reader) -> Iterator[tuple[str, bool]]:
    """Yield the `at` of each entry, and whether a correction takes it out."""
    corrected = corrected_entries(record.entry for record in reader.records_of_type(CLOCK_CORRECTED))
    for record in reader.records():
        yield record.at, bool(corrected) and (record.stream, record.seq) in corrected

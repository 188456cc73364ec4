"""Checking the maps of stream heads that a log has recorded: each computed again from the entries below it.

A map costs one look-up for each stream and a few more for those that went on later. The last map is always computed
again, as dossiers hang on it, and the earlier ones, the latest first, while the look-ups stay within those that the
log's own size pays for. Memory is constant.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pydantic import ValidationError

from audit.finding import Finding
from domain.events.ledger import HeadsSealed
from ledger.entry import Entry, parse_entry
from ledger.errors import FormatError
from ledger.heads_map import HEADS_STREAM, NamedHead, heads_below, map_root
from ledger.heads_recording import heads_event
from ledger.store import Inspection, Record
from ledger.store_errors import StoreError

LOOK_UPS_MIN: Final = 20_000


class HeadsCheck(NamedTuple):
    """What is wrong with the maps, and in words what was not computed again."""

    findings: list[Finding]
    unchecked: list[str]


def check_heads(log: Inspection, found: Iterable[Finding], look_ups: int) -> HeadsCheck:
    """Compute the maps again: the last, and earlier ones while there are look-ups left.

    `found` is what was found in the log already.
    A map over entries that are not as they were recorded proves nothing either way, and is left unchecked.
    """
    try:
        records = log.records_of_type(HeadsSealed.TOPIC)
        sealed = sorted(one.position for one in records if type(one.position) is int)
    except StoreError:
        return HeadsCheck([], ["maps of stream heads: could not be read"])
    if not sealed:
        return HeadsCheck([], [])
    sound_below = min((one.position for one in found if one.position is not None), default=sealed[-1])
    checking = _Checking(log, look_ups)
    findings: list[Finding] = []
    unchecked = 0
    for number, position in enumerate(reversed(sealed)):
        if position > sound_below or (number and checking.look_ups_left <= 0):
            unchecked += 1
            continue
        try:
            findings += checking.findings(position)
        except (StoreError, FormatError):  # told by other findings: rows are missing, or are no entries
            unchecked += 1
    return HeadsCheck(findings, [f"maps of stream heads: {unchecked} were not computed again"] if unchecked else [])


# Private


class _Checking:
    """Computes maps again and counts what it costs."""

    def __init__(self, log: Inspection, look_ups: int) -> None:
        self._log = log
        self.look_ups_left = look_ups

    def findings(self, position: int) -> Iterator[Finding]:
        """Yield what is wrong with the map at a position."""
        record = self._log.record(position)
        if record is None:
            return
        entry = parse_entry(record.entry)
        if entry.stream != HEADS_STREAM or entry.n != 1:
            found = f"{entry.k}/{entry.n} in {entry.stream}"
            yield _finding(record, entry, "command", f"1/1 in {HEADS_STREAM}", found)
            return
        said = _said(entry)
        computed = heads_event(map_root(self._log.suite, self._counted(heads_below(self._log, position))))
        if said != computed:
            yield _finding(record, entry, "root", _text(computed), "no map" if said is None else _text(said))

    def _counted(self, heads: Iterable[NamedHead]) -> Iterator[NamedHead]:
        for head in heads:
            self.look_ups_left -= 1
            yield head


def _said(entry: Entry) -> HeadsSealed | None:
    try:
        return HeadsSealed.read(entry.payload)
    except ValidationError:
        return None


def _text(event: HeadsSealed) -> str:
    return f"{event.streams} streams, root {event.root}"


def _finding(record: Record, entry: Entry, field: str, expected: str, found: str) -> Finding:
    return Finding("heads-false", record.position, entry.stream, entry.seq, field, expected, found)

"""From stored bytes to recorded events: parsing an entry, opening its sealed part, building its event again."""

import json
from typing import Any

from pydantic import ValidationError

from domain.recorded import Recorded
from ledger.entry import Entry, Seal, header_through_type, parse_entry, parse_seal, parse_time
from ledger.errors import FormatError, LedgerError
from ledger.hashing import Suite
from ledger.keystore import KeyStore
from ledger.sealing import open_blob
from ledger.store import Record
from ledger.topics import TOPICS


class EntryUnreadable(LedgerError):
    """A stored entry cannot be read as what it says it is; `position` tells which one. Quotes no payload."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"entry {position}: {reason}; run `mingzhang audit verify` to see what else is wrong")
        self.position = position
        self.reason = reason


class KeyGone(LedgerError):
    """The key of a sealed part is not at hand: not given, not in the key store, or destroyed by an erasure."""


class Opener:
    """Reads stored rows of one log, with the keys that are at hand."""

    def __init__(self, suite: Suite, origin: str, keys: KeyStore | None) -> None:
        self._suite = suite
        self._keys = keys
        self._prefix = f"{suite.name}\nlog {origin}\nstream "

    def recorded(self, record: Record, *, open_sealed: bool = True) -> Recorded:
        """Return the event of a row, told by its bytes alone: the index columns are not believed.

        A sealed part that cannot be opened leaves `opened` False and the open fields only. Raises EntryUnreadable
        when the bytes are no entry, or not the event that their topic names.
        """
        try:
            entry = parse_entry(record.entry)
        except FormatError as error:
            raise EntryUnreadable(record.position, str(error)) from error
        sealed = None
        if open_sealed and entry.seal is not None and record.blob is not None:
            sealed = self._try_open(entry.seal, _aad(entry), record.blob)
        opened = entry.seal is None or sealed is not None
        event_class = TOPICS.get(entry.type)
        try:
            event = event_class.read(entry.payload, sealed) if event_class else None
        except ValidationError as error:
            raise EntryUnreadable(record.position, _misfit(entry.type, error)) from None
        at = parse_time(entry.at)
        place = (record.position, entry.stream, entry.seq, entry.type)
        return Recorded(*place, at, entry.by, entry.command, event, opened)

    def glanced(self, record: Record) -> Recorded:
        """Return the event of a row as `recorded` does, at a quarter of the time; without its blob it stays closed.

        The header that the columns tell is compared with the bytes as one piece, and the payload is read by the
        event's class alone: whether it is written in its one form is left to `audit verify`. A sealed part is opened
        with every check. A row that is not as expected goes the way of `recorded`, which decides.
        """
        position, stream, seq, topic, at, by, command, data, blob = record
        event_class = TOPICS.get(topic)
        try:
            place = f"{self._prefix}{stream}\nseq {seq}\ntype {topic}\n".encode()
            act = f"\nat {at}\nby {by}\ncommand {command} ".encode()
            rest = len(place) + _PREV_BYTES
            end = data.find(b"\n\n", rest)
            if event_class is None or end < 0 or not (data.startswith(place) and data.startswith(act, rest)):
                return self.recorded(record)
            moment, payload = parse_time(at), data[end + 2 :]
            seal, sealed = data[rest + len(act) : end].partition(b"\nsealed ")[2], None
            if seal != b"-" and blob is not None:
                sealed = self._try_open(parse_seal(seal), place, blob)
            if sealed:
                event = event_class.read(json.loads(payload), sealed)
            else:
                event = event_class.__pydantic_validator__.validate_json(payload)  # as `model_validate_json` does
        except (FormatError, ValueError):  # pydantic's ValidationError and a name that has no bytes are ValueErrors
            return self.recorded(record)
        opened = seal == b"-" or sealed is not None
        return _new(Recorded, (position, stream, seq, topic, moment, by, command, event, opened))

    def open_strictly(self, record: Record) -> tuple[dict[str, Any], bytes]:
        """Return the sealed object of a row and its salt S, checked against the entry.

        Raises KeyGone without its key, SealError when it does not open or is not what the entry commits to, and
        EntryUnreadable when there is nothing to open.
        """
        entry = parse_entry(record.entry)
        if entry.seal is None or record.blob is None:
            raise EntryUnreadable(record.position, "expected a sealed part, found none")
        key = self._keys.key_by_id(entry.seal.kid) if self._keys else None
        if key is None:
            raise KeyGone(
                f"entry {record.position}: key {entry.seal.kid} is not at hand; give --keys, or it was erased"
            )
        return open_blob(self._suite, key, _aad(entry), entry.seal, record.blob)

    def _try_open(self, seal: Seal, aad: bytes, blob: bytes) -> dict[str, Any] | None:
        key = self._keys.key_by_id(seal.kid) if self._keys is not None else None
        if key is None:
            return None
        try:
            return open_blob(self._suite, key, aad, seal, blob)[0]
        except FormatError:
            return None


# Private

_PREV_BYTES = len("prev ") + 44  # the base64 of a hash
_new = tuple.__new__  # a Recorded without the detour by keywords, for one is made for each row


def _aad(entry: Entry) -> bytes:
    return header_through_type(entry.suite, entry.log, entry.stream, entry.seq, entry.type)


def _misfit(topic: str, error: ValidationError) -> str:
    """Name the first field that does not fit, and never its value, which may be personal data."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "payload"
    return f"not a {topic}: {field} ({first['type']})"

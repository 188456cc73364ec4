"""The express way through a log: rows that are certainly in order, told with few and cheap comparisons.

The header that a row must have follows from the columns beside it, from the head of its stream and from the command
that the log stands in, once names, types and times are known to be well formed. It is put together and compared as
one piece: that is the grammar, the columns, the chain and the command at once. The payload must match a shape that
was learned (`ledger.payload_shape`), and what it cites must have come before. A row for which any of this does not
hold is not judged here: it is left to `ledger.chain`, which decides and names what is wrong, and from which this way
learns. Both go on from the same heads, command, clock and keys.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.canonical import INTEGER_MAX
from ledger.chain import CLOCK_CORRECTED, ERASURE_EFFECTIVE, ERASURE_REQUESTED, ChainChecker
from ledger.command_rule import Command
from ledger.entry import ENTRY_BYTES_MAX, NO_PREVIOUS, Entry, is_name, is_time, is_uuid
from ledger.finding import Place
from ledger.key_chain import KEY_ANNOUNCED, KEY_ROTATED
from ledger.payload_shape import SHAPES_MAX, Shape, pattern_of
from ledger.sealing import BLOB_BYTES_MAX, BLOB_BYTES_MIN
from ledger.stream_rule import Head
from ledger.suite import Suite

NAMES_MAX = 10_000  # officers, and types, that are remembered
_NEVER = (CLOCK_CORRECTED, ERASURE_REQUESTED, ERASURE_EFFECTIVE, KEY_ANNOUNCED, KEY_ROTATED)  # what needs a closer look

Row = tuple[Any, ...]  # position, stream, seq, type, at, by, command, entry, blob: whatever the columns hold


@dataclass(slots=True)
class Passed:
    """The rows that passed, from the first on."""

    leaves: list[bytes] = field(default_factory=list)  # leaf hashes, one for each
    starts: list[tuple[str, int, int]] = field(default_factory=list)  # (command, position, n) where one begins
    inside: list[int] = field(default_factory=list)  # sizes of the log at which a command has not ended
    streams: int = 0  # how many begin
    kids: list[str] = field(default_factory=list)  # of the sealed parts, which were checked by hash
    absent: list[str] = field(default_factory=list)  # of those that are not at hand, so that nobody could check them


class Express:
    """Takes rows that are certainly in order and moves the checker's state on past them."""

    def __init__(self, suite: Suite, origin: str, checker: ChainChecker, *, blobs_may_be_absent: bool = False) -> None:
        self._blobs_may_be_absent = blobs_may_be_absent
        self._hash = suite.hash
        self._prefix = f"{suite.name}\nlog {origin}\nstream "
        self._checker = checker
        self._officers: set[str] = set()
        self._shapes: dict[str, list[Shape]] = {}
        self._met: set[str] = set()  # patterns that came once

    def learn(self, entry: Entry) -> None:
        """Remember the officer, the type and the shape of an entry in which nothing was wrong."""
        if len(self._officers) < NAMES_MAX:
            self._officers.add(entry.by)
        if entry.type in _NEVER or (entry.type not in self._shapes and len(self._shapes) >= NAMES_MAX):
            return
        shapes = self._shapes.setdefault(entry.type, [])
        pattern = pattern_of(entry.payload) if len(shapes) < SHAPES_MAX else None
        if pattern is None or any(known.pattern == pattern for known in shapes):
            return
        if pattern in self._met:
            self._met.remove(pattern)
            shapes.append(Shape(pattern))
        elif len(self._met) < NAMES_MAX:  # what comes once may never come again, and compiling takes its time
            self._met.add(pattern)

    def take(self, rows: Sequence[Row], expected: int, *, sealed: bool) -> Passed:
        """Take rows up to the first that is not certain; `expected` is the position of the first of all.

        With `sealed`, sealed parts are taken by their hash; without, left to the slow way.
        """
        passed = Passed()
        checker, hash_of, prefix = self._checker, self._hash, self._prefix
        heads, doubts, clock, commands = checker.streams.heads, checker.streams.doubts, checker.clock, checker.commands
        current, latest, corrected = commands.current, clock.latest, clock.corrected
        officers, shapes_of, leaves, before = self._officers, self._shapes, passed.leaves, checker.streams.before
        come: Sequence[str] = ()
        for position, stream, seq, topic, at, by, command, data, blob in rows:
            # (1) the columns: well formed, and what comes next
            head = heads.get(stream, _NO_HEAD)
            if position != expected or seq != head[0] + 1 or seq > INTEGER_MAX or stream in doubts:
                break
            if type(position) is not int or type(data) is not bytes or len(data) > ENTRY_BYTES_MAX:
                break
            if by not in officers or topic not in shapes_of:
                break
            if (seq == 1 and not is_name(stream)) or (corrected and (stream, seq) in corrected):
                break
            if (at != latest or not latest) and (not is_time(at) or at < latest):
                break
            # (2) the header that follows from them
            if current.k < current.n:
                if command != current.id or at != current.at or by != current.by:
                    break
                k, n = current.k + 1, current.n
            elif is_uuid(command):
                k = n = 1
            else:
                break
            prev = b2a_base64(head[1], newline=False).decode()
            header = (
                f"{prefix}{stream}\nseq {seq}\ntype {topic}\nprev {prev}\nat {at}\nby {by}\n"
                f"command {command} {k}/{n}\nsealed -\n\n"
            ).encode()
            start, kid = len(header), ""
            if blob is not None or not data.startswith(header):
                tail = self._tail(header, data, k, n)
                if tail is None or not self._fits(tail, stream, blob, sealed):
                    break
                start, n, kid = tail.end(), int(tail[2]), (tail[3] or b"").decode()
            # (3) the payload, and what it cites
            cited = _cited(data[start:], shapes_of[topic])
            if cited != come:  # many in a row cite the same, which stays where it is
                if cited is None or not _have_come(cited, heads, before):
                    break
                come = cited
            # (4) all is well: move on past it
            leaf = hash_of(b"\x00" + data)
            heads[stream] = _new(Head, (seq, leaf, position))
            leaves.append(leaf)
            expected += 1
            if k == 1:
                current = commands.current = Command(command, 1, n, at, by)
                passed.starts.append((command, position, n))
            else:
                current.k = k
            if k < n:
                passed.inside.append(expected)
            if kid:
                checker.keys.stream_of[kid] = stream
                (passed.absent if blob is None else passed.kids).append(kid)
            clock.latest = latest = at
            passed.streams += seq == 1
        if leaves:
            checker.last = Place(*rows[len(leaves) - 1][:3])
        return passed

    # Private

    def _tail(self, header: bytes, data: bytes, k: int, n: int) -> re.Match[bytes] | None:
        """Return a header's last pieces, k/n and the seal, where they are others than the plainest; None if wrong."""
        plain = header.rindex(b" ", 0, -len(_UNSEALED)) + 1
        tail = _TAIL.match(data, plain)
        if tail is None or data[:plain] != header[:plain] or int(tail[1]) != k:
            return None
        return tail if k == 1 or int(tail[2]) == n else None

    def _fits(self, tail: re.Match[bytes], stream: str, blob: Any, sealed: bool) -> bool:
        """Say whether the sealed part is the one that is named, under a key that may seal this stream."""
        if tail[3] is None or not sealed:
            return tail[3] is None and blob is None
        keys, kid = self._checker.keys, tail[3].decode()
        if kid in keys.requested or keys.stream_of.get(kid, stream) != stream:
            return False
        if blob is None and self._blobs_may_be_absent:
            return True
        if type(blob) is not bytes or not BLOB_BYTES_MIN <= len(blob) <= BLOB_BYTES_MAX:
            return False
        return b2a_base64(self._hash(blob), newline=False) == tail[4]


# Private

_NO_HEAD = Head(0, NO_PREVIOUS, -1)
_UNSEALED = b"\nsealed -\n\n"
_BASE64 = rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_TAIL = re.compile(
    rb"([1-9][0-9]{0,14})/([1-9][0-9]{0,14})\nsealed (?:-|([0-9a-f]{32}) (%b) (%b))\n\n" % (_BASE64, _BASE64)
)
_new = tuple.__new__  # a Head without the detour by keywords, for it is made once for each row


def _cited(payload: bytes, shapes: Iterable[Shape]) -> Sequence[str] | None:
    """Return what a payload with its line feed cites, seq and stream by turns; None where no known shape fits."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    for shape in shapes:
        match = shape.match(text)
        if match is not None:
            return match.groups()
    return None


def _have_come(cited: Sequence[str], heads: Mapping[str, Head], before: Mapping[str, int]) -> bool:
    """Say whether the entries cited, seq and stream by turns, are there already, or are taken to be."""
    pairs = zip(cited[1::2], cited[::2], strict=True)
    return all(int(seq) <= max(heads.get(stream, _NO_HEAD)[0], before.get(stream, 0)) for stream, seq in pairs)

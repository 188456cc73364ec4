"""The rule of streams: seq runs 1, 2, 3 …, and each prev is the leaf hash of the entry before.

An entry that does not fit is kept in doubt until the next of its stream shows what happened: an entry put in, one
taken out, one changed, or two that changed places. Only the first of these shows as a finding.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

from ledger.entry import NO_PREVIOUS, Entry
from ledger.finding import Fault


class Head(NamedTuple):
    """The entry a stream ends with: its seq, leaf hash and position."""

    seq: int
    leaf: bytes
    position: int


class Streams:
    """The heads of all streams, and by stream the entry that did not fit.

    `ledger.express` moves `heads` on as well.
    """

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self.doubts: dict[str, _Doubt] = {}
        self.before: dict[str, int] = {}  # seq by stream: what is taken to stand before the part that is read

    def holds(self, stream: str, seq: int) -> bool:
        """Say whether the stream has come as far as `seq`."""
        return 1 <= seq <= max(self.heads.get(stream, _NO_HEAD).seq, self.before.get(stream, 0))

    def follow(self, entry: Entry, leaf: bytes, position: int) -> Sequence[Fault]:
        """Move the entry's stream on to it, and return what is wrong with its seq or prev: at most one fault."""
        head = self.heads.get(entry.stream, _NO_HEAD)
        own = self.heads[entry.stream] = Head(entry.seq, leaf, position)
        if entry.seq == head.seq + 1 and entry.prev == head.leaf:
            if self.doubts:
                self.doubts.pop(entry.stream, None)
            return ()
        doubt = self.doubts.pop(entry.stream, None)
        if doubt and (faults := self._settle(entry, own, head, doubt)) is not None:
            return faults
        if entry.seq == head.seq + 1:
            expected = f"{_base64(head.leaf)}, of seq {head.seq} at position {head.position}"
            return [Fault("stream-chain", "prev", expected, _base64(entry.prev))]
        self.doubts[entry.stream] = _Doubt(head, own, entry.prev)
        if entry.seq > head.seq + 1:
            return [Fault("stream-gap", "seq", str(head.seq + 1), str(entry.seq))]
        self.heads[entry.stream] = head  # a copy does not move the stream back
        return [Fault("stream-repeat", "seq", str(head.seq + 1), str(entry.seq))]

    def skip(self, stream: str, unreadable: Head) -> None:
        """Take an entry that does not parse for what it seems to be, so that its successor is not blamed."""
        head = self.heads.get(stream, _NO_HEAD)
        self.doubts[stream] = _Doubt(head, unreadable, None)
        if unreadable.seq == head.seq + 1:
            self.heads[stream] = unreadable

    def _settle(self, entry: Entry, own: Head, head: Head, doubt: "_Doubt") -> Sequence[Fault] | None:
        """Return the faults of an entry that explains the one in doubt before it; None when it does not."""
        if entry.seq == doubt.before.seq + 1 and entry.prev == doubt.before.leaf:
            # The one in doubt came too early, or does not belong here; its successor may still follow it.
            self.doubts[entry.stream] = _Doubt(head, own, entry.prev)
            if doubt.prev == own.leaf:
                return [Fault("stream-order", "seq", f"before seq {head.seq}", f"after seq {head.seq}")]
            return ()
        rival = doubt.entry.seq == doubt.before.seq == entry.seq - 1 and entry.prev == doubt.entry.leaf
        # The one in doubt stood in the right place, changed; what it was before, nobody can tell.
        replaced = entry.seq == doubt.before.seq + 2 and own.leaf != doubt.entry.leaf
        return () if rival or replaced else None


# Private


class _Doubt(NamedTuple):
    """An entry that did not fit its stream: the head before it, itself, and what it names as its predecessor."""

    before: Head
    entry: Head
    prev: bytes | None


_NO_HEAD = Head(0, NO_PREVIOUS, -1)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()

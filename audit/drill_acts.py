"""The acts that somebody could commit upon a stored ledger, each done at a random place of a copy.

An act is given a `ScratchLedger` and chance, does what it is named after, and returns what must be named: the kind of
finding, position, stream, seq and field, None where no such thing can be. `finder` says who can see it at all.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final

from audit.scratch_ledger import ScratchLedger, Statement, Stored, rechained
from ledger.entry import Entry, encode_entry, format_time, parse_time
from ledger.errors import LedgerError

BACK_DATED_DAYS = 30
FORKED_MAX = 20  # entries that have other contents in the second view; so few that each is told by itself


class NotPossibleHere(LedgerError):
    """The ledger has nothing upon which this act could be committed."""


class Finder(Enum):
    """Who finds an act: the weakest that suffices."""

    VERIFIER = "verifier alone"
    CHECKPOINT = "previous checkpoint"
    WITNESS = "leaf hashes of a witness"
    NOBODY = "nothing in the ledger"


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, as a finding must name it; `altered` are the positions whose content is another one now.

    Of two entries that changed places a finding names either: `partner` is the other one's stream and seq.
    """

    kind: str
    position: int | None
    stream: str | None = None
    seq: int | None = None
    field: str | None = None
    altered: tuple[int, ...] = ()
    partner: tuple[str, int] | None = None

    def is_of(self, stream: str | None, seq: int | None) -> bool:
        """Say whether a finding of this stream and seq names an entry of the deed, where it must name one."""
        return self.stream is None or (stream, seq) in ((self.stream, self.seq), self.partner)


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act; `commit` does it and says what must be found, or raises NotPossibleHere."""

    name: str
    finder: Finder
    commit: Callable[[ScratchLedger, random.Random], Deed]
    needs_sealing_keys: bool = False


def edit_payload(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Change a value in the open part of an entry; tree and chain stay."""
    one = _any_of([one for one in ledger.stored() if _changed(one.entry) is not None], chance)
    data = encode_entry(_changed(one.entry) or one.entry)
    ledger.run(("UPDATE entries SET entry = ? WHERE position = ?", (data, one.position)))
    return _deed("edited-entry", one, "payload")


def edit_column(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Change an index column beside the bytes, as somebody would who only knows the tables."""
    one = _any_of(ledger.stored(), chance)
    values: dict[str, object] = {
        "stream": "case/elsewhere",
        "seq": one.entry.seq + 1_000_000,
        "type": "something.else/1",
        "at": "2001-01-01T00:00:00.000000Z",
        "by": "staff/nobody",
        "command": "00000000-0000-0000-0000-000000000000",
    }
    column = chance.choice(sorted(values))
    ledger.run((f'UPDATE entries SET "{column}" = ? WHERE position = ?', (values[column], one.position)))
    return _deed("edited-column", one, column)


def delete_tail(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Take the last entries out with their blobs and commands."""
    size = len(ledger.stored())
    first = chance.randrange(max(size - 20, 1), size)
    ledger.run(*(f"DELETE FROM {table} WHERE position >= {first}" for table in _BY_POSITION))
    return Deed("deleted-tail", first, field="entry")


def remove_entry(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Take an entry out and count the positions of all later ones down."""
    one = _any_of(ledger.stored()[:-1], chance)
    ledger.run(
        f"DELETE FROM entries WHERE position = {one.position}",
        f"DELETE FROM blobs WHERE position = {one.position}",
        f"DELETE FROM commands WHERE position = {one.position}",
        *_shifted(one.position, -1),
    )
    return Deed("removed-entry", one.position, field="entry")


def insert_entry(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Put a forged entry between two, and count the positions of all later ones up."""
    model = _any_of([one for one in ledger.stored()[1:] if one.entry.seal is None], chance)
    forged = replace(model.entry, seq=model.entry.seq + 1_000_000)
    place = model.position + 1
    row = (place, forged.stream, forged.seq, forged.type, forged.at, forged.by, forged.command, encode_entry(forged))
    ledger.run(*_shifted(model.position, 1), ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row))
    return Deed("inserted-entry", place, forged.stream, forged.seq, "entry", (place,))


def swap_entries(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Let two entries change places, with their blobs."""
    first, second = _two_of(ledger.stored(), chance)
    moves = ((first.position, -1_000), (second.position, first.position), (-1_000, second.position))
    tables = ("entries", "blobs")
    ledger.run(*(f"UPDATE {table} SET position = {to} WHERE position = {at}" for table in tables for at, to in moves))
    deed = _deed("swapped-entries", replace(second, position=first.position), "position")
    return replace(deed, partner=(first.entry.stream, first.entry.seq))


def replay_entry(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Put an entry, such as a payment, into the log a second time."""
    stored = ledger.stored()
    one = _any_of(stored, chance)
    place = chance.randrange(one.position + 1, len(stored) + 1)
    entry = one.entry
    row = (place, entry.stream, entry.seq + 1_000_000, entry.type, entry.at, entry.by, entry.command, one.data)
    ledger.run(*_shifted(place - 1, 1), ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row))
    return _deed("duplicated-entry", replace(one, position=place), "entry")


def back_date(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Date a command back and make chain, tree and checkpoints anew: what is left is that time runs backwards."""
    stored = ledger.stored()
    dated = [one for one in stored if one.entry.k == 1 and _is_later(stored, one)]
    one = _any_of(dated, chance)
    at = format_time(parse_time(one.entry.at) - timedelta(days=BACK_DATED_DAYS))
    entries = [
        (replace(each.entry, at=at) if each.entry.command == one.entry.command else each.entry, each.blob)
        for each in stored
    ]
    ledger.rebuild(rechained(ledger.suite, entries))
    return _deed("time", one, "at")


def rewrite_and_sign(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Edit an entry, make everything anew that follows from it, and sign it with the true key."""
    stored = ledger.stored()
    last = max(ledger.checkpoint_sizes(), default=len(stored))
    one = _any_of([one for one in stored[:last] if _changed(one.entry) is not None], chance)
    changed = _changed(one.entry) or one.entry
    entries = [(changed if each is one else each.entry, each.blob) for each in stored]
    ledger.rebuild(rechained(ledger.suite, entries))
    return replace(_deed("history-rewritten", one, None), altered=(one.position,))


def fork_view(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Make a second history for another inspector: the same up to a place, then other contents, signed as well."""
    stored = ledger.stored()
    last = max(ledger.checkpoint_sizes(), default=len(stored))
    if last <= 2:
        raise NotPossibleHere("there is nothing after the opening of the ledger")
    first = chance.randrange(2, last)
    room = range(first, first + FORKED_MAX)
    other = [(one.position in room and _changed(one.entry)) or one.entry for one in stored]
    altered = tuple(one.position for one, entry in zip(stored, other, strict=True) if entry is not one.entry)
    if not altered or altered[0] >= last:
        return rewrite_and_sign(ledger, chance)
    ledger.rebuild(rechained(ledger.suite, [(entry, one.blob) for entry, one in zip(other, stored, strict=True)]))
    return replace(_deed("history-rewritten", stored[altered[0]], None), altered=altered)


def restore_old_backup(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Put back the ledger as it was at an earlier moment, whole and sound in itself."""
    stored = ledger.stored()
    last = max(ledger.checkpoint_sizes(), default=len(stored))
    sizes = [size for size in ledger.heads() if size < last]
    if not sizes:
        raise NotPossibleHere("there is no earlier moment than the first checkpoint")
    size = chance.choice(sizes)
    ledger.rebuild([(one.entry, one.blob) for one in stored[:size]])
    return Deed("tail-cut", size)


def swap_sealed(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Let two entries change their sealed parts."""
    sealed = [one for one in ledger.stored() if one.blob is not None]
    first, second = _two_of(sealed, chance)
    ledger.run(
        ("UPDATE blobs SET blob = ? WHERE position = ?", (second.blob, first.position)),
        ("UPDATE blobs SET blob = ? WHERE position = ?", (first.blob, second.position)),
    )
    return _deed("sealed-swapped", first, "blob")


def destroy_key(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Destroy the key of a stream, and record nothing of it."""
    stored = ledger.stored()
    one = _any_of([one for one in stored if one.entry.seal is not None], chance)
    kid = _kid(one.entry)
    ledger.destroy_key(kid)
    first = next(each for each in stored if _kid(each.entry) == kid)
    return _deed("key-destroyed", first, "sealed")


def keep_silent(ledger: ScratchLedger, chance: random.Random) -> Deed:
    """Record nothing of something that happened: nothing is changed, and nothing here can show it."""
    return Deed("", None)


ACTS: Final[Sequence[Act]] = (
    Act("edited payload", Finder.VERIFIER, edit_payload),
    Act("edited index column", Finder.VERIFIER, edit_column),
    Act("deleted tail", Finder.VERIFIER, delete_tail),
    Act("removed entry, later ones renumbered", Finder.VERIFIER, remove_entry),
    Act("inserted entry", Finder.VERIFIER, insert_entry),
    Act("swapped entries", Finder.VERIFIER, swap_entries),
    Act("replayed entry", Finder.VERIFIER, replay_entry),
    Act("back-dated command", Finder.VERIFIER, back_date),
    Act("re-chained and re-signed with the true key", Finder.CHECKPOINT, rewrite_and_sign),
    Act("forked view", Finder.CHECKPOINT, fork_view),
    Act("restored old backup", Finder.CHECKPOINT, restore_old_backup),
    Act("sealed data swapped", Finder.VERIFIER, swap_sealed),
    Act("key destroyed without an erasure entry", Finder.VERIFIER, destroy_key, needs_sealing_keys=True),
    Act("event never recorded", Finder.NOBODY, keep_silent),
)
"""Every act of the drill, in the order in which they are shown."""


# Private

_BY_POSITION = ("entries", "blobs", "commands")


def _any_of(stored: Sequence[Stored], chance: random.Random) -> Stored:
    if not stored:
        raise NotPossibleHere("no entry of this ledger is of the kind that the act needs")
    return chance.choice(stored)


def _two_of(stored: Sequence[Stored], chance: random.Random) -> list[Stored]:
    if len(stored) < 2:
        raise NotPossibleHere("no two entries of this ledger are of the kind that the act needs")
    return sorted(chance.sample(stored, 2), key=lambda one: one.position)


def _deed(kind: str, one: Stored, field: str | None) -> Deed:
    return Deed(kind, one.position, one.entry.stream, one.entry.seq, field, (one.position,))


def _changed(entry: Entry) -> Entry | None:
    """Return the entry with one number of its open part changed; None where it has none that could be."""
    if entry.type.startswith("ledger."):
        return None
    for key, value in entry.payload.items():
        if type(value) is int:
            return replace(entry, payload={**entry.payload, key: value + 1})
    return None


def _shifted(after: int, by: int) -> list[Statement]:
    """Statements that count positions up or down; by way of negative numbers, since each is there once."""
    return [
        statement
        for table in _BY_POSITION
        for statement in (
            f"UPDATE {table} SET position = -position - 1000 WHERE position > {after}",
            f"UPDATE {table} SET position = -position - 1000 + {by} WHERE position < -999",
        )
    ]


def _is_later(stored: Sequence[Stored], one: Stored) -> bool:
    """Say whether dated back this command would be earlier than one before it, beyond what a clock may err."""
    back = parse_time(one.entry.at) - timedelta(days=BACK_DATED_DAYS)
    return one.position > 0 and parse_time(stored[one.position - 1].entry.at) - back > timedelta(hours=1)


def _kid(entry: Entry) -> str:
    return entry.seal.kid if entry.seal is not None else ""

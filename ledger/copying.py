"""A log copied row for row into a new one, whichever databases the two are in.

Entries, sealed blobs, command ids, tree heads, tiles and checkpoints keep every byte and their order. What is copied is
what the reader hands out: take it from a snapshot, which is one moment of the log. Nothing is computed or believed
here; whoever makes a copy verifies it before it is called one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator

from ledger.store import Reader, Record, StoredCheckpoint, StoredTile, TreeHead
from ledger.store_errors import StoreDamaged

REPORTED_EVERY = 1_000

Progress = Callable[[int, int], None]
"""Called with the entries copied and the entries in all."""

CopiedEntry = tuple[Record, int | None]
"""An entry, and the number of entries of its command when it is the first of them."""


class NewLog(ABC):
    """An empty log that is filled in one transaction; nobody else sees anything of it before that is committed."""

    @abstractmethod
    def put_entries(self, entries: Iterable[CopiedEntry]) -> None:
        """Store entries with their blobs and commands, in the order of position."""

    @abstractmethod
    def put_heads(self, heads: Iterable[TreeHead]) -> None:
        """Store tree heads."""

    @abstractmethod
    def put_tiles(self, tiles: Iterable[StoredTile]) -> None:
        """Store whole tiles."""

    @abstractmethod
    def put_checkpoints(self, checkpoints: Iterable[StoredCheckpoint]) -> None:
        """Store signed notes."""


def copy_log(source: Reader, target: NewLog, on_progress: Progress | None = None) -> None:
    """Copy every row, a few in memory at a time; raises StoreDamaged for a command without its entry."""
    target.put_entries(_reported(_with_commands(source), source.head().size, on_progress))
    target.put_heads(source.heads())
    target.put_tiles(source.tiles())
    target.put_checkpoints(source.checkpoints())


def unlike_a_ledger(where: str, error: Exception) -> StoreDamaged:
    """Return what says that rows were read which no ledger can hold: the database's own rules refused them."""
    found = str(error).strip().partition("\n")[0]
    mend = "run `mingzhang audit verify` on what is copied, and keep the backups that you have"
    return StoreDamaged(where=where, expected="rows that a ledger can hold", found=found, mend=mend)


# Private


def _with_commands(source: Reader) -> Iterator[CopiedEntry]:
    """Join entries and commands, both of which come in the order of position."""
    commands = source.commands()
    command = next(commands, None)
    for record in source.records():
        if command is None or command.position > record.position:
            yield record, None
            continue
        if command.position < record.position or command.command != record.command:
            break
        yield record, command.n
        command = next(commands, None)
    if command is not None:
        raise StoreDamaged(
            where=f"command {command.command}",
            expected=f"its first entry at position {command.position}",
            found="no such entry",
            mend="run `mingzhang audit verify` on what is copied, and keep the backups that you have",
        )


def _reported(entries: Iterator[CopiedEntry], size: int, on_progress: Progress | None) -> Iterator[CopiedEntry]:
    done = 0
    for done, entry in enumerate(entries, 1):
        yield entry
        if on_progress is not None and done % REPORTED_EVERY == 0:
            on_progress(done, size)
    if on_progress is not None:
        on_progress(done, size)

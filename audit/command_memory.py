"""The ids of commands where no table keeps them unique: each is remembered, 16 bytes, and may begin once."""

from binascii import unhexlify
from collections.abc import Sequence

from audit.alignment import Row
from audit.finding import Finding
from ledger.store import StoredCommand

KEPT_MAX = 1_000


class CommandMemory:
    """Takes the place of `CommandJoin` for a log that is read from files."""

    def __init__(self) -> None:
        self.beyond: list[StoredCommand] = []  # there is no table, so nothing in it speaks of entries past the end
        self._seen: set[bytes] = set()
        self._findings: list[Finding] = []

    def first_of_command(self, _index: int, row: Row) -> None:
        """Take the first entry of a command."""
        if row.command is None:
            return
        known = len(self._seen)
        self._seen.add(_packed(row.command))
        if len(self._seen) == known and len(self._findings) < KEPT_MAX:
            place = (row.position, row.stream, row.seq)
            expected = "an id not recorded before"
            self._findings.append(Finding("command-repeated", *place, "command", expected, row.command))

    def follow(self, starts: Sequence[tuple[str, int, int]]) -> bool:
        """Take commands that are all new; otherwise take none, and return False."""
        ids = {_packed(command) for command, _, _ in starts}
        if len(ids) < len(starts) or not self._seen.isdisjoint(ids):
            return False
        self._seen |= ids
        return True

    def forgive(self, index: int) -> None:
        """Do nothing: no table speaks of the entry."""

    def forgive_command(self, command: str | None) -> None:
        """Do nothing: no table speaks of the entry."""

    def finish(self, _size: int) -> list[Finding]:
        """Return the commands that began twice."""
        return self._findings


# Private


def _packed(command: str) -> bytes:
    return unhexlify(command.replace("-", ""))

"""The table of command ids against the entries, both ways, by reading the two side by side in order of position.

Each command's first entry has a row with its position, its id and its number of entries, and there is no other row.
That no id is recorded twice is the table's own rule, which its index keeps and the check of the database looks after.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from audit.alignment import Row
from audit.finding import Finding, shown
from ledger.store import StoredCommand

KIND = "command-changed"
KEPT_MAX = 1_000


class CommandJoin:
    """Told of each entry in order, it says which rows of the table do not fit."""

    def __init__(self, stored: Iterator[StoredCommand]) -> None:
        self.beyond: list[StoredCommand] = []  # rows of positions past the last entry
        self._stored = stored
        self._next = next(stored, None)
        self._forgiven: StoredCommand | None = None
        self._missing: dict[str, Row] = {}
        self._extra: dict[str, StoredCommand] = {}
        self._findings: list[Finding] = []

    def first_of_command(self, index: int, row: Row) -> None:
        """Take the first entry of a command, which the tree recorded at `index`.

        Its row may name that position or the one where the entry is now: whoever takes an entry out may renumber
        what follows.
        """
        forgiven, self._forgiven = self._forgiven, None
        if forgiven is not None and forgiven == (row.command, row.position, row.n):
            return
        self._pass_by(min(index, row.position))
        stored = self._next
        if stored is None or stored.position not in (index, row.position):
            if len(self._missing) < KEPT_MAX and row.command:
                self._missing[row.command] = row
            return
        self._next = next(self._stored, None)
        for field, expected, found in (("n", row.n, stored.n), ("command", row.command, stored.command)):
            if found != expected:
                self._add(_finding(row, field, str(expected), shown(found)))

    def follow(self, starts: Sequence[tuple[str, int, int]]) -> bool:
        """Step over rows that are the next ones, just like this; otherwise stay, and return False."""
        if self._forgiven is not None or not starts:
            return not starts
        stored = [self._next, *islice(self._stored, len(starts) - 1)]
        if stored == starts:
            self._next = next(self._stored, None)
            return True
        self._next, self._stored = stored[0], chain(stored[1:], self._stored)  # type: ignore[arg-type]
        return False

    def forgive(self, index: int) -> None:
        """Say nothing of the row at `index`: its entry is missing, or is not what it was.

        It may yet turn out to be the renumbered row of the entry after a missing one.
        """
        self._pass_by(index)
        if self._next is not None and self._next.position == index:
            self._forgiven = self._next
            self._next = next(self._stored, None)

    def forgive_command(self, command: str | None) -> None:
        """Say nothing of the next row if it is that of an entry too many."""
        if self._next is not None and self._next.command == command:
            self._next = next(self._stored, None)

    def finish(self, size: int) -> list[Finding]:
        """Return what does not fit, now that the log has ended after `size` entries."""
        self._pass_by(size)
        while self._next is not None:
            if len(self.beyond) < KEPT_MAX:
                self.beyond.append(self._next)
            self._next = next(self._stored, None)
        for command, row in self._missing.items():
            stored = self._extra.pop(command, None) or self._beyond(command)
            found = f"position {stored.position}" if stored else "no row"
            self._add(_finding(row, "position", f"a row at position {row.position}", found))
        for stored in self._extra.values():
            found = f"a row of command {shown(stored.command)}"
            self._add(Finding(KIND, stored.position, None, None, "position", "no command begins here", found))
        return self._findings

    # Private

    def _pass_by(self, index: int) -> None:
        while self._next is not None and self._next.position < index:
            if len(self._extra) < KEPT_MAX:
                self._extra[self._next.command] = self._next
            self._next = next(self._stored, None)

    def _beyond(self, command: str) -> StoredCommand | None:
        for stored in self.beyond:
            if stored.command == command:
                self.beyond.remove(stored)
                return stored
        return None

    def _add(self, finding: Finding) -> None:
        if len(self._findings) < KEPT_MAX:
            self._findings.append(finding)


def _finding(row: Row, field: str, expected: str, found: str) -> Finding:
    return Finding(KIND, row.position, row.stream, row.seq, field, expected, found)

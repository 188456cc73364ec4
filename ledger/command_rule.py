"""The rule of commands: the n entries of one stand side by side, in order, with one `at` and one `by`; its id is new.

A half-applied command so shows in the bytes themselves. Of a command that was found broken nothing more is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.entry import Entry
from ledger.finding import Fault


class CommandIds:
    """Command ids kept in memory, 16 bytes each."""

    def __init__(self) -> None:
        self._ids: set[bytes] = set()

    def seen(self, command: str) -> bool:
        """Record a command id; say whether it was recorded before."""
        size = len(self._ids)
        self._ids.add(bytes.fromhex(command.replace("-", "")))
        return len(self._ids) == size


@dataclass(slots=True)
class Command:
    """A command as far as it was seen: entry k of n was the last."""

    id: str
    k: int
    n: int
    at: str = ""
    by: str = ""
    broken: bool = False  # a finding about it was made; no second one

    def awaits(self, entry: Entry) -> bool:
        """Say whether an entry is the next of this command."""
        return entry.command == self.id and entry.k == self.k + 1 and entry.n == self.n

    def awaited(self) -> str:
        """Return in words what must come next."""
        return f"{self.id} {self.k + 1}/{self.n}" if self.k < self.n else "1/n of a new command"


class Commands:
    """The command that the log stands in; `seen` records a command id and says whether it was there before."""

    def __init__(self, seen: Callable[[str], bool]) -> None:
        self._seen = seen
        self.current = Command("", 0, 0)  # `ledger.express` moves it on as well
        self._interrupted: Command | None = None

    def follow(self, entry: Entry) -> Sequence[Fault]:
        """Move on to the entry, and return what is wrong with its command, `at` or `by`."""
        current = self.current
        if current.k == current.n and entry.k == 1:
            return self._start(entry)
        if current.k < current.n and current.awaits(entry):
            current.k = entry.k
            return () if entry.at == current.at and entry.by == current.by else self._mixed(entry)
        return self._disorder(entry)

    def skip(self) -> None:
        """Take an entry that does not parse for the one awaited; between commands, for any."""
        if self.current.k == self.current.n:
            self.current = Command("", 0, 2, broken=True)
            return
        self.current.k += 1
        self.forgive()

    def forgive(self) -> None:
        """Say no more of the command that the log now stands in: its entry is at fault in another way."""
        self.current.broken = True

    def finish(self) -> Sequence[Fault]:
        """Return what is missing when the log ends here."""
        current = self.current
        if current.k == current.n or current.broken:
            return ()
        return [Fault("unfinished-command", "command", current.awaited(), "the end of the log")]

    def _start(self, entry: Entry) -> Sequence[Fault]:
        self.current = Command(entry.command, entry.k, entry.n, entry.at, entry.by)
        if self._seen(entry.command):
            return [Fault("command-repeated", "command", "an id not recorded before", entry.command)]
        return ()

    def _mixed(self, entry: Entry) -> Sequence[Fault]:
        current = self.current
        if current.broken:
            return ()
        current.broken = True
        pairs = (("at", current.at, entry.at), ("by", current.by, entry.by))
        return [Fault("command-mixed", field, first, own) for field, first, own in pairs if own != first]

    def _disorder(self, entry: Entry) -> Sequence[Fault]:
        """Say once that a command is out of order, and go on from the entry that is there."""
        current = self.current
        if self._interrupted and self._interrupted.awaits(entry):  # what stood between was reported
            self.current, self._interrupted = self._interrupted, None
            self.current.k = entry.k
            return ()
        faults: list[Fault] = []
        if not (current.broken and (current.k < current.n or entry.command == current.id)):
            found = f"{entry.command} {entry.k}/{entry.n}"
            faults.append(Fault("command-order", "command", current.awaited(), found))
        if entry.command == current.id:
            current.k, current.n, current.broken = entry.k, entry.n, True
            return faults
        if current.k < current.n:
            self._interrupted = current
        repeated = self._start(entry)
        if entry.k == 1:
            return [*faults, *repeated]
        self.forgive()
        return faults

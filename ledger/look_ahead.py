"""Questions to the log as it was before a recording, many asked at once where each would cost a journey to a server.

What was there stays there, so that an answer stays right as long as it is kept. Of an empty log nothing is asked.
"""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from ledger.store import Reader, Record, StoredCommand

ANSWERS_MAX = 4_000
RECORDS_MAX = 2_000


class LookAhead:
    """The answers; to whatever was not expected, the log's own."""

    def __init__(self, base: Reader, size: int) -> None:
        self._base = base
        self._size = size
        self._commands: dict[str, StoredCommand | None] = {}
        self._last: dict[str, tuple[int, bytes] | None] = {}
        self._records: dict[int, Record] = {}

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Ask for the last entries of streams, and for commands with their rows, what is not known of them yet."""
        if not self._size:
            return
        _forget_oldest(self._commands, ANSWERS_MAX)
        _forget_oldest(self._last, ANSWERS_MAX)
        _forget_oldest(self._records, RECORDS_MAX)
        if asked := set(streams) - self._last.keys():
            found = {stream: (seq, entry) for stream, seq, entry in self._base.last_of_each(asked)}
            self._last.update((stream, found.get(stream)) for stream in asked)
        if unknown := set(commands) - self._commands.keys():
            recorded = {one.command: one for one in self._base.commands_among(unknown)}
            self._commands.update((command, recorded.get(command)) for command in unknown)
            self._expect_rows(recorded.values())

    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, or None when it is not."""
        if not self._size:
            return None
        return self._commands[command] if command in self._commands else self._base.command(command)

    def last_of(self, stream: str) -> tuple[int, bytes] | None:
        """Return seq and bytes of the last entry of a stream, or None when there is no such stream."""
        if not self._size:
            return None
        if stream in self._last:
            return self._last[stream]
        last = self._base.last_of(stream)
        return (last.seq, last.entry) if last else None

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1."""
        rows = [self._records.get(position) for position in range(start, stop)]
        known = [row for row in rows if row is not None]
        return known if len(known) == len(rows) else list(self._base.records(start, stop))

    # Private

    def _expect_rows(self, commands: Iterable[StoredCommand]) -> None:
        positions = {position for one in commands for position in range(one.position, one.position + one.n)}
        if 0 < len(positions) <= RECORDS_MAX:
            self._records.update((row.position, row) for row in self._base.records_at(positions))


# Private


def _forget_oldest(answers: dict[Any, Any], kept_max: int) -> None:
    """Drop half of the answers, those that were given first, when there are more than `kept_max`."""
    if len(answers) > kept_max:
        for asked in list(islice(answers, len(answers) // 2)):
            del answers[asked]

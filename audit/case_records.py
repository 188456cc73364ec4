"""Every entry that belongs to a case's file: its own stream, the appeals and recoveries it cites, money naming it."""

from collections.abc import Iterator

from audit.errors import AuditError
from domain.events.appeal import AppealApplied, AppealReceived
from domain.events.recovery import RepaymentDemanded
from domain.recorded import Recorded
from ledger.entry import decode_name, encode_name
from ledger.errors import FormatError
from ledger.ledger import Ledger

_NEAR_MAX = 5
_NEAR_DIFFERENCE_MAX = 2  # characters


class CaseUnknown(AuditError):
    """The log holds nothing about this case; `near` are numbers of cases that look like it."""

    def __init__(self, case: str, near: tuple[str, ...]) -> None:
        super().__init__(case, near)
        self.where = f"case {case}"
        self.expected = "a case of this ledger" + (f", such as {', '.join(near)}" if near else "")
        self.found = "no entry about it"
        self.mend = "check the number; `mingzhang case list` shows those there are"
        self.near = near

    def __str__(self) -> str:
        return f"{self.where}\n  expected: {self.expected}\n  found:    {self.found}\n  mend:     {self.mend}"


def case_records(ledger: Ledger, case: str, known_at: int | None = None) -> list[Recorded]:
    """Return the entries of a case's file in order of position; those before `known_at` when it is given.

    Raises CaseUnknown when the whole log, whatever `known_at`, has none.
    """
    stop = ledger.size
    found = {recorded.position: recorded for recorded in _everything(ledger, case) if recorded.position < stop}
    if not found:
        raise CaseUnknown(case, near_cases(ledger, case))
    stop = stop if known_at is None else known_at
    return [found[position] for position in sorted(found) if position < stop]


def near_cases(ledger: Ledger, text: str) -> tuple[str, ...]:
    """Return a few numbers of cases that hold the text, or differ from it in a character or two."""
    wanted = text.upper()
    near: list[str] = []
    for name in ledger.store.stream_names("case/"):
        number = decode_name(name)[1]
        if (wanted and wanted in number.upper()) or _differences(wanted, number.upper()) <= _NEAR_DIFFERENCE_MAX:
            near.append(number)
            if len(near) == _NEAR_MAX:
                break
    return tuple(near)


# Private


def _everything(ledger: Ledger, case: str) -> Iterator[Recorded]:
    try:
        stream = encode_name("case", case)
    except FormatError:
        return
    cited: set[str] = set()
    for recorded in ledger.stream(stream):
        yield recorded
        if isinstance(recorded.event, AppealApplied | AppealReceived | RepaymentDemanded):
            cited.add(recorded.event.cites.stream)
    for name in cited - {stream}:
        yield from ledger.stream(name)
    yield from _batch_lines(ledger, case)


def _batch_lines(ledger: Ledger, case: str) -> Iterator[Recorded]:
    """Yield what was recorded of money that named this case before the case was loaded, details included."""
    for name in ledger.store.stream_names("batch/"):
        commands: set[str] = set()
        transfers: set[str] = set()
        for recorded in ledger.stream(name, open_sealed=False):
            event = recorded.event
            transfer = getattr(event, "transfer", None)
            if getattr(event, "case", None) == case:
                commands.add(recorded.command)
                transfers |= {transfer} if transfer else set()
            if recorded.command in commands or transfer in transfers:
                yield ledger.event(recorded.position) or recorded


def _differences(one: str, other: str) -> int:
    if len(one) != len(other):
        return len(one) + len(other)
    return sum(left != right for left, right in zip(one, other, strict=True))

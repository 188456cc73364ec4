"""Every entry that belongs to a case's file: its own stream, the appeals and recoveries it cites, money naming it."""

from collections.abc import Collection, Iterable, Iterator

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
    return _in_order(ledger, case, _batch_lines(ledger, frozenset((case,))).get(case, []), known_at)


def records_of_cases(
    ledger: Ledger, cases: Collection[str], known_at: int | None = None
) -> Iterator[tuple[str, list[Recorded]]]:
    """Yield (case, entries of its file) in the order asked; the batches are read once for all of them.

    Raises CaseUnknown as `case_records` does.
    """
    lines = _batch_lines(ledger, frozenset(cases))
    for case in cases:
        yield case, _in_order(ledger, case, lines.get(case, []), known_at)


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


def _in_order(ledger: Ledger, case: str, lines: Iterable[Recorded], known_at: int | None) -> list[Recorded]:
    stop = ledger.size
    found = {one.position: one for one in (*_own(ledger, case), *lines) if one.position < stop}
    if not found:
        raise CaseUnknown(case, near_cases(ledger, case))
    stop = stop if known_at is None else known_at
    return [found[position] for position in sorted(found) if position < stop]


def _own(ledger: Ledger, case: str) -> Iterator[Recorded]:
    """Yield the entries of the case's own stream, and of the streams that it cites."""
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


def _batch_lines(ledger: Ledger, cases: Collection[str]) -> dict[str, list[Recorded]]:
    """Return what was recorded of money that named a case before the case was loaded, details included, by case."""
    found: dict[str, list[Recorded]] = {}
    for name in ledger.store.stream_names("batch/"):
        commands: dict[str, str] = {}
        transfers: dict[str, str] = {}
        for recorded in ledger.stream(name, open_sealed=False):
            event = recorded.event
            transfer, named = getattr(event, "transfer", None), getattr(event, "case", None)
            if named is not None and named in cases:
                commands[recorded.command] = named
                if transfer:
                    transfers[transfer] = named
            case = commands.get(recorded.command) or transfers.get(transfer or "")
            if case is not None:
                found.setdefault(case, []).append(ledger.event(recorded.position) or recorded)
    return found


def _differences(one: str, other: str) -> int:
    if len(one) != len(other):
        return len(one) + len(other)
    return sum(left != right for left, right in zip(one, other, strict=True))

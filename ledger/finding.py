"""What a check of the log reports: one thing that is wrong, and where."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its kind (see `ledger.chain`), where it shows, what had to be there, what is.

    Of an entry that does not parse, `stream` and `seq` are what its lines seem to say, else "" and 0.
    """

    kind: str
    position: int
    stream: str
    seq: int
    field: str
    expected: str
    found: str


class Place(NamedTuple):
    """Where an entry stands: in the log, from 0, and in its stream, from 1."""

    position: int
    stream: str
    seq: int


class Fault(NamedTuple):
    """What a rule says of the entry it was shown; with the entry's place it becomes a finding."""

    kind: str
    field: str
    expected: str
    found: str

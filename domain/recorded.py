"""An event as it stands in the log: the fact together with its place, its time and who recorded it."""

import datetime
from typing import NamedTuple

from domain.events.base import Event


class Recorded(NamedTuple):
    """One entry as the folds read it; a named tuple because millions of them are made in one reading.

    `event` is None for a topic that this version does not know; `opened` is False when the entry has a sealed part
    that was not or could not be opened (the event then has its open fields only).
    """

    position: int
    stream: str
    seq: int
    topic: str
    at: datetime.datetime
    by: str
    command: str
    event: Event | None
    opened: bool

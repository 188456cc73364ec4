"""Cells of a register that no table holds: personal values, which stay in the log until the register is printed."""

from typing import NamedTuple


class Sealed(NamedTuple):
    """The value of `field` in the entry at `position`, to be opened and masked by whoever prints it.

    `people` are the positions of entries that name the people whom a free text may speak of, so that it can hide them.
    """

    position: int
    field: str
    people: tuple[int, ...] = ()


def sealed(position: int | None, field: str, people: tuple[int, ...] = ()) -> Sealed | None:
    """Return the cell of an entry, or None where there is no entry that says it."""
    return None if position is None else Sealed(position, field, people)

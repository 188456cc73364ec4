"""What the log holds of a row: the entries it gave rise to, and what later deliveries filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.mapping.rule import RowMapping, columns_of
from domain.recorded import Recorded


@dataclass(frozen=True, slots=True)
class History:
    """The entries of the row itself, then those of each completion, oldest first."""

    versions: tuple[tuple[Recorded, ...], ...]

    @property
    def first(self) -> Recorded:
        """The first entry of the row that came first."""
        return self.versions[0][0]

    @property
    def latest(self) -> Recorded:
        """The first entry of what was last added to the row."""
        return self.versions[-1][0]

    @property
    def is_open(self) -> bool:
        """Whether every sealed part could be read; after an erasure it can not."""
        return all(item.opened for version in self.versions for item in version)

    def states(self, mapping: RowMapping) -> list[dict[str, str]]:
        """Return the cells of the row as each delivery left them, as comparable text, oldest first."""
        states: list[dict[str, str]] = []
        for version in self.versions:
            before = states[-1] if states else {}
            states.append({**before, **columns_of(mapping, (item.event for item in version))})
        return states

    def told_by(self, states: Sequence[Mapping[str, str]], column: str) -> Recorded:
        """Return the entry of the row that filled the column, or of the first row where none did."""
        filled = (version[0] for version, state in zip(self.versions, states, strict=True) if column in state)
        return next(filled, self.first)

"""Where the people of some cases are named: positions, for free texts in which their names must be hidden."""

from collections.abc import Collection, Mapping

from projections.registers.case_facts import APPLICATION, MEMBER
from projections.scope import View


def people_of_cases(view: View, cases: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    """Return by case number the positions of the entries that name its head and its members."""
    found: dict[str, list[int]] = {case: [] for case in cases}
    for table in (APPLICATION, MEMBER):
        for case, position in view.rows(table, "case_id", "position"):
            if case in found:
                found[case].append(position)
    return {case: tuple(positions) for case, positions in found.items()}

"""Which entries say the income and the care grade in force in a month: the values themselves are sealed.

Source: docs/import-formats.md section 6.
"""

from collections.abc import Mapping

from projections.case_folds import CaseFold
from projections.case_groups import Group
from projections.registers.need_facts import CARE_CHANGE, INCOME_CHANGE
from projections.registers.procedure_facts import SURVEY
from projections.scope import View

NEED_TABLES = (SURVEY, INCOME_CHANGE, CARE_CHANGE)


def income_position(view: View, fold: CaseFold, facts: Mapping[str, Group], month: str) -> int | None:
    """Return the position of what says the household's counted income of the month.

    That is the last survey not after the decision, or the change of income that is in force; None for a case that is
    not decided, or that nobody surveyed before.
    """
    changed = _changed(view, facts[INCOME_CHANGE.name], month)
    if changed is not None or fold.ruling is None:
        return changed
    decided_on = fold.ruling.decided_on
    before = [(day, position) for _, position, day in facts[SURVEY.name] if day <= decided_on]
    return max(before)[1] if before else None


def care_position(view: View, fold: CaseFold, facts: Mapping[str, Group], month: str) -> int | None:
    """Return the position of what says the care grade of the month: the grant, or the change that is in force."""
    changed = _changed(view, facts[CARE_CHANGE.name], month)
    return changed if changed is not None or fold.granted is None else fold.granted.position


# Private


def _changed(view: View, rows: Group, month: str) -> int | None:
    """Return the position of the change in force: the latest month, then the latest decision, then the later row."""
    steps = [
        (effective_from, decided_on, position)
        for _, position, decided_on, effective_from in rows
        if effective_from <= month and view.decided(decided_on)
    ]
    return max(steps)[2] if steps else None

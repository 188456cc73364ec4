"""Which scope of kinship is in force on a day in a region: data in the ledger, core where nothing was adopted."""

import datetime
from collections.abc import Iterable
from typing import Final, NamedTuple

from domain.kinship import KinshipScope

DEFAULT_SCOPE: Final = KinshipScope.CORE


class ScopeRule(NamedTuple):
    """One adoption: `region` is the beginning of a region's code, None for everywhere; `position` that of its entry."""

    scope: KinshipScope
    effective_on: datetime.date
    region: str | None
    position: int


def rule_in_force(rules: Iterable[ScopeRule], region: str | None, day: datetime.date) -> ScopeRule | None:
    """Return the adoption that applies: that of the smallest region, there the latest, then the later entry."""
    fitting = (rule for rule in rules if rule.effective_on <= day and (region or "").startswith(rule.region or ""))
    return max(fitting, key=lambda rule: (len(rule.region or ""), rule.effective_on, rule.position), default=None)


def scope_in_force(rules: Iterable[ScopeRule], region: str | None, day: datetime.date) -> KinshipScope:
    """Return the scope that applies in a region on a day."""
    rule = rule_in_force(rules, region, day)
    return rule.scope if rule is not None else DEFAULT_SCOPE

"""The pool of a draw: which cases may be drawn, in which stratum, derived from the open facts of the log alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from audit.errors import CouldNotCheck
from domain.case import CaseState, entitlement_of
from domain.case_fold import apply
from domain.draw import WEIGHT_MAX, PoolLine, samples_of
from domain.events.appeal import AppealApplied
from domain.events.application import ApplicationSubmitted
from domain.events.base import Event
from domain.events.change import KIND_OF_CHANGE
from domain.events.decision import (
    ApplicationConfirmed,
    ApplicationRefused,
    ApplicationTerminated,
    EntitlementGranted,
)
from domain.events.inspection import DrawAnnounced
from domain.fields import Stratum
from domain.vocabulary import CaseStatus, Programme, SampleSize, Stratification
from ledger.entry import decode_name
from ledger.ledger import Ledger

NO_STRATUM: Final = "-"
NO_REGION: Final = "000000"

_EVENTS: Final[tuple[type[Event], ...]] = (
    ApplicationSubmitted,
    ApplicationConfirmed,
    ApplicationRefused,
    ApplicationTerminated,
    EntitlementGranted,
    AppealApplied,
    *KIND_OF_CHANGE,
)
_TOPICS: Final = frozenset(event.TOPIC for event in _EVENTS)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cases: those that the first `known_at` entries know, of these statuses in `month` (`YYYY-MM`).

    `region` is the beginning of a code. None asks for every region, every programme.
    """

    known_at: int
    month: str
    statuses: tuple[CaseStatus, ...]
    region: str | None
    programme: Programme | None
    stratification: Stratification


def selection_of(announced: DrawAnnounced) -> Selection:
    """Return the selection that an announcement names."""
    return Selection(
        announced.known_at,
        announced.month,
        announced.statuses,
        announced.region,
        announced.programme,
        announced.stratification,
    )


def pool_of(ledger: Ledger, selection: Selection, weights: Mapping[str, int]) -> list[PoolLine]:
    """Return the cases of a selection by number; a case that is not in `weights` has weight 1.

    Raises CouldNotCheck for a weight that no case can have, and a number that no line can hold.
    """
    states: dict[str, CaseState] = {}
    for recorded in ledger.selected(_TOPICS, (), 0, selection.known_at):
        apply(states.setdefault(recorded.stream, CaseState()), recorded)
    lines = []
    for stream in sorted(states):
        kind, case = decode_name(stream)
        state = states.pop(stream)
        if kind == "case" and _is_selected(state, selection):
            lines.append(_line(case, state, selection.stratification, weights.get(case, 1)))
    return sorted(lines)


def strata_of(pool: Iterable[PoolLine], rule: SampleSize, size: int) -> tuple[Stratum, ...]:
    """Return the strata of a pool by name, with how many cases each gives."""
    cases: dict[str, int] = {}
    weights: dict[str, int] = {}
    for line in pool:
        cases[line.stratum] = cases.get(line.stratum, 0) + 1
        weights[line.stratum] = weights.get(line.stratum, 0) + line.weight
    samples = samples_of(rule, size, cases)
    return tuple(
        Stratum(name=name, cases=cases[name], weight=weights[name], sample=samples[name]) for name in sorted(cases)
    )


# Private


def _is_selected(state: CaseState, selection: Selection) -> bool:
    application = state.application
    if application is None or application.programme is None:
        return False
    if selection.programme is not None and application.programme != selection.programme:
        return False
    if not (application.region or "").startswith(selection.region or ""):
        return False
    return entitlement_of(state).status_in(selection.month) in selection.statuses


def _line(case: str, state: CaseState, stratification: Stratification, weight: int) -> PoolLine:
    if not case.isprintable():
        mend = "leave it out by region or programme; `mingzhang case list` shows where it is"
        raise CouldNotCheck(f"the number of a case, {case!r}", "printable characters", "others", mend)
    if not 1 <= weight <= WEIGHT_MAX:
        mend = "give every case at least one chance, and none more than the most"
        raise CouldNotCheck(f"the weight of {case}", f"1 to {WEIGHT_MAX}", str(weight), mend)
    assert state.application is not None
    parts = {
        Stratification.NONE: (NO_STRATUM,),
        Stratification.TOWNSHIP: (state.application.region or NO_REGION,),
        Stratification.PROGRAMME: (state.application.programme,),
        Stratification.BOTH: (state.application.region or NO_REGION, state.application.programme),
    }[stratification]
    return PoolLine(case, " ".join(str(part) for part in parts), weight)

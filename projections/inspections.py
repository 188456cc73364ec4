"""`register inspections` (抽查, 整改): draws, their drawn cases, findings and deadlines; the overdue ones first."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from domain.events.inspection import FindingRecorded, RectificationReported
from domain.inspection import RECTIFICATIONS, FindingState
from domain.vocabulary import InspectionOutcome
from projections.case_folds import case_heads
from projections.database import Database
from projections.registers.inspection_facts import (
    ABANDONED,
    DRAW,
    DRAW_MADE,
    DRAW_STEP,
    FINDING,
    INSPECTED,
    PUBLISHED,
    RECTIFICATION,
    SAMPLE,
)
from projections.scope import Scope, View, open_view

OVERDUE: Final = "overdue"
TO_RECTIFY: Final = "to_rectify"
TO_ACCEPT: Final = "to_accept"
TO_INSPECT: Final = "to_inspect"
UNREACHABLE: Final = "unreachable"
CLOSED: Final = "closed"
CLEAN: Final = "clean"
STATUSES: Final = (OVERDUE, TO_RECTIFY, TO_ACCEPT, TO_INSPECT, UNREACHABLE, CLOSED, CLEAN)
"""Where a drawn case stands, in the order in which the register shows them."""


@dataclass(slots=True)
class _Facts:
    """What the tables say, by inspection and case or finding."""

    draws: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    made: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    steps: defaultdict[str, dict[str, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    samples: list[tuple[Any, ...]] = field(default_factory=list)
    inspected: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    findings: dict[tuple[str, int], FindingState] = field(default_factory=dict)
    reports: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)  # the latest: its day, the evidence
    positions: dict[tuple[str, int], int] = field(default_factory=dict)


def inspections(database: Database, scope: Scope, today: datetime.date) -> dict[str, Any]:
    """Return one row for each drawn case and finding; `draws` is the block of the draws, those given up among them.

    Deadlines are counted to the day asked about, or to `today` when none is: they run on whatever deliveries close.
    """
    with open_view(database, scope) as view:
        as_of = scope.as_of or today
        facts = _facts(view)
        heads = {head.case: head for head in case_heads(view)}
        asked = {case for case, head in heads.items() if view.includes(head.programme, head.region)}
        rows = [row for row in _rows(facts, as_of) if row["case"] in asked]
        rows.sort(key=lambda row: (STATUSES.index(row["status"]), -row["days_late"], row["due_on"] or ""))
        return {
            **view.asked,
            "as_of": as_of.isoformat(),
            "known_at": view.known_at,
            "rows": rows,
            "draws": [_draw(facts, number, as_of) for number in sorted(facts.draws)],
            "totals": {status: sum(row["status"] == status for row in rows) for status in STATUSES},
        }


# Private


def _facts(view: View) -> _Facts:
    """Read every fact; of what a log allows once, the first counts."""
    facts = _Facts()
    for number, *rest in view.rows(DRAW, *_names(DRAW)):
        facts.draws.setdefault(number, tuple(rest))
    for number, *rest in view.rows(DRAW_MADE, *_names(DRAW_MADE)):
        facts.made.setdefault(number, tuple(rest))
    for number, kind, occurred_on, word in view.rows(DRAW_STEP, *_names(DRAW_STEP)):
        facts.steps[number].setdefault(kind, (occurred_on, word))
    facts.samples = list(view.rows(SAMPLE, "number", "case_id", "inspectors", "position"))
    for number, case, *rest in view.rows(INSPECTED, *_names(INSPECTED)):
        facts.inspected.setdefault((number, case), tuple(rest))
    for position, number, *rest in view.rows(FINDING, "position", *_names(FINDING)):
        event = FindingRecorded.read(dict(zip(_FINDING_FIELDS, (number, *rest), strict=True)))
        key = (number, event.finding)
        facts.findings.setdefault(key, FindingState(event, event.due_on, last_on=event.occurred_on))
        facts.positions.setdefault(key, position)
    for number, finding, topic, *rest in view.rows(RECTIFICATION, *_names(RECTIFICATION)):
        members = dict(zip(("occurred_on", "due_on", "evidence"), rest, strict=True))
        said = {name: value for name, value in members.items() if value is not None}
        event_class = RECTIFICATIONS[topic]
        if (number, finding) in facts.findings:
            facts.findings[number, finding].take(event_class.read({"number": number, "finding": finding, **said}))
        if event_class is RectificationReported:
            facts.reports[number, finding] = (said["occurred_on"], said["evidence"])
    return facts


_FINDING_FIELDS = ("number", "finding", "case", "kind", "severity", "occurred_on", "due_on")


def _names(table: Any) -> tuple[str, ...]:
    return tuple(name for name, _ in table.columns)


def _rows(facts: _Facts, as_of: datetime.date) -> Iterator[dict[str, Any]]:
    by_case: defaultdict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for key, state in facts.findings.items():
        by_case[key[0], state.finding.case].append(key)
    for number, case, drawn, position in facts.samples:
        who, inspected_on, outcome = facts.inspected.get((number, case), (drawn, None, None))
        sample = {
            "number": number,
            "case": case,
            "inspectors": who,
            "others_went": set(who.split(", ")) != set(drawn.split(", ")),
            "inspected_on": inspected_on,
            "result": outcome,
        }
        found = by_case.get((number, case), [])
        for key in found:
            yield {**sample, **_finding(facts, key, as_of)}
        if not found:
            yield {**sample, **dict.fromkeys(_OF_FINDING), "days_late": 0, "status": _status(outcome)} | {
                "position": position
            }


_OF_FINDING = ("finding_number", "problem", "severity", "due_on", "extended", "reported_on", "evidence", "accepted_on")


def _finding(facts: _Facts, key: tuple[str, int], as_of: datetime.date) -> dict[str, Any]:
    state = facts.findings[key]
    reported_on, evidence = facts.reports.get(key, (None, None))
    late = state.days_late(as_of)
    if state.accepted_on is not None:
        status = CLOSED
    elif state.reported is not None:
        status = TO_ACCEPT
    else:
        status = OVERDUE if late else TO_RECTIFY
    return {
        "finding_number": key[1],
        "problem": state.finding.kind.value,
        "severity": state.finding.severity.value,
        "due_on": state.due_on.isoformat(),
        "extended": state.extended,
        "reported_on": reported_on,
        "evidence": evidence,
        "accepted_on": state.accepted_on.isoformat() if state.accepted_on else None,
        "days_late": late,
        "status": status,
        "position": facts.positions[key],
    }


def _status(outcome: str | None) -> str:
    if outcome is None:
        return TO_INSPECT
    return UNREACHABLE if outcome == InspectionOutcome.UNREACHABLE else CLEAN


def _draw(facts: _Facts, number: str, as_of: datetime.date) -> dict[str, Any]:
    plan, attempt, announced_on, weighting, pool, sample, digest = facts.draws[number]
    seed, size, drawn = facts.made.get(number, (None, None, None))
    steps = facts.steps[number]
    abandoned_on, ground = steps.get(ABANDONED, (None, None))
    published_on, place = steps.get(PUBLISHED, (None, None))
    findings = [one for (inspection, _), one in facts.findings.items() if inspection == number]
    state = PUBLISHED if published_on else "drawn" if seed else ABANDONED if abandoned_on else "announced"
    return {
        "number": number,
        "plan": plan,
        "attempt": attempt,
        "state": state,
        "announced_on": announced_on,
        "weighting": weighting,
        "pool": pool,
        "sample": sample if drawn is None else drawn,
        "pool_fingerprint": digest,
        "seed": seed,
        "checkpoint_size": size,
        "inspected": sum(inspection == number for inspection, _ in facts.inspected),
        "findings": len(findings),
        "overdue": sum(one.accepted_on is None and one.days_late(as_of) > 0 for one in findings),
        "published_on": published_on,
        "place": place,
        "abandoned_on": abandoned_on,
        "given_up_for": ground,
    }

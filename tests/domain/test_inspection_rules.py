"""The order of an inspection: what may follow what, and how late a finding is."""

import datetime
from typing import Any

import pytest

from domain.errors import InspectionRefused
from domain.events.base import Event
from domain.events.inspection import (
    DrawAnnounced,
    DrawWeighted,
    FindingRecorded,
    RectificationAccepted,
    RectificationExtended,
    RectificationReported,
    RectificationReturned,
    SampleDrawn,
    SampleInspected,
)
from domain.fields import CaseWeight, Recusal
from domain.inspection import Inspection, fold_inspection
from domain.inspection_rules import check_announcement, check_finding, check_inspected, check_report
from domain.recorded import Recorded
from domain.vocabulary import (
    EvidenceKind,
    FindingKind,
    FindingSeverity,
    InspectionOutcome,
    RecusalGround,
)
from ledger.topics import TOPICS

NUMBER, CASE = "CJ-1", "SQ1"


def day(number: int) -> datetime.date:
    return datetime.date(2026, 11, number)


def state_of(*events: Event, command: str = "one") -> Inspection:
    at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    return fold_inspection(
        Recorded(position, f"inspection/{NUMBER}", position + 1, event.TOPIC, at, "system/audit", command, event, True)
        for position, event in enumerate(events)
    )


def drawn(**changes: Any) -> list[Event]:
    announced = DrawAnnounced.model_construct(
        number=NUMBER, plan="p", occurred_on=day(2), strata=(), inspectors=("A1", "B2")
    )
    made = TOPICS["draw.made/1"].model_construct(number=NUMBER, drawn=1)
    plain = {"number": NUMBER, "rank": 1, "case": CASE, "inspectors": ("A1", "B2"), "recused": ()}
    return [announced, made, SampleDrawn(**{**plain, **changes})]


def inspected(**changes: Any) -> SampleInspected:
    plain = {"number": NUMBER, "case": CASE, "inspectors": ("A1", "B2"), "occurred_on": day(3)}
    return SampleInspected(**{**plain, "outcome": InspectionOutcome.PROBLEM, **changes})


def found(**changes: Any) -> FindingRecorded:
    plain = {"number": NUMBER, "finding": 1, "case": CASE, "kind": FindingKind.PAPERS}
    dated = {"severity": FindingSeverity.MINOR, "occurred_on": day(4), "due_on": day(10)}
    return FindingRecorded(**{**plain, **dated, **changes})


def reported(on: int) -> RectificationReported:
    return RectificationReported(number=NUMBER, finding=1, occurred_on=day(on), evidence=EvidenceKind.BANK)


def step(event_class: Any, on: int, **changes: Any) -> Any:
    return event_class(number=NUMBER, finding=1, occurred_on=day(on), **changes)


@pytest.mark.parametrize(
    "event",
    [
        inspected(case="SQ2"),  # was not drawn
        inspected(occurred_on=day(1)),  # before the draw was announced
        inspected(inspectors=("A1", "C3")),  # no reason given
        inspected(inspectors=("A1",)),
    ],
)
def test_an_inspection_out_of_order_is_refused(event: SampleInspected) -> None:
    with pytest.raises(InspectionRefused):
        check_inspected(state_of(*drawn()), event)


def test_an_inspection_by_the_drawn_passes_and_is_not_repeated() -> None:
    check_inspected(state_of(*drawn()), inspected(inspectors=("B2", "A1")))
    check_inspected(state_of(*drawn()), inspected(inspectors=("A1", "C3"), substitution="ill"))
    with pytest.raises(InspectionRefused, match="one result for each case"):
        check_inspected(state_of(*drawn(), inspected()), inspected())


def test_whoever_is_recused_never_inspects_whatever_the_reason() -> None:
    recused = (Recusal(staff="C3", ground=RecusalGround.KIN),)
    with pytest.raises(InspectionRefused, match="recused"):
        check_inspected(state_of(*drawn(recused=recused)), inspected(inspectors=("A1", "C3"), substitution="ill"))


def test_a_finding_needs_an_inspection_and_a_day_to_come() -> None:
    with pytest.raises(InspectionRefused, match="no inspection"):
        check_finding(state_of(*drawn()), found())
    with pytest.raises(InspectionRefused, match="2026-11-04"):
        check_finding(state_of(*drawn(), inspected()), found(due_on=day(1)))
    check_finding(state_of(*drawn(), inspected()), found())


def test_a_report_waits_for_its_answer_and_a_closed_finding_stays_closed() -> None:
    steps = [*drawn(), inspected(), found(), reported(8)]
    with pytest.raises(InspectionRefused, match="waits for an answer"):
        check_report(state_of(*steps), NUMBER, 1, day(9))
    check_report(state_of(*steps, step(RectificationReturned, 9)), NUMBER, 1, day(9))
    with pytest.raises(InspectionRefused, match="closed"):
        check_report(state_of(*steps, step(RectificationAccepted, 9)), NUMBER, 1, day(9))
    with pytest.raises(InspectionRefused, match="from 2026-11-08"):
        check_report(state_of(*steps, step(RectificationReturned, 8)), NUMBER, 1, day(7))


def test_lateness_is_that_of_the_report_that_was_accepted() -> None:
    def late(as_of: int, *steps: Event) -> int:
        return state_of(*drawn(), inspected(), found(), *steps).findings[1].days_late(day(as_of))

    assert [late(10), late(11), late(25)] == [0, 1, 15]
    assert late(25, reported(12)) == 2  # it waits for the bureau's answer, not for the office
    assert late(25, reported(12), step(RectificationReturned, 13)) == 15
    assert late(25, reported(12), step(RectificationAccepted, 20)) == 2
    assert late(25, step(RectificationExtended, 9, due_on=day(20))) == 5


def test_a_plan_with_a_draw_under_way_gets_no_other() -> None:
    check_announcement(Inspection(), NUMBER, ())
    with pytest.raises(InspectionRefused, match="CJ-0"):
        check_announcement(Inspection(), NUMBER, ["CJ-0"])
    with pytest.raises(InspectionRefused, match="new number"):
        check_announcement(state_of(*drawn()), NUMBER, ())


def test_weights_and_samples_of_another_command_count_for_nothing() -> None:
    weights = (CaseWeight(case=CASE, weight=9),)
    late_weights = DrawWeighted(number=NUMBER, weights=weights)
    at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    commands = ["one", "two", "two", "three"]
    records = [
        Recorded(position, "inspection/CJ-1", position + 1, event.TOPIC, at, "system/audit", command, event, True)
        for position, (event, command) in enumerate(zip([*drawn(), late_weights], commands, strict=True))
    ]
    state = fold_inspection(records)
    assert (state.weights, len(state.samples)) == ({}, 1)
    records[2] = records[2]._replace(command="four")
    assert fold_inspection(records).samples == []

"""RF27: entries that officers recorded long after their day."""

import datetime
import uuid

import pytest

from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, search
from domain.events.application import ApplicationSubmitted
from domain.events.household import MemberDied, MemberJoined
from domain.events.standard import StandardAdopted
from domain.events.verification import SurveyCompleted
from domain.vocabulary import Channel, HouseholdRelation, Programme, StandardItem, StandardUnit
from ledger.ledger import Command, Draft

CASE = "SQ52012120240300017"
LATE_IN_LONDON = datetime.datetime(2024, 6, 19, 17, tzinfo=datetime.UTC)  # 20 June, one in the morning in China


class Desk:
    """Records entries by an officer at a time of the test's choice, and lets one rule look."""

    def __init__(self, office):
        self.ledger = office.ledger
        self.at = LATE_IN_LONDON

    def record(self, *events, by="staff/MZ0010", stream=f"case/{CASE}"):
        drafts = tuple(Draft(stream, event) for event in events)
        return self.ledger.record_command(Command(str(uuid.uuid4()), by, drafts), lambda: self.at)[0].position

    def flags(self):
        return search(self.ledger, [load_rules()["RF27"]], Scope(as_of=datetime.date(2024, 12, 31)))


@pytest.fixture
def desk(office):
    made = Desk(office)
    day = datetime.date(2024, 6, 18)
    made.record(
        ApplicationSubmitted(programme=Programme.RURAL, channel=Channel.OWN, occurred_on=day, region="520121101")
    )
    return made


def visit(day):
    return SurveyCompleted(occurred_on=datetime.date.fromisoformat(day), persons=1)


@pytest.mark.parametrize(("day", "flagged"), [("2024-05-20", True), ("2024-05-21", False), ("2024-06-19", False)])
def test_an_act_recorded_more_than_thirty_days_after_its_day_is_flagged(desk, day, flagged):
    position = desk.record(visit(day))
    found = [(flag.reference, flag.entries) for flag in desk.flags().flags]
    assert found == ([(str(position), (position,))] if flagged else [])


def test_the_days_are_those_of_china(desk):
    desk.record(visit("2024-05-20"))
    (flag,) = desk.flags().flags
    assert (flag.facts["recorded_on"], flag.facts["days"], flag.facts["officer"]) == ("2024-06-20", 31, "MZ0010")


def test_the_limit_that_a_county_adopted_counts(desk):
    standard = StandardAdopted(
        item=StandardItem.LATE_ENTRY_DAYS,
        region="520121",
        value_hundredths=4000,
        unit=StandardUnit.DAYS,
        effective_on=datetime.date(2024, 1, 1),
    )
    desk.record(standard, stream="standard/late-entry-days")
    desk.record(visit("2024-05-20"), visit("2024-05-10"))
    assert [flag.facts["occurred_on"] for flag in desk.flags().flags] == ["2024-05-10"]


def test_what_the_program_records_is_not_judged(desk):
    desk.record(visit("2024-01-20"), by="system/import")
    assert desk.flags().flags == []


@pytest.mark.parametrize("by", ["user/clerk", "login/clerk"])
def test_a_person_without_a_staff_number_is_judged_as_well(desk, by):
    position = desk.record(visit("2024-05-01"), by=by)
    assert [flag.reference for flag in desk.flags().flags] == [str(position)]


def test_a_death_is_learned_when_it_is_learned(desk):
    joined = MemberJoined(member=1, relation=HouseholdRelation.SELF, counted=True)
    day = datetime.date(2024, 1, 2)
    desk.record(joined, MemberDied(member=1, occurred_on=day, received_on=datetime.date(2024, 6, 18)))
    assert desk.flags().flags == []


def test_imported_history_is_never_judged(office):
    office.start()
    found = search(office.ledger, [load_rules()["RF27"]], Scope())
    assert found.flags == [] and found.untested == [] and found.cases > 1

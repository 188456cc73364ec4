"""What officers may record about relatives of staff, and what is refused."""

import datetime
from typing import Any

import pytest

from domain.case import CaseState
from domain.case_parts import Application, Filing, Member, Recusal
from domain.events.base import Event
from domain.events.kinship import KinshipScopeAdopted, RelationDiscovered, RelationRejected
from domain.events.staff import RelativeDeclared, StaffAppointed
from domain.identity import check_character
from domain.kin_acts import (
    KinActRefused,
    StaffFile,
    adopt_scope,
    close_filing,
    discover,
    member_of,
    recuse,
    reject,
    staff_file,
)
from domain.kinship import KinshipScope
from domain.recorded import Recorded
from domain.vocabulary import Kin, Post

CASE, STAFF, BY = "SQ52012120240300017", "MZ0012", "staff/MZ0001"
TODAY = datetime.date(2024, 6, 1)
DAY = datetime.date(2024, 5, 31)


def citizen_id(number: int) -> str:
    digits = f"52012119620315{number:03d}"
    return digits + check_character(digits)


OWN, DECLARED, OTHER = (citizen_id(number) for number in (1, 2, 3))


def told(*events: Event, opened: bool = True) -> StaffFile:
    at = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    return staff_file(
        STAFF,
        [
            Recorded(position, f"staff/{STAFF}", position + 1, event.TOPIC, at, BY, "", event, opened)
            for position, event in enumerate(events)
        ],
    )


APPOINTED = StaffAppointed(post=Post.SURVEY, occurred_on=DAY, citizen_id=OWN)
DECLARATION = RelativeDeclared(relation=Kin.SIBLING, occurred_on=DAY, relative_citizen_id=DECLARED)
KNOWN = told(APPOINTED, DECLARATION)


def case(**parts: Any) -> CaseState:
    state = CaseState(application=Application(applied_on=datetime.date(2024, 3, 1)))
    for name, value in parts.items():
        setattr(state, name, value)
    return state


def test_a_relation_found_out_says_its_word_under_seal_and_its_class_in_the_open():
    event = discover(KNOWN, OTHER, "岳父", DAY, TODAY, "罗国强", "信访反映")
    assert event.open_part() == {"relation": "其他", "occurred_on": "2024-05-31"}
    assert event.sealed_part()["relation_text"] == "岳父"
    assert discover(KNOWN, OTHER, "配偶", DAY, TODAY).relation is Kin.SPOUSE


def test_a_relation_ruled_out_is_sealed():
    event = reject(KNOWN, OTHER, DAY, TODAY, BY, "同名")
    assert event.open_part() == {"occurred_on": "2024-05-31"}


def test_what_was_ruled_out_can_be_confirmed_later_and_the_other_way_round():
    ruled_out = told(APPOINTED, RelationRejected(occurred_on=DAY, relative_citizen_id=OTHER))
    assert discover(ruled_out, OTHER, "岳父", DAY, TODAY)
    confirmed = told(APPOINTED, RelationDiscovered(relation=Kin.OTHER, occurred_on=DAY, relative_citizen_id=OTHER))
    assert reject(confirmed, OTHER, DAY, TODAY, BY, "误认")


TWICE_FOUND = told(APPOINTED, RelationDiscovered(relation=Kin.OTHER, occurred_on=DAY, relative_citizen_id=OTHER))
TWICE_REJECTED = told(APPOINTED, RelationRejected(occurred_on=DAY, relative_citizen_id=OTHER))
FILED = Filing(staff=STAFF, filed_on=datetime.date(2024, 3, 6))


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (lambda: discover(told(), OTHER, "岳父", DAY, TODAY), "no appointment"),
        (lambda: discover(KNOWN, "520121196203153013", "岳父", DAY, TODAY), "bad_check_digit"),
        (lambda: discover(KNOWN, OTHER, "岳父", datetime.date(2024, 6, 2), TODAY), "2024-06-02"),
        (lambda: discover(KNOWN, OTHER, "朋友", DAY, TODAY), "朋友"),
        (lambda: discover(KNOWN, OWN, "岳父", DAY, TODAY), "the staff member"),
        (lambda: discover(KNOWN, DECLARED, "岳父", DAY, TODAY), "a declared relative"),
        (lambda: discover(TWICE_FOUND, OTHER, "岳父", DAY, TODAY), "one that is"),
        (lambda: discover(told(APPOINTED, opened=False), OTHER, "岳父", DAY, TODAY), "sealed parts"),
        (lambda: reject(told(), OTHER, DAY, TODAY, BY, "无"), "no appointment"),
        (lambda: reject(KNOWN, DECLARED, DAY, TODAY, BY, "无"), "a declared relative"),
        (lambda: reject(KNOWN, OTHER, DAY, TODAY, f"staff/{STAFF}", "无"), "the staff member himself"),
        (lambda: reject(TWICE_REJECTED, OTHER, DAY, TODAY, BY, "无"), "one that is"),
        (lambda: recuse(CASE, CaseState(), KNOWN, DAY, TODAY, None), "no application"),
        (lambda: recuse(CASE, case(), told(), DAY, TODAY, None), "no appointment"),
        (lambda: recuse(CASE, case(), KNOWN, datetime.date(2024, 2, 1), TODAY, None), "2024-02-01"),
        (lambda: recuse(CASE, case(recusals=[Recusal(DAY, STAFF)]), KNOWN, DAY, TODAY, None), "one"),
        (lambda: close_filing(CASE, case(), KNOWN, DAY, TODAY, BY, None), "none"),
        (
            lambda: close_filing(
                CASE, case(filings=[Filing(staff=STAFF, filed_on=DAY, closed_on=DAY)]), KNOWN, DAY, TODAY, BY, None
            ),
            "one closed on 2024-05-31",
        ),
        (
            lambda: close_filing(CASE, case(filings=[FILED]), KNOWN, datetime.date(2024, 3, 5), TODAY, BY, None),
            "2024-03-05",
        ),
        (
            lambda: close_filing(CASE, case(filings=[FILED]), KNOWN, DAY, TODAY, f"staff/{STAFF}", None),
            "the staff member himself",
        ),
        (lambda: member_of(CASE, case(), 1), "1"),
        (lambda: member_of(CASE, case(members={1: Member(1)}), 1), "a sealed part"),
        (
            lambda: adopt_scope([], KinshipScopeAdopted(scope=KinshipScope.CORE, effective_on=DAY)),
            "none",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_why(act, found):
    with pytest.raises(KinActRefused) as refused:
        act()
    assert found in refused.value.found
    assert refused.value.where and refused.value.expected and refused.value.mend


def test_what_makes_sense_is_an_event_of_the_day():
    assert recuse(CASE, case(), KNOWN, DAY, TODAY, "系岳父").staff == STAFF
    assert close_filing(CASE, case(filings=[FILED]), KNOWN, DAY, TODAY, BY, None).occurred_on == DAY
    assert member_of(CASE, case(members={1: Member(1, citizen_id=OTHER)}), 1).citizen_id == OTHER


def test_an_adoption_is_recorded_once():
    adopted = KinshipScopeAdopted(scope=KinshipScope.RECUSAL, effective_on=DAY, document="云民发〔2024〕15号")
    assert adopt_scope([], adopted) is adopted
    with pytest.raises(KinActRefused):
        adopt_scope([adopted], adopted)

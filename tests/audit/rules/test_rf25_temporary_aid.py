"""RF25: advances without their papers, grants parted under the township's ceiling, and the same need again."""

import datetime

import pytest

from audit.flags.rulebook import load_rules
from audit.flags.untested import KEYS_GONE, MEMBERS_CLOSED, NO_AID, NO_HOLIDAYS, NO_KEYS, NOT_ADOPTED, NOT_WHOLE
from domain.events.staff import StaffAppointed
from domain.events.temporary_aid import TemporaryAidDocumented, TemporaryAidGranted
from domain.vocabulary import Post, StandardItem, StandardUnit, TemporaryAidKind
from ledger.ledger import Ledger

OWN = {
    StandardItem.AID_PAPERS_DAYS: (1_000, StandardUnit.WORKING_DAYS),
    StandardItem.AID_CEILING: (100_000, StandardUnit.YUAN),
    StandardItem.AID_SPLIT_DAYS: (3_000, StandardUnit.DAYS),
    StandardItem.AID_TIMES_A_YEAR: (100, StandardUnit.TIMES),
}
FIRST, SECOND, THIRD = "LS2024001", "LS2024002", "LS2024003"


class Aid:
    """Grants temporary aid in a bureau's ledger; yuan, days as ISO text."""

    def __init__(self, bureau):
        self.bureau = bureau

    def adopt(self, *items):
        for item in items:
            self.bureau.adopt(item, *OWN[item])

    def grant(self, number, day, yuan=600, **said):
        granted = {
            "kind": TemporaryAidKind.URGENT,
            "region": "520121101",
            "advance": False,
            "reserve": False,
            "name": "罗国强",
            "citizen_id": self.bureau.person(1),
            "reason": f"事由{number}",
            **said,
        }
        event = TemporaryAidGranted(
            number=number, occurred_on=datetime.date.fromisoformat(day), amount_fen=yuan * 100, **granted
        )
        return self.bureau.tell(f"temporary-aid/{number}", event)

    def document(self, number, day):
        event = TemporaryAidDocumented(number=number, occurred_on=datetime.date.fromisoformat(day))
        return self.bureau.tell(f"temporary-aid/{number}", event)

    def found(self, **scope):
        """Return number and kind of what was found; everything applied and could be checked."""
        result = self.search(**scope)
        assert result.untested == [] and result.not_applicable == []
        for flag in result.flags:
            assert flag.sentence.format_map(flag.facts)
        return [(flag.case, flag.reference) for flag in result.flags]

    def search(self, as_of="2025-12-31", **scope):
        return self.bureau.search("RF25", as_of=as_of, **scope)


@pytest.fixture
def aid(bureau):
    made = Aid(bureau)
    made.adopt(*OWN)
    return made


@pytest.mark.parametrize(
    ("papers_on", "kinds"), [("2024-05-17", []), ("2024-05-20", ["补办"]), (None, ["补办"]), ("2024-05-06", [])]
)
def test_an_advance_has_its_papers_within_ten_working_days(aid, papers_on, kinds):
    granted = aid.grant(FIRST, "2024-05-06", advance=True)  # Saturday 11 May 2024 was worked
    entries = [granted, *([aid.document(FIRST, papers_on)] if papers_on else [])]
    assert aid.found(as_of="2024-12-31") == [(FIRST, kind) for kind in kinds]
    for flag in aid.search(as_of="2024-12-31").flags:
        assert (flag.month, flag.amount_fen, list(flag.entries)) == ("2024-05", 60_000, entries)


def test_papers_that_still_may_come_or_came_after_the_day_of_the_tests(aid):
    aid.grant(FIRST, "2024-05-06", advance=True)
    aid.document(FIRST, "2024-06-03")
    assert aid.found(as_of="2024-05-17") == []
    (flag,) = aid.search(as_of="2024-05-20").flags
    assert flag.facts["days"] == 11 and "documented_on" not in flag.facts
    assert aid.search(as_of="2024-06-30").flags[0].facts["documented_on"] == "2024-06-03"
    assert aid.found(as_of="2024-05-05") == []


def test_grants_after_the_closing_date_are_looked_at_unless_a_day_is_asked_for(aid):
    aid.grant(FIRST, "2025-05-06", advance=True)
    aid.grant(SECOND, "2025-05-07", advance=True)
    aid.document(SECOND, "2025-06-30")
    assert aid.found(as_of=None) == [(SECOND, "拆分"), (SECOND, "补办")]
    assert aid.found(as_of="2025-05-06") == []


def test_days_of_the_calendar_count_where_the_county_adopted_them(aid):
    aid.bureau.adopt(StandardItem.AID_PAPERS_DAYS, 3_000, StandardUnit.DAYS, effective_on="2024-01-01")
    aid.grant(FIRST, "2024-05-06", advance=True)
    aid.document(FIRST, "2024-06-05")
    aid.grant(SECOND, "2024-07-06", 100, advance=True, citizen_id=aid.bureau.person(2))
    aid.document(SECOND, "2024-08-06")
    assert aid.found() == [(SECOND, "补办")]


def test_what_was_no_advance_needs_no_papers_after_it(aid):
    aid.grant(FIRST, "2024-05-06")
    assert aid.found() == []


@pytest.mark.parametrize(
    ("first", "second", "flagged"),
    [
        ((600, "2024-05-06"), (500, "2024-06-05"), True),
        ((600, "2024-05-06"), (500, "2024-06-06"), False),  # the 31st day
        ((600, "2024-05-06"), (400, "2024-05-20"), False),  # the ceiling itself
        ((600, "2024-05-06"), (1_001, "2024-05-20"), False),  # above the ceiling in the open
        ((1_000, "2024-05-06"), (1, "2024-05-06"), True),
    ],
)
def test_parts_under_the_ceiling_that_are_over_it_together(aid, first, second, flagged):
    entries = [aid.grant(number, day, yuan) for number, (yuan, day) in ((FIRST, first), (SECOND, second))]
    assert aid.found() == ([(SECOND, "拆分")] if flagged else [])
    for flag in aid.search().flags:
        assert (flag.amount_fen, list(flag.entries)) == (second[0] * 100, entries)
        assert (flag.facts["total_fen"], flag.facts["ceiling_fen"]) == ((first[0] + second[0]) * 100, 100_000)


def test_parts_go_to_one_person_or_one_household(aid):
    people = [aid.bureau.person(number) for number in (1, 2, 3)]
    aid.bureau.apply(members=people[:2])
    for number, (day, person) in enumerate(zip(("2024-05-06", "2024-05-07", "2024-05-08"), people, strict=True), 1):
        aid.grant(f"LS{number}", day, citizen_id=person)
    assert aid.found() == [("LS2", "拆分")]


def test_what_an_officer_of_the_county_approved_is_no_part(aid):
    for officer, region in (("MZ0004", "520121"), ("MZ0012", "520121101")):
        post = StaffAppointed(post=Post.CONFIRMATION, occurred_on=datetime.date(2019, 5, 6), region=region)
        aid.bureau.tell(f"staff/{officer}", post)
    aid.grant(FIRST, "2024-05-06", approver="MZ0012")
    aid.grant(SECOND, "2024-05-07", approver="MZ0004")
    assert aid.found() == []
    aid.grant(THIRD, "2024-05-08", approver="MZ0012")
    assert aid.found() == [(THIRD, "拆分")]


def test_the_ceiling_of_the_grant_counts_where_the_county_adopted_none(bureau):
    aid = Aid(bureau)
    aid.adopt(StandardItem.AID_PAPERS_DAYS, StandardItem.AID_SPLIT_DAYS, StandardItem.AID_TIMES_A_YEAR)
    for number, day in ((FIRST, "2024-05-06"), (SECOND, "2024-05-07")):
        aid.grant(number, day, ceiling_fen=110_000)
    assert aid.found() == [(SECOND, "拆分")]


@pytest.mark.parametrize(
    ("day", "reason", "kind", "flagged"),
    [
        ("2025-05-05", "房屋 火灾。", TemporaryAidKind.URGENT, True),
        ("2025-05-06", "房屋火灾", TemporaryAidKind.URGENT, False),
        ("2025-05-05", "突发疾病", TemporaryAidKind.URGENT, False),
        ("2025-05-05", "房屋火灾", TemporaryAidKind.EXPENSE, False),
    ],
)
def test_the_same_reason_again_within_a_year(aid, day, reason, kind, flagged):
    entries = [aid.grant(FIRST, "2024-05-06", reason="房屋火灾"), aid.grant(SECOND, day, reason=reason, kind=kind)]
    assert aid.found() == ([(SECOND, "重复")] if flagged else [])
    for flag in aid.search().flags:
        assert (flag.amount_fen, list(flag.entries), flag.facts["count"]) == (60_000, entries, 2)
        assert reason not in str(flag)


def test_a_county_without_limits_is_told_that_they_do_not_apply(bureau):
    aid = Aid(bureau)
    aid.grant(FIRST, "2024-05-06", advance=True)
    aid.grant(SECOND, "2024-05-07")
    result = aid.search()
    assert (result.flags, result.untested) == ([], [])
    told = {(one.reason, one.facts["items"], one.cases) for one in result.not_applicable}
    assert told == {(NOT_ADOPTED, "临时救助补办天数", 1), (NOT_ADOPTED, "临时救助年度次数、临时救助拆分天数", 2)}


def test_where_no_temporary_aid_was_recorded_the_rule_does_not_apply(bureau):
    result = Aid(bureau).search()
    assert [(one.rule, one.reason, one.cases) for one in result.not_applicable] == [("RF25", NO_AID, None)]
    assert (result.flags, result.untested) == ([], [])


def test_what_could_not_be_checked_is_told_as_such(aid):
    aid.bureau.adopt(StandardItem.AID_TIMES_A_YEAR, 150, StandardUnit.TIMES, effective_on="2024-01-01")
    aid.grant(FIRST, "2024-05-06")
    aid.grant(SECOND, "2024-07-07")
    aid.grant(THIRD, "1990-05-06", advance=True, citizen_id=aid.bureau.person(2))
    aid.document(THIRD, "1990-05-20")
    aid.bureau.adopt(StandardItem.AID_PAPERS_DAYS, 1_000, StandardUnit.WORKING_DAYS, effective_on="1980-01-01")
    result = aid.search()
    assert {(one.reason, one.cases) for one in result.untested} == {(NOT_WHOLE, 2), (NO_HOLIDAYS, 1)}


def test_a_grant_whose_key_is_gone_is_told_and_without_keys_all_are(aid):
    aid.grant(FIRST, "2024-05-06")
    aid.grant(SECOND, "2024-05-07")
    aid.grant(THIRD, "2024-05-08")
    (key,) = aid.bureau.keys.keys_of(f"temporary-aid/{FIRST}")
    aid.bureau.keys.destroy(key.kid)
    result = aid.search()
    assert [(flag.case, flag.reference) for flag in result.flags] == [(THIRD, "拆分")]
    assert [(one.reason, one.cases) for one in result.untested] == [(KEYS_GONE, 1)]
    with Ledger.open(aid.bureau.url, None, read_only=True) as blind:
        own, aid.bureau.ledger = aid.bureau.ledger, blind
        assert [one.reason for one in aid.search().untested] == [NO_KEYS]
        aid.bureau.ledger = own


def test_members_that_stay_closed_leave_households_unknown(aid):
    aid.bureau.apply(members=[aid.bureau.person(1)])
    aid.grant(FIRST, "2024-05-06")
    assert aid.found() == []
    (key,) = aid.bureau.keys.keys_of(f"case/{aid.bureau.case}")
    aid.bureau.keys.destroy(key.kid)
    (told,) = aid.search().untested
    assert (told.reason, told.facts, told.cases) == (MEMBERS_CLOSED, {"count": "1"}, None)


def test_a_region_a_programme_and_a_number_narrow_it(aid):
    aid.grant(FIRST, "2024-05-06")
    aid.grant(SECOND, "2024-05-07", region="520121102")
    assert aid.found(region="520121102") == aid.found(case=SECOND) == aid.found() == [(SECOND, "拆分")]
    assert aid.found(region="520121101") == aid.found(case=FIRST) == aid.found(programme="农村低保") == []
    assert aid.found(known_at=aid.bureau.ledger.size - 1) == []


def test_the_county_may_have_other_numbers_later(aid):
    aid.bureau.adopt(StandardItem.AID_CEILING, 200_000, StandardUnit.YUAN, effective_on="2024-05-07")
    aid.grant(FIRST, "2024-05-05")
    aid.grant(SECOND, "2024-05-06")
    aid.grant(THIRD, "2024-05-07")
    assert aid.found() == [(SECOND, "拆分")]


def test_the_rule_says_what_it_found_in_three_sentences(aid):
    aid.grant(FIRST, "2024-05-06", advance=True, reason="火灾")
    aid.grant(SECOND, "2024-05-07", reason="火灾")
    flags = aid.search(as_of="2024-12-31").flags
    assert [(flag.case, flag.reference) for flag in flags] == [(FIRST, "补办"), (SECOND, "拆分"), (SECOND, "重复")]
    assert len({flag.sentence for flag in flags} | {load_rules()["RF25"].sentence}) == 4

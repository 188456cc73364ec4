"""Relatives whom nobody declared, wider scopes, days late, visits and officers who handled their kin's case."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from domain.events.application import ApplicationAccepted
from domain.events.decision import CountyVisited
from domain.events.household import MemberCounted, MemberJoined
from domain.events.kinship import (
    FilingClosed,
    KinshipScopeAdopted,
    RecusalRecorded,
    RelationDiscovered,
    RelationRejected,
)
from domain.events.staff import KinshipFiled, KinshipVisited, RelativeDeclared, StaffAppointed, StaffDeparted
from domain.events.verification import SurveyCompleted
from domain.kin_words import relation_of
from domain.kinship import KinshipScope
from domain.mapping.staff import kin_of
from domain.vocabulary import HouseholdRelation, Kin, Post
from projections.database import Database
from projections.filings import filings
from projections.follower import Follower
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase

CASE, SECOND = "SQ52012120240100001", "SQ52012120240100002"
X, Y = "MZ0012", "MZ0013"
SELF, SPOUSE, CHILD, PARENT, SIBLING, GRANDCHILD, OTHER = HouseholdRelation


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class County:
    """A story about relatives, told in few words, and the register that answers."""

    def __init__(self, story: Any, follow: Callable[[], Database]) -> None:
        self.story = story
        self.follow = follow
        story.window("2024-01", "2024-12-31")

    def officer(
        self, staff: str, person: str | None = None, post: Post = Post.SURVEY, departed_on: str | None = None
    ) -> None:
        appointed = day("2019-05-06")
        event = StaffAppointed(
            post=post, occurred_on=appointed, citizen_id=person, name="周敏", office="青石镇人民政府"
        )
        self.story.tell(f"staff/{staff}", event)
        if departed_on is not None:
            left = StaffDeparted(post=post, appointed_on=appointed, occurred_on=day(departed_on))
            self.story.tell(f"staff/{staff}", left)

    def declares(self, staff: str, person: str, word: str) -> None:
        event = RelativeDeclared(
            relation=kin_of(word), occurred_on=day("2023-12-01"), relative_citizen_id=person, relation_text=word
        )
        self.story.tell(f"staff/{staff}", event)

    def case(self, case: str, confirmed: bool = True, **members: HouseholdRelation) -> None:
        """Tell a case accepted on 2024-01-03 and decided on 2024-01-20."""
        self.story.apply(case, members=())
        for number, (person, relation) in enumerate(members.items(), 1):
            joined = MemberJoined(member=number, relation=relation, counted=True, name="罗国强", citizen_id=person)
            self.story.tell(f"case/{case}", joined)
        if confirmed:
            self.story.confirm(case)

    def files(self, filed_on: str, staff: str = X, case: str = CASE) -> None:
        self.story.tell(f"case/{case}", KinshipFiled(relation=Kin.OTHER, occurred_on=day(filed_on), staff=staff))

    def adopts(self, scope: KinshipScope, effective_on: str = "2020-01-01", region: str | None = None) -> None:
        event = KinshipScopeAdopted(scope=scope, effective_on=day(effective_on), region=region)
        self.story.tell("standard/kinship-scope", event)

    def register(self, scope: Scope | None = None) -> dict[str, Any]:
        return filings(self.follow(), scope or Scope())

    def found(self, scope: Scope | None = None) -> list[tuple[str, str, str, str]]:
        """Return status, staff, relation and certainty of the rows that are not plain filings."""
        rows = [row for row in self.register(scope)["rows"] if row["status"] not in ("filed", "filed_late")]
        return [(row["status"], row["staff"], row["relation"], row["certainty"]) for row in rows]


@pytest.fixture
def county(story: Any) -> County:
    database = SQLiteDatabase.private()

    def follow() -> SQLiteDatabase:
        Follower(story, database).catch_up()
        return database

    return County(story, follow)


def test_the_household_of_a_declared_relative_is_filed_too(county: County) -> None:
    """The sister was declared and is in one case; her mother, the officer's, is head in another."""
    county.officer(X, "x")
    county.declares(X, "sister", "兄弟姐妹")
    county.case(CASE, sister=SELF, mother=PARENT)
    county.case(SECOND, mother=SELF)
    county.files("2024-01-05")
    assert county.found() == [("implied_unfiled", X, "父母", "likely")]
    (row,) = [row for row in county.register()["rows"] if row["status"] == "implied_unfiled"]
    assert (row["case"], row["days_late"], row["scope"], row["post"]) == (SECOND, 346, "core", "调查")
    assert row["because"] == [
        {"fact": "declared", "of": X, "entries": [2]},
        {"fact": "household", "of": CASE, "entries": [5, 6]},
    ]
    assert row["entries"] == [2, 5, 6, 11]


def test_the_officers_own_household_is_found_by_his_citizen_id(county: County) -> None:
    county.officer(X, "x")
    county.case(CASE, mother=SELF, x=CHILD)
    assert county.found() == [("implied_unfiled", X, "本人", "certain")]
    county.case(SECOND, mother=SELF)
    assert county.found()[1] == ("implied_unfiled", X, "父母", "certain")


def test_two_officers_who_declare_one_parent_are_found_to_be_siblings(county: County) -> None:
    county.officer(X, "x", Post.VILLAGE)
    county.officer(Y, "y", Post.PAYMENT)
    county.declares(X, "mother", "父母")
    county.declares(Y, "mother", "父母")
    county.case(CASE, y=SELF)
    assert county.found() == [("implied_unfiled", X, "兄弟姐妹", "certain")]


def test_a_relative_declared_by_another_officer_is_found(county: County) -> None:
    county.officer(X, "x")
    county.officer(Y, "y", Post.PAYMENT)
    county.declares(X, "y", "配偶")
    county.declares(Y, "child", "子女")
    county.case(CASE, child=SELF)
    assert county.found() == [("implied_unfiled", X, "子女", "likely")]


@pytest.mark.parametrize(
    "near_miss",
    [
        "other member",
        "ex-officer",
        "payment post",
        "refused case",
        "out of scope",
        "filed",
        "filed late",
        "joined later",
    ],
)
def test_near_misses_stay_silent(county: County, near_miss: str) -> None:
    departed_on = "2024-01-02" if near_miss == "ex-officer" else None
    county.officer(X, "x", Post.PAYMENT if near_miss == "payment post" else Post.SURVEY, departed_on)
    county.declares(X, "sister", "兄弟姐妹")
    county.case("SQ52012120240100009", confirmed=False, sister=SELF, mother=PARENT, husband=SPOUSE, lodger=OTHER)
    person = {"other member": "lodger", "out of scope": "husband"}.get(near_miss, "mother")
    county.case(CASE, confirmed=near_miss != "refused case", head=SELF, **{person: OTHER})
    if near_miss == "refused case":
        county.story.refuse(CASE)
    if near_miss.startswith("filed"):
        county.files("2024-01-05" if near_miss == "filed" else "2024-02-05")
    if near_miss == "joined later":
        county.story.tell(f"case/{CASE}", MemberCounted(member=2, counted_from="2024-06"))
    assert county.found() == []


def test_without_a_near_miss_the_same_household_is_found(county: County) -> None:
    county.officer(X, "x")
    county.declares(X, "sister", "兄弟姐妹")
    county.case("SQ52012120240100009", confirmed=False, sister=SELF, mother=PARENT)
    county.case(CASE, head=SELF, mother=OTHER)
    assert county.found() == [("implied_unfiled", X, "父母", "likely")]


@pytest.mark.parametrize(
    ("scope", "word", "status"),
    [
        (None, "岳父", []),
        (KinshipScope.RECUSAL, "岳父", ["wider_unfiled"]),
        (KinshipScope.RECUSAL, "72", ["wider_unfiled"]),
        (KinshipScope.RECUSAL, "侄孙", []),
        (KinshipScope.EXTENDED, "侄孙", ["wider_unfiled"]),
        (KinshipScope.EXTENDED, "朋友", []),
        (None, "儿子", ["wider_unfiled"]),  # core by its meaning, though not a word of RF10
        (None, "子女", ["unfiled"]),
    ],
)
def test_a_declared_relative_counts_as_far_as_the_scope_in_force_reaches(
    county: County, scope: KinshipScope | None, word: str, status: list[str]
) -> None:
    county.officer(X)
    county.declares(X, "head", word)
    county.case(CASE, head=SELF)
    if scope is not None:
        county.adopts(scope)
    assert [row[0] for row in county.found()] == status
    found = county.register()
    assert (found["unfiled"], found["wider"]) == (status.count("unfiled"), status.count("wider_unfiled"))


@pytest.mark.parametrize(
    ("effective_on", "region", "reached"),
    [
        ("2024-01-20", None, True),
        ("2024-01-21", None, False),
        ("2024-01-01", "520121101", True),
        ("2024-01-01", "520121102", False),
    ],
)
def test_the_scope_is_the_one_in_force_at_the_decision_in_the_region_of_the_case(
    county: County, effective_on: str, region: str | None, reached: bool
) -> None:
    county.officer(X)
    county.declares(X, "head", "岳父")
    county.case(CASE, head=SELF)
    county.adopts(KinshipScope.RECUSAL, effective_on, region)
    assert bool(county.found()) == reached


def test_a_wider_scope_never_changes_what_is_unfiled(county: County) -> None:
    county.officer(X, "x")
    county.declares(X, "head", "兄弟姐妹")
    county.declares(X, "wife", "嫂子")
    county.case(CASE, head=SELF, wife=SPOUSE)
    before = county.register()
    county.adopts(KinshipScope.EXTENDED)
    after = county.register()
    assert [before[key] for key in ("filed", "unfiled")] == [after[key] for key in ("filed", "unfiled")] == [0, 1]
    assert [row["status"] for row in after["rows"]] == ["unfiled"]


def test_possible_relatives_are_told_with_every_relation_that_fits(county: County) -> None:
    county.officer(X)
    county.declares(X, "nephew", "侄子")
    county.case(CASE, nephew=SELF, parent=PARENT)
    assert county.found() == [("implied_unfiled", X, "兄弟姐妹 / 兄弟姐妹的配偶", "possible")]


def test_a_relation_found_out_is_a_fact_and_one_ruled_out_is_silent(county: County) -> None:
    county.officer(X, "x")
    county.case(CASE, head=SELF, wife=SPOUSE)
    discovered = RelationDiscovered(
        relation=Kin.SIBLING, occurred_on=day("2024-03-01"), relation_text="姐姐", relative_citizen_id="wife"
    )
    county.story.tell(f"staff/{X}", discovered)
    assert county.found() == [("discovered_unfiled", X, "兄弟姐妹", "certain")]
    rejected = RelationRejected(occurred_on=day("2024-04-01"), relative_citizen_id="wife")
    county.story.tell(f"staff/{X}", rejected)
    assert county.found() == []


def test_later_entries_count_from_their_position_on(county: County) -> None:
    county.officer(X, "x")
    county.declares(X, "sister", "兄弟姐妹")
    county.case(CASE, mother=SELF)
    known_at = county.story.size
    assert county.found() == []
    county.case(SECOND, confirmed=False, sister=SELF, mother=PARENT)
    assert county.found() == [("implied_unfiled", X, "父母", "likely")]
    assert county.found(Scope(known_at=known_at)) == []
    left = StaffDeparted(post=Post.SURVEY, appointed_on=day("2019-05-06"), occurred_on=day("2023-12-31"))
    county.story.tell(f"staff/{X}", left)
    assert county.found() == []


@pytest.mark.parametrize(("filed_on", "days_late"), [(None, 346), ("2024-02-01", 12)])
def test_days_late_run_from_the_decision_to_the_filing_or_to_the_day_asked_about(
    county: County, filed_on: str | None, days_late: int
) -> None:
    county.officer(X)
    county.declares(X, "head", "父母")
    county.case(CASE, head=SELF)
    if filed_on is not None:
        county.files(filed_on)
    found = county.register()
    assert [row["days_late"] for row in found["rows"]] == [days_late] * (1 if filed_on is None else 2)
    assert found["late"] == (filed_on is not None)
    asked = county.register(Scope(as_of=day("2024-01-31")))
    assert asked["rows"][0]["days_late"] == (11 if filed_on is None else 12)


@pytest.mark.parametrize(
    ("own", "of_the_county", "visit", "unvisited"),
    [
        (None, None, "unvisited", 1),
        ("2024-01-20", None, "visited", 0),
        ("2024-01-21", None, "visited_late", 1),
        (None, "2024-01-19", "visited", 0),
        ("2024-02-01", "2024-01-20", "visited", 0),
    ],
)
def test_a_filing_in_time_needs_the_countys_visit_before_the_decision(
    county: County, own: str | None, of_the_county: str | None, visit: str, unvisited: int
) -> None:
    county.officer(X)
    county.case(CASE, head=SELF)
    county.files("2024-01-05")
    if own is not None:
        visited = KinshipVisited(staff=X, occurred_on=day(own), visitor="MZ0003", conclusion="符合")
        county.story.tell(f"case/{CASE}", visited)
    if of_the_county is not None:
        county.story.tell(f"case/{CASE}", CountyVisited(occurred_on=day(of_the_county)))
    found = county.register()
    assert (found["rows"][0]["visit"], found["unvisited"]) == (visit, unvisited)
    assert found["rows"][0]["visitor"] == ("MZ0003" if own is not None else None)


def test_who_received_surveyed_or_confirmed_the_case_of_his_own_kin_is_named_filed_or_not(county: County) -> None:
    county.officer(X, "x")
    county.officer("MZ0004", post=Post.PAYMENT)
    county.declares(X, "head", "父母")
    county.declares("MZ0004", "head", "配偶")
    county.declares("MZ0009", "head", "子女")
    county.case(CASE, head=SELF)  # confirmed by MZ0004
    survey = SurveyCompleted(occurred_on=day("2024-01-05"), surveyor_1="MZ0007", surveyor_2=X, persons=1)
    accepted = ApplicationAccepted(occurred_on=day("2024-01-03"), officer=X)
    county.story.tell(f"case/{CASE}", survey, accepted)
    county.files("2024-01-05")
    rows = [row for row in county.register()["rows"] if row["status"] == "handled_by_kin"]
    assert [(row["staff"], row["handled_as"], row["relation"]) for row in rows] == [
        ("MZ0004", ["confirmation"], "配偶"),
        (X, ["intake", "survey"], "父母"),
    ]
    assert county.register()["handled"] == 2


def test_a_filing_names_its_relative_whatever_the_scope_and_the_outcome(county: County) -> None:
    county.officer(X)
    county.declares(X, "head", "侄孙")
    county.case(CASE, confirmed=False, head=SELF)
    county.files("2024-01-05")
    (row,) = county.register()["rows"]
    assert (row["status"], row["scope"]) == ("filed", "extended")
    assert row["because"] == [{"fact": "declared", "of": X, "entries": [2]}]
    assert row["relative"] is not None


def test_recusals_and_closings_stand_beside_the_filing(county: County) -> None:
    county.officer(X)
    county.case(CASE, head=SELF)
    county.files("2024-01-05")
    recused = RecusalRecorded(occurred_on=day("2024-01-06"), staff=X)
    closed = FilingClosed(occurred_on=day("2024-09-01"), staff=X)
    county.story.tell(f"case/{CASE}", recused, closed)
    (row,) = county.register()["rows"]
    assert (row["recused_on"], row["closed_on"], row["status"]) == ("2024-01-06", "2024-09-01", "filed")


def test_a_region_and_a_programme_narrow_every_kind_of_row(county: County) -> None:
    county.officer(X, "x")
    county.case(CASE, mother=SELF, x=CHILD)
    assert county.found(Scope(region="520121102")) == []
    assert county.register(Scope(programme="特困供养"))["implied"] == 0
    assert county.register(Scope(region="520121101"))["implied"] == 1


def test_tables_hold_neither_ids_nor_words_of_relations(county: County) -> None:
    county.officer(X, "520121196203153012")
    county.declares(X, "520121197203040019", "岳父")
    county.case(CASE, **{"520121197203040019": SELF})
    database = county.follow()
    text = "\n".join(
        repr(row) for table in sorted(database.tables()) for row in database.rows(f"SELECT * FROM {table}")
    )
    assert relation_of("岳父") is not None
    for personal in ("520121196203153012", "520121197203040019", "岳父", "周敏", "罗国强", "青石镇人民政府"):
        assert personal not in text


def test_without_keys_nothing_is_claimed(county: County) -> None:
    county.officer(X, "x")
    county.declares(X, "sister", "兄弟姐妹")
    county.case(CASE, sister=SELF, mother=PARENT)
    county.story.keys = None
    found = county.register()
    assert (found["unfiled"], found["rows"]) == (None, [])
    assert found["unchecked"] == {"members": 2, "relatives": 1, "officers": 1}


def test_postgresql_answers_the_same(story: Any, new_postgres_registers: Callable[[], Database]) -> None:
    database = new_postgres_registers()

    def follow() -> Database:
        Follower(story, database).catch_up()
        return database

    county = County(story, follow)
    county.officer(X, "x")
    county.declares(X, "sister", "兄弟姐妹")
    county.declares(X, "nephew", "侄子")
    county.case(CASE, sister=SELF, mother=PARENT)
    county.case(SECOND, nephew=SELF, mother=OTHER)
    county.adopts(KinshipScope.RECUSAL)
    assert county.found() == [("unfiled", X, "兄弟姐妹", "certain"), ("wider_unfiled", X, "侄子女或甥子女", "certain")]
    database.close()

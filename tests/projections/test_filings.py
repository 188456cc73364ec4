"""A relative of staff who serve while the case is decided must be filed by the decision: RF10 of section 8."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from domain.events.appeal import AppealApplied
from domain.events.staff import KinshipFiled, KinshipVisited, RelativeDeclared, StaffAppointed, StaffDeparted
from domain.fields import Citation
from domain.vocabulary import AppealOutcome, Kin, Post
from projections.filings import filings
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase

CASE = "SQ52012120240100001"
Follow = Callable[[], SQLiteDatabase]


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _serve(story: Any, staff: str, post: Post, appointed_on: str, departed_on: str | None = None) -> None:
    day = _day(appointed_on)
    story.tell(f"staff/{staff}", StaffAppointed(post=post, occurred_on=day, region="520121"))
    if departed_on is not None:
        story.tell(f"staff/{staff}", StaffDeparted(post=post, appointed_on=day, occurred_on=_day(departed_on)))


def _declare(story: Any, staff: str, person: str, relation: Kin = Kin.SIBLING) -> None:
    declared = RelativeDeclared(
        relation=relation, occurred_on=_day("2024-06-01"), relative_citizen_id=person, relation_text=relation.value
    )
    story.tell(f"staff/{staff}", declared)


def _file(story: Any, filed_on: str, **whom: str) -> None:
    story.tell(f"case/{CASE}", KinshipFiled(relation=Kin.SIBLING, occurred_on=_day(filed_on), **whom))


@pytest.fixture
def tale(story: Any) -> Any:
    """A confirmed case, accepted on 2024-01-03 and decided on 2024-01-20, with two members."""
    story.window("2024-01", "2024-12-31")
    story.apply(CASE, members=("head", "son"))
    story.confirm(CASE)
    return story


def test_a_declared_sibling_who_was_not_filed_is_missing(tale: Any, followed: Follow) -> None:
    _serve(tale, "MZ0012", Post.VILLAGE, "2019-05-06")
    _declare(tale, "MZ0012", "son")
    found = filings(followed(), Scope())
    assert (found["filed"], found["unfiled"]) == (0, 1)
    (row,) = found["rows"]
    assert {key: row[key] for key in list(row)[:6]} == {
        "case": CASE,
        "staff": "MZ0012",
        "relation": "兄弟姐妹",
        "filed_on": None,
        "visited_on": None,
        "status": "unfiled",
    }


@pytest.mark.parametrize(
    ("post", "appointed_on", "departed_on", "missing"),
    [
        (Post.PAYMENT, "2019-05-06", None, 0),
        (Post.INTAKE, "2024-01-20", None, 1),
        (Post.INTAKE, "2024-01-21", None, 0),
        (Post.SURVEY, "2019-05-06", "2024-01-03", 1),
        (Post.SURVEY, "2019-05-06", "2024-01-02", 0),
        (Post.SUPERVISION, "2024-01-05", "2024-01-06", 1),
    ],
)
def test_only_tested_posts_held_between_acceptance_and_decision_count(
    tale: Any, followed: Follow, post: Post, appointed_on: str, departed_on: str | None, missing: int
) -> None:
    _serve(tale, "MZ0012", post, appointed_on, departed_on)
    _declare(tale, "MZ0012", "head")
    assert filings(followed(), Scope())["unfiled"] == missing


def test_relations_outside_the_core_scope_and_strangers_do_not_count(tale: Any, followed: Follow) -> None:
    _serve(tale, "MZ0012", Post.INTAKE, "2019-05-06")
    _declare(tale, "MZ0012", "head", Kin.OTHER)
    _declare(tale, "MZ0012", "stranger")
    assert filings(followed(), Scope())["unfiled"] == 0


def test_two_relatives_of_one_officer_in_one_case_are_one_finding(tale: Any, followed: Follow) -> None:
    _serve(tale, "MZ0012", Post.INTAKE, "2019-05-06")
    _declare(tale, "MZ0012", "head")
    _declare(tale, "MZ0012", "son", Kin.CHILD)
    assert filings(followed(), Scope())["unfiled"] == 1


@pytest.mark.parametrize(
    ("filed_on", "statuses"), [("2024-01-20", ["filed"]), ("2024-01-21", ["unfiled", "filed_late"])]
)
def test_filing_counts_until_the_day_of_the_decision(
    tale: Any, followed: Follow, filed_on: str, statuses: list[str]
) -> None:
    _serve(tale, "MZ0012", Post.INTAKE, "2019-05-06")
    _declare(tale, "MZ0012", "head")
    _file(tale, filed_on, staff="MZ0012")
    tale.tell(f"case/{CASE}", KinshipVisited(staff="MZ0012", occurred_on=_day("2024-01-19")))
    rows = filings(followed(), Scope())["rows"]
    assert [row["status"] for row in rows] == statuses
    assert rows[-1]["visited_on"] == "2024-01-19"


def test_an_unusual_staff_number_is_compared_without_being_shown(tale: Any, followed: Follow) -> None:
    _serve(tale, "MZ-0012", Post.INTAKE, "2019-05-06")
    _declare(tale, "MZ-0012", "head")
    _file(tale, "2024-01-10", staff_text="MZ-0012")
    found = filings(followed(), Scope())
    assert (found["unfiled"], found["rows"][0]["staff"]) == (0, None)


@pytest.mark.parametrize(("outcome", "missing"), [(AppealOutcome.REVOKED, 1), (AppealOutcome.UPHELD, 0)])
def test_a_refused_case_is_tested_only_when_an_appeal_confirmed_it(
    story: Any, followed: Follow, outcome: AppealOutcome, missing: int
) -> None:
    story.window("2024-01", "2024-12-31")
    story.apply(CASE, members=("head",))
    story.refuse(CASE)
    _serve(story, "MZ0012", Post.INTAKE, "2019-05-06")
    _declare(story, "MZ0012", "head")
    applied = AppealApplied(
        cites=Citation(seq=1, stream="appeal/SS1"),
        number="SS1",
        occurred_on=_day("2024-03-01"),
        outcome=outcome,
        amount_fen=40_000,
        effective_from="2024-02",
    )
    story.tell(f"case/{CASE}", applied)
    assert filings(followed(), Scope())["unfiled"] == missing


def test_without_keys_the_register_says_that_it_could_not_look(tale: Any, followed: Follow) -> None:
    _serve(tale, "MZ0012", Post.INTAKE, "2019-05-06")
    _declare(tale, "MZ0012", "head")
    tale.keys = None
    found = filings(followed(), Scope())
    assert found["unfiled"] is None
    assert found["unchecked"] == {"members": 2, "relatives": 1}

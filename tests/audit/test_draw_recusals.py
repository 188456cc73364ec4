"""Who may not inspect a case: those who handled it, those in it, and those who declared somebody in it."""

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from audit.draws.inspectors import recusals_of, serving
from audit.draws.pool import Selection, pool_of
from domain.draw import PoolLine
from domain.events.kinship import RecusalRecorded, RelationDiscovered
from domain.vocabulary import CaseStatus, Kin, Post, Programme, RecusalGround, Stratification
from ledger.ledger import Command, Draft, Ledger

INSPECTORS = ("MZ0001", "MZ0002", "JD0001", "JD0002", "JD0003", "JD0004")
Change = Callable[..., dict[str, object]]


@pytest.fixture
def loaded(office: Any, changed: Change) -> Any:
    """The sample county, and four inspectors: a son, somebody with a distant relative, a member, and one who left."""

    def inspector(number: str, person: str, **cells: str) -> Mapping[str, object]:
        return changed("工作人员", {"工号": number, "身份证号": person, "岗位": "监督", **cells})

    def declared(number: str, person: str, relation: str) -> Mapping[str, object]:
        return changed("近亲属申报", {"工号": number, "亲属身份证号": person, "关系": relation})

    rows = {
        **office.sample,
        "工作人员": [
            *office.sample["工作人员"],
            inspector("JD0001", office.citizen_id(21, "19800101")),
            inspector("JD0002", office.citizen_id(22, "19810101")),
            inspector("JD0003", office.wife),
            inspector("JD0004", office.citizen_id(24, "19830101"), 离任日期="2024-06-30"),
        ],
        "近亲属申报": [declared("JD0001", office.head, "父母"), declared("JD0002", office.head, "其他")],
        "近亲属备案": [],
    }
    office.load_rows(rows)
    return office


def grounds(ledger: Ledger, case: str, known_at: int | None = None) -> dict[str, RecusalGround]:
    found = recusals_of(ledger, [case], INSPECTORS, ledger.size if known_at is None else known_at)
    assert found.unopened == 0
    return {one.staff: one.ground for one in found.by_case[case]}


def test_handlers_household_and_declared_kin_stay_away(loaded: Any) -> None:
    assert grounds(loaded.ledger, loaded.case) == {
        "MZ0001": RecusalGround.HANDLED,  # received, surveyed, reviewed
        "MZ0002": RecusalGround.HANDLED,  # surveyed, confirmed
        "JD0001": RecusalGround.KIN,  # declared the head as his father
        "JD0003": RecusalGround.KIN,  # is in the household herself
    }
    assert grounds(loaded.ledger, loaded.other_case) == {"MZ0001": RecusalGround.HANDLED}


def test_a_relative_beyond_the_core_scope_recuses_nobody(loaded: Any) -> None:
    assert "JD0002" not in grounds(loaded.ledger, loaded.case)


def test_who_stands_aside_is_not_sent_and_a_relative_found_out_counts(loaded: Any) -> None:
    """What kin commands record live, after the files were loaded."""
    day = datetime.date(2024, 11, 1)
    found = RelationDiscovered(relation=Kin.PARENT, occurred_on=day, relative_citizen_id=loaded.other_head)
    aside = RecusalRecorded(occurred_on=day, staff="JD0004")
    known_at = loaded.ledger.size
    drafts = (Draft("staff/JD0002", found), Draft(f"case/{loaded.other_case}", aside))
    command = Command(str(uuid.uuid4()), "system/import", drafts)
    loaded.ledger.record_command(command, lambda: datetime.datetime.now(datetime.UTC))
    assert grounds(loaded.ledger, loaded.other_case) == {
        "MZ0001": RecusalGround.HANDLED,
        "JD0002": RecusalGround.KIN,
        "JD0004": RecusalGround.STANDS_ASIDE,
    }
    assert grounds(loaded.ledger, loaded.other_case, known_at) == {"MZ0001": RecusalGround.HANDLED}


def test_filed_kinship_recuses_without_any_key(office: Any) -> None:
    office.start()
    with Ledger.open(office.url, None, read_only=True) as closed:
        found = recusals_of(closed, [office.case], ["MZ0001", "JD0001"], closed.size)
    assert [(one.staff, one.ground) for one in found.by_case[office.case]] == [("MZ0001", RecusalGround.HANDLED)]
    assert found.unopened > 0


def test_what_came_after_the_announcement_recuses_nobody(loaded: Any) -> None:
    assert grounds(loaded.ledger, loaded.case, known_at=2) == {}


def test_inspectors_are_those_who_hold_the_post_on_the_day(loaded: Any) -> None:
    def found(day: str, *posts: Post) -> tuple[str, ...]:
        return serving(loaded.ledger, posts, datetime.date.fromisoformat(day), loaded.ledger.size)

    assert found("2024-06-30", Post.SUPERVISION) == ("JD0001", "JD0002", "JD0003", "JD0004")
    assert found("2024-07-01", Post.SUPERVISION) == ("JD0001", "JD0002", "JD0003")
    assert found("2019-05-05", Post.SUPERVISION, Post.SURVEY) == ()
    assert found("2024-01-01", Post.SURVEY) == ("MZ0001", "MZ0002")


def test_pool_is_what_was_known_and_selected(loaded: Any) -> None:
    def pool(**changes: Any) -> list[PoolLine]:
        plain: dict[str, Any] = {
            "known_at": loaded.ledger.size,
            "month": "2024-05",
            "statuses": (CaseStatus.ACTIVE,),
            "region": None,
            "programme": None,
            "stratification": Stratification.BOTH,
        }
        return pool_of(loaded.ledger, Selection(**{**plain, **changes}), {loaded.case: 4})

    whole = PoolLine(loaded.case, "520121101 农村低保", 4)
    assert pool() == [whole]
    assert pool(statuses=tuple(CaseStatus)) == [whole, PoolLine(loaded.other_case, "520121101 特困供养")]
    assert pool(month="2024-03") == []  # confirmed from April
    assert pool(region="520121101", programme=Programme.RURAL, stratification=Stratification.NONE) == [
        PoolLine(loaded.case, "-", 4)
    ]
    assert pool(region="520122") == pool(programme=Programme.URBAN) == pool(known_at=3) == []

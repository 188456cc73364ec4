"""Deaths and credit entries: kept with the person, noted in each case once, and never linking two cases."""

import json
from typing import Any

from domain.events.household import DishonestyNoted, MemberDied
from domain.events.person import CreditRecorded, DeathRecorded
from ledger.entry import parse_entry


def both_cases(office: Any, changed: Any) -> list[Any]:
    """Return the sample members, with the wife of the first case in the second as well."""
    return [*office.sample["家庭成员"], changed("家庭成员", {"申请编号": office.other_case}, of=1)]


def noted(office: Any) -> list[tuple[str, int]]:
    return [(r.stream, r.event.member) for r in office.events(MemberDied)]


def test_a_death_is_noted_in_every_case_of_the_person(office: Any, changed: Any) -> None:
    office.load_rows({**office.sample, "家庭成员": both_cases(office, changed)})
    assert noted(office) == [(f"case/{office.case}", 2), (f"case/{office.other_case}", 2)]
    assert len(office.events(DeathRecorded)) == 1


def test_a_death_before_the_member_is_known_is_noted_when_the_member_comes(office: Any, changed: Any) -> None:
    office.load_rows({"死亡信息": office.sample["死亡信息"]})
    assert noted(office) == []
    office.start()
    assert noted(office) == [(f"case/{office.case}", 2)]
    member = changed("家庭成员", {"申请编号": office.other_case}, of=1)
    office.load_rows({"家庭成员": [member]})
    assert noted(office) == [(f"case/{office.case}", 2), (f"case/{office.other_case}", 2)]


def test_a_death_after_the_member_is_known_is_noted_in_cases_of_earlier_deliveries(office: Any, changed: Any) -> None:
    office.start("申请", "家庭成员")
    office.load_rows({"家庭成员": [changed("家庭成员", {"申请编号": office.other_case}, of=1)]})
    office.load_rows({"死亡信息": office.sample["死亡信息"]})
    assert noted(office) == [(f"case/{office.case}", 2), (f"case/{office.other_case}", 2)]


def test_each_case_knows_of_a_death_once(office: Any, changed: Any) -> None:
    folder = office.deliver({**office.sample, "家庭成员": both_cases(office, changed)})
    office.load(folder)
    office.load(folder)
    office.load_rows({"死亡信息": [changed("死亡信息"), changed("死亡信息", {"死亡日期": "2024-01-01"})]})
    office.load_rows({"家庭成员": [changed("家庭成员", {"健康状况": "一般"}, of=1)]})
    assert len(noted(office)) == 2
    assert [r.event.died_on.isoformat() for r in office.events(DeathRecorded)] == ["2024-05-31"]


def test_the_death_of_a_person_nobody_knows_is_kept(office: Any, changed: Any) -> None:
    report = office.load_rows({"死亡信息": [changed("死亡信息", {"身份证号": office.stranger})]})
    assert office.counts(report, "死亡信息") == {"loaded": 1}
    assert noted(office) == []


def test_a_credit_entry_is_noted_in_its_case_for_the_member_it_is_about(office: Any, changed: Any) -> None:
    stranger = changed("信用", {"主体身份证号": office.stranger})
    office.load_rows({**office.sample, "信用": [*office.sample["信用"], stranger]})
    notes = {r.event.subject_citizen_id: (r.stream, r.event.member) for r in office.events(DishonestyNoted)}
    case = f"case/{office.case}"
    assert notes == {office.head: (case, 1), office.stranger: (case, None)}
    assert len(office.events(CreditRecorded)) == 2


def test_the_source_of_a_persons_facts_is_sealed_and_leads_back_to_the_row(office: Any) -> None:
    office.start()
    for event_class in (DeathRecorded, CreditRecorded, MemberDied, DishonestyNoted):
        (recorded,) = office.events(event_class)
        source = recorded.event.source
        assert source.row == 2
        entry = parse_entry(office.ledger.store.record(recorded.position).entry)
        assert "source" not in entry.payload and entry.seal is not None


def test_the_open_parts_link_no_two_cases_of_a_person(office: Any, changed: Any) -> None:
    """Neither a shared command, source, pseudonym or neighbour tells that two cases have a person in common."""
    credit = [changed("信用"), changed("信用", {"申请编号": office.other_case})]
    office.load_rows({**office.sample, "家庭成员": both_cases(office, changed), "信用": credit})
    records = list(office.ledger.store.records())
    persons = [r for r in records if r.stream.startswith("person/")]
    notes = [r for r in records if r.type in (MemberDied.TOPIC, DishonestyNoted.TOPIC)]
    assert len(persons) == 3 and len(notes) == 4
    assert len({r.command for r in persons} | {r.command for r in notes}) == 7
    assert {parse_entry(r.entry).n for r in notes} == {1}
    for record in persons:
        assert set(json.loads(json.dumps(parse_entry(record.entry).payload))) == set()
    pseudonyms = {r.stream.partition("/")[2] for r in persons}
    others = b"".join(r.entry for r in records if not r.stream.startswith("person/"))
    assert not any(pseudonym.encode() in others for pseudonym in pseudonyms)
    assert [r.stream for r in notes] == sorted(r.stream for r in notes)
    assert min(r.position for r in notes) > max(r.position for r in persons)

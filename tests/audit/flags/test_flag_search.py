"""The engine: what is read, in which order, what is told as not checked, and that dispositions silence."""

import datetime
import json
from pathlib import Path

import pytest

from audit.flags.disposition import basis
from audit.flags.links import SharedKeys
from audit.flags.rulebook import RuleUnusable, load_rules
from audit.flags.search import Scope, search
from audit.flags.untested import KEYS_GONE, KIN_CLOSED, NO_CLOSING_DATE, NO_DATA, NO_KEYS
from cli.simulation.county import simulate
from domain.events.application import PayeeRegistered
from domain.events.flag import FlagDisposed
from domain.events.staff import RelativeDeclared
from domain.vocabulary import DispositionOutcome, Kin, StandardItem, StandardUnit
from ledger.ledger import Ledger

SAMPLE = Path(__file__).parents[4] / "shared" / "county"
OWN_RULE = """
from audit.flags.flag import Flag
from audit.flags.rule import Certainty, Rule


def find(case, county):
    if case.programme == "农村低保":
        yield Flag.of("BM01", case.case, case.state.application, facts={"day": case.accepted_on.isoformat()})


RULE = Rule(
    id="BM01",
    title="本县重点核查",
    sentence="{day} 受理的农村低保户",
    source="县民政局内部规定",
    certainty=Certainty.POSSIBLE,
    next_step="入户核查",
    find=find,
)
"""


def keys_of(flags):
    """Return rule, case, month and printed reference, as the answer keys have them."""
    return {(flag.rule, flag.case, flag.month or "", flag.shown_reference or "") for flag in flags}


def answers(key):
    return {(one["rule"], one["case"], one.get("month") or "", one.get("ref") or "") for one in key["flags"]}


def all_rules(ledger, **scope):
    return search(ledger, load_rules().values(), Scope(**scope))


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample county is not beside the project")
def test_the_sample_county_has_exactly_the_flags_of_its_control_totals(office):
    office.load(SAMPLE)
    key = json.loads((SAMPLE / "control-totals.json").read_text(encoding="utf-8"))
    found = all_rules(office.ledger)
    listed = [flag for flag in found.flags if flag.rule in key["flags_of"]]
    assert keys_of(listed) == answers(key)
    assert [flag.key for flag in found.flags] == sorted(flag.key for flag in found.flags)


@pytest.mark.parametrize(("seed", "deliveries"), [(31, 1), (32, 2), (33, 3)])
def test_a_simulated_county_has_exactly_the_flags_of_its_answer_key(office, tmp_path, seed, deliveries):
    files = tmp_path / "files"
    key = simulate(files, households=100, months=9, seed=seed, deliveries=deliveries)
    for folder in sorted(path for path in files.iterdir() if path.is_dir()) if deliveries > 1 else [files]:
        office.load(folder)
    found = all_rules(office.ledger)
    listed = [flag for flag in found.flags if flag.rule in key["flags_of"]]
    assert {flag.rule for flag in listed} >= {"RF01", "RF03", "RF17", "RF20"}
    assert keys_of(listed) == answers(dict(key))


@pytest.fixture
def stopped(bureau):
    """Two cases stopped from 2024-05 and paid for it, the second of another township."""
    for number, case, region in ((1, bureau.case, "520121101"), (2, bureau.other_case, "520121102")):
        bureau.apply(case, members=[bureau.person(number)], region=region, account=f"629901000000000001{number}")
        bureau.confirm(case=case)
        bureau.stop("2024-05", case=case)
        bureau.pay(f"NX{number}", "2024-05", 100 * number, case)
    return bureau


def test_a_scope_names_region_programme_or_case(stopped):
    both = [(stopped.case, "2024-05", None), (stopped.other_case, "2024-05", None)]
    assert stopped.found("RF09") == both
    assert stopped.found("RF09", region="520121102") == both[1:]
    assert stopped.found("RF09", case=stopped.case) == both[:1]
    assert stopped.found("RF09", programme="农村低保") == both
    assert stopped.found("RF09", programme="城市低保") == []
    assert stopped.found("RF09", case="SQ52012120240399999") == []


def test_a_position_leaves_out_what_was_recorded_from_it_on(stopped):
    paid = stopped.flags("RF09")[1].entries[-1]
    assert len(stopped.found("RF09", known_at=paid + 1)) == 2
    assert len(stopped.found("RF09", known_at=paid)) == 1


def test_a_day_that_is_asked_for_ends_what_is_looked_at(bureau):
    bureau.apply()
    bureau.confirm()
    bureau.die(1, "2024-02-20")
    for month in ("2024-03", "2024-04", "2024-05"):
        bureau.pay(f"NX{month}", month)
    assert [month for _, month, _ in bureau.found("RF01", as_of="2024-04-30")] == ["2024-03", "2024-04"]


def test_the_window_is_the_union_of_the_deliveries(new_bureau):
    made = new_bureau()
    made.open_window("2024-03", "2024-04-30")
    made.open_window("2024-05", "2024-06-30")
    made.apply()
    made.confirm()
    made.stop("2024-03", "2024-02-20")
    for month in ("2024-02", "2024-04", "2024-06", "2024-07"):
        made.pay(f"NX{month}", month)
    assert [month for _, month, _ in made.found("RF09")] == ["2024-04", "2024-06"]
    assert made.search("RF09").as_of == datetime.date(2024, 6, 30)


def test_money_and_details_booked_before_the_case_was_loaded_belong_to_it(bureau):
    bureau.pay("NX1", "2024-05", stream="batch/FF202405-01", returned=True)
    bureau.pay("NX2", "2024-06", stream="batch/FF202406-01", original="NX1")
    bureau.apply()
    bureau.confirm()
    bureau.stop("2024-05")
    (flag,) = bureau.flags("RF09")
    assert (flag.case, flag.month) == (bureau.case, "2024-05")


def test_without_keys_open_rules_are_put_and_sealed_ones_told(stopped):
    with Ledger.open(stopped.url, None, read_only=True) as blind:
        found = all_rules(blind)
    assert ("RF09", stopped.case) in [(flag.rule, flag.case) for flag in found.flags]
    told = {one.rule: one for one in found.untested}
    assert {"RF02", "RF03", "RF17", "RF20"} <= told.keys()
    assert all(told[rule].reason == NO_KEYS and told[rule].cases is None for rule in ("RF02", "RF03", "RF17", "RF20"))


def test_a_case_whose_key_is_gone_is_told_and_the_others_are_tested(stopped):
    (key,) = stopped.keys.keys_of(f"case/{stopped.case}")
    stopped.keys.destroy(key.kid)
    found = stopped.search("RF17")
    assert [(one.rule, one.reason, one.cases) for one in found.untested] == [("RF17", KEYS_GONE, 1)]


@pytest.mark.parametrize("rule", ["RF10", "RF24"])
def test_relatives_that_stay_closed_are_told_by_the_rules_that_ask_for_them(stopped, rule):
    declared = RelativeDeclared(
        relation=Kin.SIBLING,
        occurred_on=datetime.date(2023, 12, 20),
        relative_name="罗国富",
        relative_citizen_id=stopped.person(1),
    )
    for officer in ("MZ0012", "MZ0013"):
        stopped.tell(f"staff/{officer}", declared)
    assert stopped.search(rule).untested == []
    (key,) = stopped.keys.keys_of("staff/MZ0013")
    stopped.keys.destroy(key.kid)
    told = [(one.rule, one.reason, one.facts, one.cases) for one in stopped.search(rule).untested]
    assert told == [(rule, KIN_CLOSED, {"count": "1"}, None)]
    assert stopped.search("RF09").untested == []


def test_a_kind_of_data_that_never_came_is_told(new_bureau):
    made = new_bureau()
    made.apply()
    found = made.search("RF26", as_of="2024-12-31")
    assert found.untested == []
    assert [(one.rule, one.reason, one.facts["kind"]) for one in found.not_applicable] == [("RF26", NO_DATA, "追缴")]


def test_data_recorded_live_is_data(new_bureau):
    made = new_bureau()
    made.adopt(StandardItem.RECOVERY_STALL_DAYS, 9_000, StandardUnit.DAYS)
    made.apply()
    made.confirm()
    made.order(100, "2024-06-12")
    assert len(made.flags("RF26", as_of="2024-12-31")) == 1


def test_without_a_day_nothing_is_tested_and_every_rule_says_so(new_bureau):
    found = all_rules(new_bureau().ledger)
    assert found.flags == []
    assert {one.reason for one in found.untested} == {NO_CLOSING_DATE}
    assert len(found.untested) == len(load_rules())


def dispose(bureau, flag, outcome=DispositionOutcome.EXPLAINED):
    event = FlagDisposed(
        rule=flag.rule,
        outcome=outcome,
        occurred_on=datetime.date(2025, 1, 6),
        month=flag.month,
        reference=flag.reference,
        reason="补发",
        rests_on=basis(flag),
    )
    return bureau.tell(f"case/{flag.case}", event)


def test_a_disposed_flag_is_silent_until_its_facts_change(stopped):
    flag, other = stopped.flags("RF09")
    position = dispose(stopped, flag)
    found = stopped.search("RF09")
    assert [found.is_silent(one) for one in found.flags] == [True, False]
    assert found.standing(flag).disposition.reason == "补发"
    stopped.pay("NX9", "2024-06", 1)  # a flag of its own, which changes nothing about the one disposed of
    found = stopped.search("RF09")
    assert [(one.month, found.is_silent(one)) for one in found.flags] == [
        ("2024-05", True),
        ("2024-06", False),
        ("2024-05", False),
    ]
    stopped.pay("NX10", "2024-07", 1, month="2024-05")
    found = stopped.search("RF09")
    assert not found.is_silent(found.flags[0])
    assert found.standing(found.flags[0]).holds is False
    assert found.standing(other) is None
    assert not stopped.search("RF09", known_at=position).standings


def test_days_that_pass_are_no_new_facts(bureau):
    bureau.adopt(StandardItem.RECOVERY_STALL_DAYS, 9_000, StandardUnit.DAYS)
    bureau.apply()
    bureau.confirm()
    bureau.order(100, "2024-06-12")
    (flag,) = bureau.flags("RF26", as_of="2024-10-01")
    dispose(bureau, flag)
    later = bureau.search("RF26", as_of="2024-11-01")
    assert later.flags[0].facts["days"] != flag.facts["days"]
    assert later.is_silent(later.flags[0])
    bureau.repay(1, "2024-07-01")
    anew = bureau.search("RF26", as_of="2024-11-01")
    assert [anew.is_silent(one) for one in anew.flags] == [False]


def test_the_latest_disposition_counts_and_a_closed_one_silences_nothing(stopped):
    flag = stopped.flags("RF09")[0]
    dispose(stopped, flag)
    dispose(stopped, flag, DispositionOutcome.REFERRED)
    assert stopped.search("RF09").standing(flag).disposition.outcome == "移送"
    with Ledger.open(stopped.url, None, read_only=True) as blind:
        found = search(blind, [load_rules()["RF09"]], Scope())
    assert not found.is_silent(found.flags[0])


def test_what_a_disposition_says_of_people_is_sealed(stopped):
    position = dispose(stopped, stopped.flags("RF09")[0])
    entry = next(stopped.ledger.store.records(position, position + 1)).entry.decode()
    assert '"outcome":"已说明"' in entry
    assert "补发" not in entry
    assert "amount_fen" not in entry


def test_a_bureaus_own_rule_is_one_file(stopped, tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "bm01.py").write_text(OWN_RULE, encoding="utf-8")
    (folder / "_helper.py").write_text("raise ValueError", encoding="utf-8")
    rules = load_rules(folder)
    found = search(stopped.ledger, [rules["BM01"]], Scope())
    assert [(flag.rule, flag.case, flag.facts["day"]) for flag in found.flags] == [
        ("BM01", stopped.case, "2024-01-03"),
        ("BM01", stopped.other_case, "2024-01-03"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def find(", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("LAW = 1", "no RULE"),
        ("from audit.rules.rf01_paid_after_death import RULE", "RF01"),
    ],
)
def test_a_file_that_is_no_rule_is_named_with_what_is_wrong(tmp_path, text, found):
    (tmp_path / "bad.py").write_text(text, encoding="utf-8")
    with pytest.raises(RuleUnusable) as refused:
        load_rules(tmp_path)
    assert str(tmp_path / "bad.py") == refused.value.where
    assert found in refused.value.found


def test_rules_have_ids_of_their_files_and_say_everything():
    for rule_id, rule in load_rules().items():
        assert (rule.find or rule.find_among) and bool(rule.links) == bool(rule.find_among), rule_id
        assert all((rule.title, rule.sentence, rule.source, rule.next_step)), rule_id
    names = {path.stem[:4].upper() for path in (Path(__file__).parents[3] / "audit" / "rules").glob("rf*.py")}
    assert names == set(load_rules())


def test_cases_that_share_a_key_make_one_group_however_many_keys_they_share():
    shared = SharedKeys()
    for case, keys in (("A", "xy"), ("B", "xyz"), ("C", "z"), ("D", "q")):
        shared.add(case, keys)
    assert list(shared.groups()) == [("A", "B"), ("B", "C")]


def test_the_next_payment_does_not_make_an_explained_payee_new_and_another_holder_does(bureau):
    bureau.apply(holder="罗国富")
    bureau.confirm()
    bureau.pay("NX1", "2024-02")
    (flag,) = bureau.flags("RF17")
    dispose(bureau, flag)
    bureau.pay("NX2", "2024-03")
    found = bureau.search("RF17")
    assert found.flags[0].amount_fen == 2 * flag.amount_fen
    assert found.is_silent(found.flags[0])
    bureau.tell(f"case/{bureau.case}", PayeeRegistered(bank="云岭农商行", account=bureau.account, holder="罗国贵"))
    found = bureau.search("RF17")
    assert not found.is_silent(found.flags[0])

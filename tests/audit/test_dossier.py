"""Dossiers: what is made holds, what was changed does not, and nobody's word is taken for more than it is."""

import base64
import importlib.util
import json
import sqlite3
from pathlib import Path
from types import ModuleType

import pytest

from audit.dossier import FieldChoice, make_dossier
from audit.dossier_check import CHECKS, Verdict, check_dossier
from audit.dossier_form import DossierUnreadable, read_dossier, write_dossier
from audit.dossier_history import told
from audit.errors import CouldNotCheck
from audit.heads import check_heads
from audit.verification import verify
from domain.events.ledger import HeadsSealed
from ledger.hashing import SHA256, SM3
from ledger.heads_map import HEADS_STREAM, MapRoot, heads_below, map_root
from ledger.heads_recording import heads_event
from ledger.ledger import Command, Draft, Ledger
from ledger.note import add_cosignature
from ledger.policy import Policy, parse_policy

GOLDEN = Path(__file__).parents[1] / "golden" / "dossier"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def make_dossiers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_dossiers", GOLDEN.parent / "make_dossiers.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


MAKER = make_dossiers()
CASE = MAKER.CASE


@pytest.fixture(params=[SHA256, SM3], ids=["sha256", "sm3"])
def office(request, tmp_path):
    made = MAKER.Golden(tmp_path, request.param, "county.example/dossier")
    yield made
    made.close()


@pytest.fixture
def small(tmp_path):
    made = MAKER.Golden(tmp_path, SHA256, "county.example/dossier")
    yield made
    made.close()


def state_of(verdict, name):
    return next(one.state for one in verdict.checks if one.name == name)


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_dossier_is_judged_as_its_maker_says(name):
    expected = EXPECTED[name]
    heads_policy = expected["heads_policy"] and golden(expected["heads_policy"])
    verdict = check_dossier(golden(name), golden(expected["policy"]), heads_policy)
    assert verdict.verdict == expected["verdict"], verdict.checks
    assert tuple(one.name for one in verdict.checks) == CHECKS
    assert verdict.attested is (expected["completeness"] == "attested")
    if expected["fails"]:
        assert state_of(verdict, expected["fails"]) == ("BROKEN" if expected["verdict"] == "invalid" else "UNCHECKED")


@pytest.mark.parametrize(("name", "kinds"), [("absent.json", 7), ("disclosed.json", 2)])
def test_no_byte_of_a_dossier_can_be_changed_unseen(name, kinds):
    """Every byte of the file: one bit of it changed, left out, doubled, another put in. Never valid, never a crash."""
    data, policy = golden(name), golden("policy.txt")
    parsed = parse_policy(policy)
    assert check_dossier(data, parsed).verdict is Verdict.VALID
    for place in range(len(data)):
        before, byte, after = data[:place], data[place], data[place + 1 :]
        forms = [before + bytes([byte ^ 0x01]) + after, before + after, before + bytes([byte ^ 0x20]) + after]
        forms += [before + bytes([other]) + after for other in (byte ^ 0x80, 0x30 if byte != 0x30 else 0x31)]
        forms += [before + bytes([byte, byte]) + after, before + b" " + data[place:]]
        for form in forms[:kinds]:
            assert check_dossier(form, parsed).verdict is Verdict.INVALID, (place, form[place - 20 : place + 20])


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"[]\n", b"\xff", b"null", b'{"format":"mingzhang/dossier/1"}\n']
)
def test_what_is_no_dossier_is_said_to_be_none(data):
    verdict = check_dossier(data, None)
    assert verdict.verdict is Verdict.INVALID
    assert [one.state for one in verdict.checks] == ["BROKEN"] + ["UNCHECKED"] * (len(CHECKS) - 1)


def test_a_change_that_is_followed_by_a_new_digest_is_found_where_it_was_made():
    """Every text and number of a small dossier: whoever computes the digest anew is still found, or changed nothing."""
    good = json.loads(golden("disclosed.json"))
    policy = golden("policy.txt")
    seen = set()
    for path in _leaves(good):
        if path in (("digest",), ("suite",)) or path[-1] == "of":  # `of` only places the path of a disclosure
            continue
        changed = json.loads(golden("disclosed.json"))
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = _other(place[path[-1]])
        verdict = check_dossier(MAKER.resealed(changed), policy)
        assert verdict.verdict is Verdict.INVALID, path
        seen.update(one.name for one in verdict.checks if one.state == "BROKEN")
    assert seen >= {"file", "signature", "checkpoint", "entries", "inclusion", "heads", "map", "disclosures"}


def test_a_dossier_reads_back_as_it_was_written(office):
    office.checkpoint()
    for stream, choice in ((CASE, FieldChoice(everything=True)), (CASE, None), ("a/0", None)):
        made = make_dossier(office.ledger, stream, choice=choice).dossier
        assert read_dossier(write_dossier(made)) == made


def test_a_case_is_whole_and_its_history_is_told_from_the_bytes(office):
    office.checkpoint()
    policy = office.policies()["policy.txt"].encode()
    verdict = check_dossier(office.dossier(CASE, ("province", "prefecture")), policy)
    assert verdict.verdict is Verdict.VALID
    assert [one.recorded.topic for one in told(verdict)] == [
        topic for stream, topic, _ in MAKER.HISTORY if stream == CASE
    ]
    assert verdict.cosigned_at == {"province": MAKER.COSIGNED_AT, "prefecture": MAKER.COSIGNED_AT + 1}
    assert not verdict.attested
    assert state_of(verdict, "completeness") == "ASSERTED"


def test_whoever_attests_the_map_has_a_key_of_its_own_for_it(office):
    office.checkpoint()
    policies = office.policies()
    data = office.dossier(CASE, ("province", "prefecture", "replay"))
    policy, heads = policies["policy.txt"].encode(), policies["heads-policy.txt"].encode()
    assert check_dossier(data, policy, heads).attested
    assert not check_dossier(data, policy).attested
    cosigner = policies["heads-policy-shared-key.txt"].encode()
    refused = check_dossier(data, policy, cosigner)
    assert refused.verdict is Verdict.UNCHECKED
    assert state_of(refused, "policy") == "UNCHECKED"


def test_without_a_policy_nothing_is_vouched_for_but_everything_else_is_checked(office):
    office.checkpoint()
    verdict = check_dossier(office.dossier(CASE, ()), None)
    assert verdict.verdict is Verdict.UNCHECKED
    unchecked = {one.name for one in verdict.checks if one.state == "UNCHECKED"}
    assert unchecked == {"policy", "signature", "quorum"}
    assert verdict.log_key is None


@pytest.mark.parametrize("policy", [b"", b"quorum none\nquorum none\n", b"\xff\n", b"log x\nquorum none\n"])
def test_a_policy_that_cannot_be_followed_leaves_the_dossier_unchecked(policy):
    verdict = check_dossier(golden("valid.json"), policy)
    assert verdict.verdict is Verdict.UNCHECKED
    assert state_of(verdict, "policy") == "UNCHECKED"


def test_chosen_fields_are_disclosed_and_no_others(office):
    office.checkpoint()
    data = write_dossier(make_dossier(office.ledger, CASE, choice=FieldChoice({"holder"})).dossier)
    shown = check_dossier(data, None).disclosed
    assert [(one.field, one.value) for one in shown] == [("holder", MAKER.PAYEE["holder"])]
    for hidden in (MAKER.PAYEE["account"], MAKER.PERSON["citizen_id"], str(MAKER.PERSON["declared_income_fen"])):
        assert hidden.encode() not in data
    whole = check_dossier(office.dossier(CASE, (), FieldChoice(everything=True)), None)
    assert {one.field for one in whole.disclosed} == {*MAKER.PERSON, *MAKER.PAYEE}


def test_a_key_that_is_gone_leaves_the_dossier_whole_without_its_personal_data(small):
    small.checkpoint()
    made = make_dossier(Ledger(small.ledger.store, None), CASE, choice=FieldChoice(everything=True))
    assert len(made.closed) == 2
    verdict = check_dossier(write_dossier(made.dossier), small.policies()["policy-log-alone.txt"].encode())
    assert verdict.verdict is Verdict.VALID
    assert verdict.disclosed == ()


def test_names_that_no_entry_has_are_told(small):
    small.checkpoint()
    assert make_dossier(small.ledger, CASE, choice=FieldChoice({"holder", "hodler"})).undisclosed == ("hodler",)


def test_what_was_recorded_after_the_checkpoint_is_left_out_and_counted(office):
    office.checkpoint()
    office.record([(CASE, "truth.pledged/1", {"occurred_on": "2026-05-01"})])
    made = make_dossier(office.ledger, CASE)
    assert (made.later, len(made.dossier.entries)) == (1, 5)
    office.checkpoint()
    later = make_dossier(office.ledger, CASE)
    assert (later.later, len(later.dossier.entries)) == (0, 6)
    earlier = make_dossier(office.ledger, CASE, size=made.checkpoint.size)
    assert earlier.dossier == made.dossier
    assert check_dossier(write_dossier(later.dossier), None).verdict is Verdict.UNCHECKED


def test_without_a_checkpoint_after_a_map_there_is_no_dossier(small):
    with pytest.raises(CouldNotCheck, match="checkpoint --heads"):
        make_dossier(small.ledger, CASE)
    small.checkpoint()
    with pytest.raises(CouldNotCheck, match="of size 3"):
        make_dossier(small.ledger, CASE, size=3)


def test_every_cosignature_that_is_stored_is_in_the_dossier_once(small):
    small.checkpoint()
    stored = next(iter(small.ledger.store.checkpoints()))
    for name in ("province", "prefecture"):
        note = add_cosignature(stored.note, small.witnesses[name], MAKER.COSIGNED_AT)
        small.ledger.store.add_checkpoint(stored.size, note)
    made = make_dossier(small.ledger, CASE).dossier
    assert made.checkpoint.count("— ".encode()) == 3
    verdict = check_dossier(write_dossier(made), small.policies()["policy.txt"].encode())
    assert verdict.verdict is Verdict.VALID


def test_a_policy_of_one_key_says_that_it_is_one(small):
    small.checkpoint()
    policy = Policy((small.keys.signer().verifier,))
    verdict = check_dossier(small.dossier(CASE, ()), policy)
    assert verdict.verdict is Verdict.VALID
    assert verdict.cosigned_at == {}
    assert "key of the log alone" in next(one.detail for one in verdict.checks if one.name == "quorum")


def test_verification_computes_the_maps_again(office):
    office.checkpoint()
    office.record([(CASE, "truth.pledged/1", {"occurred_on": "2026-05-01"})])
    office.checkpoint()
    verification = verify(office.ledger.store, keys=office.keys)
    assert verification.findings == []
    assert verification.unchecked == []


@pytest.mark.parametrize("act", ["root", "count", "stream", "command"])
def test_a_false_map_is_a_finding_at_its_entry(small, act):
    head = heads_event(MapRoot(4, bytes(32)))
    if act == "count":
        small.checkpoint()
        true = small.ledger.event(small.ledger.size - 1).event
        head = HeadsSealed(root=true.root, streams=true.streams + 1)
    stream = "ledger/main" if act == "stream" else HEADS_STREAM
    drafts = (Draft(stream, head),) * (2 if act == "command" else 1)
    position = small.ledger.record_command(Command(small.keys.command_id("x"), "system/setup", drafts), small.clock)[0]
    findings = verify(small.ledger.store, keys=small.keys).findings
    assert {(one.kind, one.position) for one in findings} >= {("heads-false", position.position)}
    assert {one.kind for one in findings} == {"heads-false"}


def test_a_hidden_stream_makes_a_false_map(small):
    """The bureau leaves a case out of the map: its dossier of absence would hold, verification tells."""
    heads = [head for head in heads_below(small.ledger.store, small.ledger.size) if head.name != CASE]
    event = heads_event(map_root(SHA256, heads))
    drafts = (Draft(HEADS_STREAM, event),)
    small.ledger.record_command(Command(small.keys.command_id("x"), "system/setup", drafts), small.clock)
    (finding,) = verify(small.ledger.store, keys=small.keys).findings
    assert (finding.kind, finding.field) == ("heads-false", "root")


def test_earlier_maps_are_said_to_be_unchecked_when_they_cost_too_much(small):
    small.checkpoint()
    small.record([(CASE, "truth.pledged/1", {"occurred_on": "2026-05-01"})])
    small.checkpoint()
    with small.ledger.store.inspection() as log:
        checked = check_heads(log, [], look_ups=5)
    assert checked.findings == []
    assert checked.unchecked == ["maps of stream heads: 1 were not computed again"]


def test_a_map_over_changed_entries_accuses_nobody_of_the_map(small, tmp_path):
    small.checkpoint()
    with sqlite3.connect(tmp_path / "ledger.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(
            "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '67600', '67601') AS BLOB) WHERE position = 7"
        )
    database.close()
    verification = verify(small.ledger.store, keys=small.keys)
    assert "heads-false" not in {one.kind for one in verification.findings}
    assert any(text.startswith("maps of stream heads") for text in verification.unchecked)


def test_unreadable_dossiers_name_the_member_and_quote_nothing():
    members = json.loads(golden("personal.json"))
    members["entries"][1]["disclosures"] = "测试甲"
    with pytest.raises(DossierUnreadable) as caught:
        read_dossier(MAKER.resealed(members))
    assert caught.value.where == "entries[1].disclosures"
    assert "测试甲" not in str(caught.value)


# Private


def _leaves(value, path=()):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, (*path, number))
    else:
        yield path


def _other(value):
    if isinstance(value, int):
        return value + 1
    if len(value) == 44 and value.endswith("="):
        raw = bytearray(base64.b64decode(value))
        raw[5] ^= 1
        return base64.b64encode(raw).decode()
    return value[:-2] + ("x" if value[-2] != "x" else "y") + value[-1]

"""A verifier's policy: how far its witnesses vouch for the log, and who is missing when they do not."""

from collections.abc import Callable
from contextlib import closing

from audit.result import Verification
from audit.verification import verify
from ledger.cosignatures import note_with, parse_answer
from ledger.note import TYPE_COSIGNATURE, TYPE_ED25519, Signer, add_cosignature, split_note
from ledger.policy import Policy, parse_policy
from ledger.sqlite import SQLiteStore

WITNESSES = [Signer(f"w{number}.example", TYPE_COSIGNATURE, bytes([number]) * 32) for number in range(3)]
NOW = 1_790_000_000


def policy_of(made, quorum: str = "two", vkey: str = "") -> Policy:
    lines = [f"log {vkey or made.vkey}"]
    lines += [f"witness w{number} {one.verifier.text}" for number, one in enumerate(WITNESSES)]
    return parse_policy("\n".join([*lines, "group two 2 w0 w1 w2", f"quorum {quorum}", ""]).encode())


def judged(copy, policy: Policy, since: bytes | None = None) -> Verification:
    with closing(SQLiteStore.open(copy.path, read_only=True)) as store:
        return verify(store, policy=policy, since=since)


def cosigned(note: bytes, *numbers: int) -> bytes:
    for number in numbers:
        note = add_cosignature(note, WITNESSES[number], NOW + number)
    return note


def keep(copy, size: int, note: bytes) -> None:
    with closing(SQLiteStore.open(copy.path)) as store:
        store.add_checkpoint(size, note)


def sizes(made) -> tuple[int, int]:
    first, second = sorted(made.notes)
    return first, second


def test_without_cosignatures_all_witnesses_are_missing_and_the_log_is_sound(made, copy):
    result = judged(copy, policy_of(made))
    assert result.sound
    assert result.quorum is not None
    assert (result.quorum.size, result.quorum.missing) == (0, ["w0", "w1", "w2"])
    assert result.anchor.kind == "own"
    assert result.unchecked[-1] == (
        "checkpoint witnesses: the policy asks for 2 of (w0, w1, w2); missing are w0, w1, w2"
    )
    assert result.check_lines()[-1].state == "UNCHECKED"


def test_cosignatures_that_came_one_by_one_count_together(made, copy):
    _, second = sizes(made)
    keep(copy, second, cosigned(made.notes[second], 0))
    assert judged(copy, policy_of(made)).quorum.missing == ["w1", "w2"]
    keep(copy, second, cosigned(made.notes[second], 2))
    result = judged(copy, policy_of(made))
    assert result.sound
    assert result.anchor == ("quorum", second)
    assert result.quorum.cosigned_at == {"w0": NOW, "w2": NOW + 2}
    assert result.to_json()["missing"] == ["w1"]


def test_anchor_is_the_largest_checkpoint_that_satisfies_the_policy(made, copy):
    first, second = sizes(made)
    keep(copy, first, cosigned(made.notes[first], 0, 1))
    keep(copy, second, cosigned(made.notes[second], 0))
    result = judged(copy, policy_of(made))
    assert result.anchor == ("quorum", first)
    assert result.unanchored_entries == result.size - first


def test_cosigned_checkpoint_from_outside_counts_with_those_inside(made, copy):
    _, second = sizes(made)
    outside = cosigned(made.notes[second], 1)
    assert judged(copy, policy_of(made), outside).anchor == ("since", second)
    keep(copy, second, cosigned(made.notes[second], 0))
    assert judged(copy, policy_of(made), outside).anchor == ("quorum", second)


def test_false_cosignature_in_the_database_does_not_spoil_the_true_ones(made, copy):
    _, second = sizes(made)
    note = cosigned(made.notes[second], 0, 1)
    text, lines = split_note(note)
    false = parse_answer(WITNESSES[0].signature_line(b"another text\n", NOW))
    keep(copy, second, note)
    keep(copy, second, note_with(text, [lines[0], *false]))
    assert judged(copy, policy_of(made)).anchor == ("quorum", second)


def test_cosigned_history_that_is_not_this_one_is_a_finding(made, copies: Callable):
    """The witnesses saw the true log; what stands here was cut."""
    _, second = sizes(made)
    outside = cosigned(made.notes[second], 0, 1)
    short = copies()
    size = sizes(made)[0]
    tables = (("entries", "position"), ("blobs", "position"), ("commands", "position"))
    short.run(*(f"DELETE FROM {table} WHERE {column} >= {size}" for table, column in tables))
    result = judged(short, policy_of(made), outside)
    assert not result.sound
    assert result.anchor.kind != "quorum"


def test_policy_with_another_key_of_the_log_takes_no_checkpoint(made, copy):
    other = Signer("county.example/ledger", TYPE_ED25519, bytes(32)).verifier.text
    result = judged(copy, policy_of(made, vkey=other))
    assert {finding.kind for finding in result.findings} == {"checkpoint-changed"}
    assert result.anchor == ("none", 0)


def test_policy_of_another_log_says_that_nothing_was_checked(made, copy):
    other = Signer("other.example/ledger", TYPE_ED25519, bytes(32)).verifier.text
    result = judged(copy, policy_of(made, vkey=other))
    assert result.sound
    assert "policy: it names no log county.example/ledger" in result.unchecked
    assert result.quorum.size == 0


def test_policy_that_asks_for_no_witness_is_satisfied_by_the_log_alone(made, copy):
    """It is satisfied, and the result still says that only the log's own key speaks for it."""
    result = judged(copy, policy_of(made, quorum="none"))
    assert result.quorum.size == sizes(made)[1]
    assert result.anchor == ("own", sizes(made)[1])

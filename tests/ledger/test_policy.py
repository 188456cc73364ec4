"""Trust policies: the grammar, the quorum over groups, and notes with real keys."""

import pytest

from ledger.checkpoint import Checkpoint, CheckpointError, checkpoint_text
from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, TYPE_ED25519, NoteError, Signer, add_cosignature, sign_note
from ledger.policy import PolicyError, parse_policy

ORIGIN = "county.example/ledger"
LOG = Signer(ORIGIN, TYPE_ED25519, bytes([1]) * 32)
WITNESSES = [Signer(f"witness.example/w{number}", TYPE_COSIGNATURE, bytes([10 + number]) * 32) for number in range(6)]
NOTE = sign_note(checkpoint_text(Checkpoint(ORIGIN, 7, bytes(32))), LOG)
NAMES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
KEYS = "".join(
    f"witness {name} {one.verifier.text} https://w.example\n" for name, one in zip(NAMES, WITNESSES, strict=True)
)
TWO_LEVELS = f"""# whom this inspector believes
log {LOG.verifier.text}

{KEYS}
group X-witnesses 2 X1 X2 X3
\tgroup  Y-witnesses any Y1\tY2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def cosigned(*numbers: int) -> bytes:
    note = NOTE
    for number in numbers:
        note = add_cosignature(note, WITNESSES[number], 1_700_000_000 + number)
    return note


@pytest.mark.parametrize(
    ("by", "satisfied"),
    [
        ((), False),
        ((0, 1), False),
        ((3,), False),
        ((0, 3), False),
        ((0, 1, 3), True),
        ((0, 1, 2, 3, 4, 5), True),
        ((0, 2, 5), True),
        ((3, 4, 5), False),
    ],
)
def test_quorum_over_two_levels_of_groups(by: tuple[int, ...], satisfied: bool) -> None:
    judgement = parse_policy(TWO_LEVELS.encode()).judge(cosigned(*by))
    assert judgement.satisfied is satisfied
    assert judgement.checkpoint.size == 7
    assert judgement.cosigned_at == {NAMES[number]: 1_700_000_000 + number for number in by}
    assert set(judgement.missing) == set(NAMES) - set(judgement.cosigned_at)


def test_one_witness_cosigning_many_times_counts_once() -> None:
    policy = parse_policy(f"log {LOG.verifier.text}\n{KEYS}group g 2 X1 X2\nquorum g\n".encode())
    assert not policy.judge(cosigned(0, 0, 0)).satisfied
    assert policy.judge(cosigned(0, 1)).satisfied


def test_quorum_none_is_satisfied_by_the_log_alone() -> None:
    policy = parse_policy(f"log {LOG.verifier.text}\nquorum none\n".encode())
    assert policy.judge(NOTE).satisfied
    assert policy.quorum_text() == "no witness"


def test_quorum_is_told_in_words() -> None:
    assert parse_policy(TWO_LEVELS.encode()).quorum_text() == "2 of (2 of (X1, X2, X3), 1 of (Y1, Y2, Y3))"


def test_names_are_bytes_and_never_folded() -> None:
    key, other = (WITNESSES[number].verifier.text.encode() for number in (0, 1))
    policy = parse_policy(b"witness K " + key + b"\nwitness \xe2\x84\xaa " + other + b"\nquorum \xe2\x84\xaa\n")
    assert set(policy.witnesses) == {b"K", b"\xe2\x84\xaa"}


def test_a_log_key_under_another_name_is_no_witness_of_this_origin() -> None:
    foreign = Signer("other.example/ledger", TYPE_ED25519, bytes([2]) * 32)
    policy = parse_policy(f"log {foreign.verifier.text}\nquorum none\n".encode())
    with pytest.raises(NoteError):
        policy.judge(NOTE)
    crossed = sign_note(checkpoint_text(Checkpoint(ORIGIN, 7, bytes(32))), foreign)
    with pytest.raises(FormatError, match="no log of the policy"):
        policy.judge(crossed)


def test_a_forged_cosignature_refuses_the_note() -> None:
    forged = cosigned(0)[:-10] + b"AAAAAAA==\n"
    with pytest.raises((NoteError, CheckpointError)):
        parse_policy(TWO_LEVELS.encode()).judge(forged)


A, B = (one.verifier.text for one in WITNESSES[:2])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("log x\nquorum none", 1),
        (f"log {A}\nquorum none", 1),
        (f"log {LOG.verifier.text}\nlog {LOG.verifier.text}\nquorum none", 2),
        (f"witness a {LOG.verifier.text}\nquorum a", 1),
        (f"witness a {A}\nwitness a {B}\nquorum a", 2),
        (f"witness a {A}\nwitness b {A}\nquorum a", 2),
        (f"witness none {A}\nquorum none", 1),
        (f"witness a {A}\ngroup g 2 a\nquorum g", 2),
        (f"witness a {A}\ngroup g 0 a\nquorum g", 2),
        (f"witness a {A}\ngroup g 01 a\nquorum g", 2),
        (f"witness a {A}\ngroup g any\nquorum g", 2),
        (f"witness a {A}\ngroup g all a a\nquorum g", 2),
        (f"witness a {A}\ngroup g all a\ngroup h all a\nquorum g", 3),
        ("group g any later\nquorum g", 1),
        ("group g any none\nquorum g", 1),
        ("quorum later", 1),
        ("quorum none\nquorum none", 2),
        ("quorum none\r\n", 1),
        ("witnesses a b\nquorum none", 1),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused_by_its_line(text: str, line: int) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text.encode())
    assert caught.value.where == f"policy line {line}"


def test_a_policy_without_quorum_is_refused() -> None:
    with pytest.raises(PolicyError, match="quorum none"):
        parse_policy(f"log {LOG.verifier.text}\n".encode())


def test_thirty_two_of_everything_are_supported() -> None:
    signers = [Signer(f"w{number}.example", TYPE_COSIGNATURE, bytes([100 + number]) * 32) for number in range(32)]
    logs = [Signer(f"log{number}.example/l", TYPE_ED25519, bytes([150 + number]) * 32) for number in range(32)]
    text = "".join(f"log {one.verifier.text}\n" for one in logs)
    text += "".join(f"witness w{number} {one.verifier.text}\n" for number, one in enumerate(signers))
    text += "".join(f"group g{number} any w{number}\n" for number in range(32))
    text += "group all all " + " ".join(f"g{number}" for number in range(32)) + "\nquorum all\n"
    assert len(parse_policy(text.encode()).groups) == 33

"""A witness: no signature for what does not go on from the last, whatever is asked and whenever it is killed."""

import base64
import json
import signal
import struct
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.cosignatures import note_with, parse_answer, union
from ledger.hashing import SHA256
from ledger.keyfile import KeyFileExists, PassphraseNeeded, ScryptCost
from ledger.merkle import consistency_path, root
from ledger.note import TYPE_COSIGNATURE, TYPE_ED25519, NoteError, Signer, Verifier, sign_note, split_note
from ledger.proof_text import ConsistencyProof, ProofTextError, format_consistency
from ledger.witness import Answer, cosign
from ledger.witness_errors import (
    ConsistencyUnproved,
    HistoryForked,
    LogSignatureWrong,
    LogUnknown,
    OldSizeWrong,
    RolledBack,
    TileFolderError,
    WitnessRefusal,
    WitnessStateError,
)
from ledger.witness_folder import WitnessFolder
from ledger.witness_replay import compare_tiles, cosign_tiles

ORIGIN = "county.example/log"
LOG = Signer(ORIGIN, TYPE_ED25519, bytes(range(32)))
ENTRIES = [b"entry %d" % number for number in range(600)]
LEAVES = [SHA256.leaf(entry) for entry in ENTRIES]
OTHER = [SHA256.leaf(b"forged" if number == 2 else entry) for number, entry in enumerate(ENTRIES)]
NOW = 1_790_000_000


def note_of(size: int, leaves: list[bytes] = LEAVES, log: Signer = LOG) -> bytes:
    return sign_note(checkpoint_text(Checkpoint(log.name, size, root(SHA256, leaves[:size]))), log)


def request(old: int, size: int, leaves: list[bytes] = LEAVES, log: Signer = LOG) -> bytes:
    path = consistency_path(SHA256, leaves[:size], old) if 0 < old <= size else []
    return format_consistency(ConsistencyProof(old, tuple(path), note_of(size, leaves, log)))


@pytest.fixture
def witness(tmp_path: Path) -> WitnessFolder:
    folder = WitnessFolder.create(tmp_path / "witness", "inspection.example/w1")
    folder.trust(LOG.verifier)
    return folder


def verified_at(witness: WitnessFolder, answer: Answer) -> int:
    (line,) = parse_answer(answer.lines)
    moment = witness.verifier.check(checkpoint_text(answer.checkpoint), line.signature)
    assert moment is not None
    return moment


def test_new_witness_keeps_its_key_to_itself(tmp_path: Path) -> None:
    folder = WitnessFolder.create(tmp_path / "w", "inspection.example/w1")
    assert (tmp_path / "w").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "w" / "witness.key").stat().st_mode & 0o777 == 0o600
    assert folder.verifier.signature_type == TYPE_COSIGNATURE
    assert WitnessFolder.open(tmp_path / "w").signer().verifier == folder.verifier
    with pytest.raises(KeyFileExists):
        WitnessFolder.create(tmp_path / "w", "inspection.example/w2")
    with pytest.raises(NoteError):
        WitnessFolder.create(tmp_path / "x", "a name")


def test_witness_under_a_passphrase_signs_only_with_it(tmp_path: Path) -> None:
    WitnessFolder.create(tmp_path / "w", "w.example", "geheim", ScryptCost(1 << 10, 8, 1)).trust(LOG.verifier)
    with pytest.raises(PassphraseNeeded):
        cosign(WitnessFolder.open(tmp_path / "w"), request(0, 3), NOW)
    assert cosign(WitnessFolder.open(tmp_path / "w", "geheim"), request(0, 3), NOW).checkpoint.size == 3


def test_request_and_answer_have_the_form_of_tlog_witness(witness: WitnessFolder) -> None:
    """Both are put together and taken apart by hand, as c2sp.org/tlog-witness and tlog-cosignature show them."""
    first = sha256(b"\0entry 0").digest()
    body = f"{ORIGIN}\n1\n{base64.b64encode(first).decode()}\n"
    raw = LOG.verifier.key_id + LOG._private_key().sign(body.encode())
    text = f"old 0\n\n{body}\n— {ORIGIN} {base64.b64encode(raw).decode()}\n"
    answer = cosign(witness, text.encode(), NOW).lines.decode()
    dash, name, encoded = answer.removesuffix("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, len(raw)) == ("—", "inspection.example/w1", 4 + 8 + 64)
    public = witness.verifier.public_key
    assert raw[:4] == sha256(b"inspection.example/w1\n\x04" + public).digest()[:4]
    assert struct.unpack(">Q", raw[4:12]) == (NOW,)
    message = f"cosignature/v1\ntime {NOW}\n{body}".encode()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(public).verify(raw[12:], message)


def test_growing_log_is_cosigned_step_by_step(witness: WitnessFolder) -> None:
    for old, size in ((0, 1), (1, 2), (2, 2), (2, 4), (4, 256), (256, 257), (257, 600)):
        answer = cosign(witness, request(old, size), NOW)
        assert (answer.old_size, answer.checkpoint.size, verified_at(witness, answer)) == (old, size, NOW)
    assert witness.state().logs[ORIGIN].size == 600


def test_time_of_a_cosignature_never_goes_backwards(witness: WitnessFolder) -> None:
    assert verified_at(witness, cosign(witness, request(0, 3), NOW)) == NOW
    assert verified_at(witness, cosign(witness, request(3, 5), NOW - 1_000)) == NOW
    assert verified_at(witness, cosign(witness, request(5, 6), NOW + 1)) == NOW + 1


REFUSALS = {
    "unknown origin": (request(3, 5, log=Signer("other.example", TYPE_ED25519, bytes(32))), LogUnknown, 404),
    "other key": (request(3, 5, log=Signer(ORIGIN, TYPE_ED25519, bytes(32))), LogSignatureWrong, 403),
    "changed signature": (request(3, 5)[:-9] + b"AAAAAAA=\n", LogSignatureWrong, 403),
    "old beyond the checkpoint": (request(9, 5), WitnessRefusal, 400),
    "wrong old size": (request(2, 5), OldSizeWrong, 409),
    "first contact again": (request(0, 5), OldSizeWrong, 409),
    "rollback": (request(2, 2), RolledBack, 409),
    "replayed": (request(0, 2), RolledBack, 409),
    "fork": (request(3, 3, OTHER), HistoryForked, 409),
    "forked and grown": (request(3, 5, OTHER), ConsistencyUnproved, 422),
    "proof too long": (request(3, 5).replace(b"old 3\n", b"old 3\n" + base64.b64encode(bytes(32)) + b"\n"), None, 422),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_has_its_kind_and_leaves_the_state(witness: WitnessFolder, name: str) -> None:
    cosign(witness, request(0, 3), NOW)
    before = witness.state()
    text, kind, status = REFUSALS[name]
    with pytest.raises(kind or ConsistencyUnproved) as caught:
        cosign(witness, text, NOW)
    assert (type(caught.value), caught.value.status) == (kind or ConsistencyUnproved, status)
    assert witness.state() == before
    kept = list((witness.directory / "evidence").glob("*")) if (witness.directory / "evidence").exists() else []
    assert len(kept) == (status in (409, 422) and kind is not OldSizeWrong)


def test_wrong_old_size_is_answered_with_the_right_one(witness: WitnessFolder) -> None:
    with pytest.raises(OldSizeWrong) as caught:
        cosign(witness, request(2, 5), NOW)
    assert caught.value.size == 0


def test_evidence_of_a_fork_convinces_a_third_party(witness: WitnessFolder) -> None:
    """Both notes in it are signed by the log's key, at one size, with two roots."""
    cosign(witness, request(0, 3), NOW)
    with pytest.raises(HistoryForked) as caught:
        cosign(witness, request(3, 3, OTHER), NOW + 5)
    assert caught.value.evidence.stat().st_mode & 0o777 == 0o644
    evidence = json.loads(caught.value.evidence.read_text("utf-8"))
    assert (evidence["kind"], evidence["origin"], evidence["time"]) == ("fork", ORIGIN, NOW + 5)
    texts = []
    for note in (evidence["checkpoint"], evidence["cosigned"][0]["note"]):
        text, lines = split_note(note.encode())
        LOG.verifier.check(text, lines[0].signature)
        texts.append(text.split(b"\n"))
    assert texts[0][:2] == texts[1][:2]
    assert texts[0][2] != texts[1][2]
    assert evidence["handed_in"].encode() == request(3, 3, OTHER)


def test_strange_line_of_a_stranger_suppresses_neither_answer_nor_evidence(witness: WitnessFolder) -> None:
    """A signature line of an unknown key may hold characters that the canonical form has no place for."""
    strange = "— \ufffe AAAAAAA=\n".encode()
    assert cosign(witness, request(0, 3) + strange, NOW).checkpoint.size == 3
    assert strange not in witness.state().logs[ORIGIN].note
    with pytest.raises(HistoryForked) as caught:
        cosign(witness, request(3, 3, OTHER) + strange, NOW)
    assert json.loads(caught.value.evidence.read_text("utf-8"))["handed_in"].encode().endswith(strange)


def test_what_is_no_request_is_refused(witness: WitnessFolder) -> None:
    for text in (b"", b"old 0\n", b"old 00\n\n" + note_of(3), b"old -1\n\n" + note_of(3)):
        with pytest.raises(ProofTextError):
            cosign(witness, text, NOW)
    with pytest.raises(WitnessRefusal):
        cosign(witness, b"old 0\n\nno note\n", NOW)
    assert witness.state().logs == {}


def test_key_of_a_witness_is_no_log_and_a_second_key_of_a_log_is_believed(witness: WitnessFolder) -> None:
    with pytest.raises(NoteError):
        witness.trust(witness.verifier)
    second = Signer(ORIGIN, TYPE_ED25519, bytes(32))
    assert witness.trust(second.verifier)
    assert not witness.trust(second.verifier)
    cosign(witness, request(0, 3), NOW)
    assert cosign(witness, request(3, 5, log=second), NOW).checkpoint.size == 5


def test_lost_or_changed_state_is_not_taken_for_a_new_witness(witness: WitnessFolder) -> None:
    cosign(witness, request(0, 3), NOW)
    path = witness.directory / "witness-state.json"
    data = path.read_bytes()
    for damaged in (data[:-2], data.replace(b'"size":3', b'"size":true'), data + b"\n", b"{}\n"):
        path.write_bytes(damaged)
        with pytest.raises(WitnessStateError):
            cosign(witness, request(3, 5), NOW)
    path.unlink()
    with pytest.raises(WitnessStateError):
        cosign(witness, request(0, 5), NOW)


@settings(max_examples=40, deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.booleans(), st.integers(0, 12), st.integers(1, 12)),
        min_size=1,
        max_size=8,
    )
)
def test_no_sequence_of_requests_gets_two_histories_cosigned(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[bool, int, int]]
) -> None:
    """The log's key signs anything; of all that is cosigned, each begins with the one before."""
    folder = WitnessFolder.create(tmp_path_factory.mktemp("w") / "w", "w.example")
    folder.trust(LOG.verifier)
    cosigned: list[Checkpoint] = []
    for forged, old, size in asked:
        leaves = OTHER if forged else LEAVES
        try:
            cosigned.append(cosign(folder, request(min(old, size), size, leaves), NOW).checkpoint)
        except WitnessRefusal:
            continue
    assert [one.size for one in cosigned] == sorted(one.size for one in cosigned)
    of_forged = [one for one in cosigned if one.size > 2 and one.root == root(SHA256, OTHER[: one.size])]
    of_true = [one for one in cosigned if one.size > 2 and one.root == root(SHA256, LEAVES[: one.size])]
    assert not (of_forged and of_true)


_SCRIPT = """
import sys; from pathlib import Path
from ledger.witness import cosign; from ledger.witness_folder import WitnessFolder
from ledger.witness_errors import WitnessRefusal
folder = WitnessFolder.open(Path(sys.argv[1]))
for path in sys.argv[2:]:
    try:
        print(cosign(folder, Path(path).read_bytes(), 1790000000).lines.decode(), end="", flush=True)
    except WitnessRefusal as refusal:
        print(refusal.status, flush=True)
"""


def test_of_two_runs_at_once_with_two_histories_one_is_cosigned(witness: WitnessFolder, tmp_path: Path) -> None:
    (tmp_path / "true").write_bytes(request(0, 5))
    (tmp_path / "forged").write_bytes(request(0, 5, OTHER))
    runs = [
        subprocess.Popen([sys.executable, "-c", _SCRIPT, str(witness.directory), str(tmp_path / name)], stdout=-1)
        for name in ("true", "forged")
    ]
    said = [run.communicate()[0].decode() for run in runs]
    assert sorted(text.startswith("—") for text in said) == [False, True]
    assert "409\n" in said


def test_witness_killed_at_any_moment_remembers_all_that_it_gave_out(witness: WitnessFolder, tmp_path: Path) -> None:
    paths = []
    for size in range(1, 60):
        path = tmp_path / f"{size}.request"
        path.write_bytes(request(size - 1, size))
        paths.append(str(path))
    first = 0
    for lines in (1, 3, 7):
        command = [sys.executable, "-c", _SCRIPT, str(witness.directory), *paths[first:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            given_out = lines + len(process.stdout.read().splitlines())
        last = witness.state().logs[ORIGIN]
        assert last.size >= first + given_out
        assert last.root == root(SHA256, LEAVES[: last.size])
        first = last.size


def write_tiles(folder: Path, size: int, entries: list[bytes] = ENTRIES) -> Path:
    """Write what a replaying witness reads, by hand: note, level 0 and bundles, as c2sp.org/tlog-tiles lays down."""
    leaves = [SHA256.leaf(entry) for entry in entries]
    for number in range(-(-size // 256)):
        part = entries[number * 256 : min(size, (number + 1) * 256)]
        name = f"{number:03d}" + ("" if len(part) == 256 else f".p/{len(part)}")
        files = {
            f"tile/0/{name}": b"".join(SHA256.leaf(entry) for entry in part),
            f"tile/entries/{name}": b"".join(struct.pack(">H", len(entry)) + entry for entry in part),
        }
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    (folder / "checkpoint").write_bytes(note_of(size, leaves))
    return folder


def test_witness_that_replays_keeps_every_leaf_hash(witness: WitnessFolder, tmp_path: Path) -> None:
    for size in (3, 256, 300, 600):
        answer = cosign_tiles(witness, write_tiles(tmp_path / "tiles", size), NOW)
        assert answer.checkpoint.size == size
        assert witness.state().logs[ORIGIN].held == size
    assert witness.leaves_path(ORIGIN).read_bytes() == b"".join(LEAVES)


def test_request_between_two_folders_leaves_no_gap(witness: WitnessFolder, tmp_path: Path) -> None:
    cosign_tiles(witness, write_tiles(tmp_path / "tiles", 10), NOW)
    cosign(witness, request(10, 270), NOW)
    assert witness.state().logs[ORIGIN].held == 10
    forged = [*ENTRIES[:100], b"forged", *ENTRIES[101:]]
    with pytest.raises(ConsistencyUnproved):
        cosign_tiles(witness, write_tiles(tmp_path / "forged", 300, forged), NOW)
    assert cosign_tiles(witness, write_tiles(tmp_path / "tiles", 300), NOW).old_size == 270
    assert witness.leaves_path(ORIGIN).read_bytes() == b"".join(LEAVES[:300])


def test_after_a_rewrite_the_altered_entries_are_named(witness: WitnessFolder, tmp_path: Path) -> None:
    """The administrator altered two entries, rebuilt the whole tree, and signed it with the true key."""
    cosign_tiles(witness, write_tiles(tmp_path / "tiles", 500), NOW)
    forged = [b"forged" if number in (7, 299) else entry for number, entry in enumerate(ENTRIES)]
    write_tiles(tmp_path / "forged", 600, forged)
    with pytest.raises(ConsistencyUnproved) as caught:
        cosign_tiles(witness, tmp_path / "forged", NOW)
    assert caught.value.evidence.exists()
    comparison, differences = compare_tiles(witness, tmp_path / "forged")
    assert [(one.position, one.held, one.found) for one in differences] == [
        (7, LEAVES[7], SHA256.leaf(b"forged")),
        (299, LEAVES[299], SHA256.leaf(b"forged")),
    ]
    assert comparison.compared == 500
    write_tiles(tmp_path / "short", 498)
    assert [one.position for one in compare_tiles(witness, tmp_path / "short")[1]] == [498, 499]
    assert list(compare_tiles(witness, write_tiles(tmp_path / "whole", 600))[1]) == []


@pytest.mark.parametrize("act", ["entry", "leaf", "missing", "cut"])
def test_folder_that_is_not_whole_is_not_cosigned(witness: WitnessFolder, tmp_path: Path, act: str) -> None:
    folder = write_tiles(tmp_path / "tiles", 300)
    bundle, level0 = folder / "tile/entries/001.p/44", folder / "tile/0/000"
    if act == "entry":
        bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    elif act == "leaf":
        level0.write_bytes(bytes([level0.read_bytes()[0] ^ 1]) + level0.read_bytes()[1:])
    elif act == "missing":
        bundle.unlink()
    else:
        bundle.write_bytes(bundle.read_bytes()[:-1])
    with pytest.raises(TileFolderError):
        cosign_tiles(witness, folder, NOW)
    assert witness.state().logs == {}


def test_union_joins_the_lines_of_one_text_and_drops_what_would_spoil_them(witness: WitnessFolder) -> None:
    note, other = note_of(3), note_of(5)
    text, own = split_note(note)
    lines = parse_answer(cosign(witness, request(0, 3), NOW).lines)
    spoilt = [*lines[:0], parse_answer(b"\xe2\x80\x94 inspection.example/w1 " + _line_of(witness, bytes(72)))[0]]
    joined = union([note, note_with(text, [*own, *lines]), note_with(text, [*own, *spoilt]), other, b"x"], [])
    assert joined == [note_with(text, [*own, *lines, *spoilt]), other]
    assert union([joined[0]], [witness.verifier, LOG.verifier]) == [note_with(text, [*own, *lines])]


def test_verifier_key_of_a_witness_reads_back(witness: WitnessFolder) -> None:
    assert Verifier.parse((witness.directory / "witness.vkey").read_text()) == witness.verifier


# Private


def _line_of(witness: WitnessFolder, signature: bytes) -> bytes:
    return base64.b64encode(witness.verifier.key_id + signature) + b"\n"

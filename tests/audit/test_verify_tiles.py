"""A folder of tiles verified with no database: what was done to it is found, named, and placed in its file."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from audit.alignment import Row
from audit.command_memory import CommandMemory
from audit.errors import CouldNotCheck
from audit.finding import Finding
from audit.result import Verification
from audit.tile_verification import NOT_IN_A_FOLDER, verify_tiles
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.note import TYPE_COSIGNATURE, Signer, Verifier, add_cosignature, sign_note
from ledger.policy import Policy, parse_policy
from ledger.sqlite import SQLiteStore
from ledger.tile_export import export_tiles
from ledger.tile_names import LENGTH_BYTES
from ledger.tiles import root_from_tiles

WITNESS = Signer("witness.example/a", TYPE_COSIGNATURE, bytes(range(32)))
Edit = Callable[[list[bytes]], None]


@pytest.fixture(scope="session")
def size(made) -> int:
    """The size of the latest checkpoint, up to which the folder reaches."""
    return max(made.notes)


@pytest.fixture(scope="session")
def exported(made, size, tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("exported") / "tiles"
    with closing(SQLiteStore.open(made.path, read_only=True)) as store:
        checkpoint = Checkpoint(store.origin, size, root_from_tiles(store.suite, size, store.tile))
        export_tiles(store, checkpoint, made.notes[size], folder, with_blobs=True)
    return folder


@pytest.fixture
def folder(exported, tmp_path) -> Path:
    shutil.copytree(exported, tmp_path / "tiles")
    return tmp_path / "tiles"


@pytest.fixture
def policy(made) -> Policy:
    return Policy((Verifier.parse(made.vkey),))


def verified(folder: Path, **options: object) -> Verification:
    """Verify by the express way and the slow one, which must agree in every word."""
    found, _ = verify_tiles(folder, **options)  # type: ignore[arg-type]
    assert verify_tiles(folder, express=False, **options)[0] == found  # type: ignore[arg-type]
    return found


def bundle(folder: Path, size: int) -> Path:
    return folder / f"tile/entries/000.p/{size}"


def entries_of(path: Path) -> list[bytes]:
    data, entries = path.read_bytes(), []
    while data:
        end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "big")
        entries.append(data[LENGTH_BYTES:end])
        data = data[end:]
    return entries


def edit(path: Path, change: Edit) -> None:
    entries = entries_of(path)
    change(entries)
    path.write_bytes(b"".join(len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries))


def acts(verification: Verification) -> list[Finding]:
    return [finding for finding in verification.findings if finding.consequence_of is None]


def test_a_sound_folder_is_sound(folder, size, policy):
    found = verified(folder, policy=policy)
    assert found.findings == []
    assert (found.size, found.anchor) == (size, ("own", size))
    assert set(NOT_IN_A_FOLDER) <= set(found.unchecked)
    assert not any("checkpoint" in text for text in found.unchecked)
    assert found.sealed > 0


def test_the_root_is_that_of_the_database(folder, made, size):
    with closing(SQLiteStore.open(made.path, read_only=True)) as store:
        assert verified(folder).root == root_from_tiles(store.suite, size, store.tile)


def test_without_a_key_the_result_says_whose_word_it_rests_on(folder):
    found = verified(folder)
    assert found.sound
    assert "checkpoint signatures: only with the key that the log itself announces" in found.unchecked


def test_an_edited_payload_is_named_with_its_place_and_file(folder, size, policy):
    position = next(at for at, entry in enumerate(entries_of(bundle(folder, size))) if b'"amount_fen":8' in entry)

    def change(entries: list[bytes]) -> None:
        entries[position] = entries[position].replace(b'"amount_fen":8', b'"amount_fen":9')

    edit(bundle(folder, size), change)
    (act,) = acts(verified(folder, policy=policy))
    assert (act.kind, act.position, act.field) == ("edited-entry", position, "payload or sealed")
    assert act.stream
    assert act.seq
    assert act.file == f"tile/entries/000.p/{size}"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("removed-entry", lambda entries: entries.pop(20)),
        ("deleted-tail", lambda entries: entries.__delitem__(slice(-3, None))),
        ("swapped-entries", lambda entries: entries.insert(20, entries.pop(21))),
        ("duplicated-entry", lambda entries: entries.insert(21, entries[20])),
        ("inserted-entry", lambda entries: entries.insert(20, entries[20].replace(b"\nseq ", b"\nseq 9"))),
        ("edited-entry", lambda entries: entries.__setitem__(20, entries[20].replace(b"\nat 2026", b"\nat 2025"))),
    ],
)
def test_acts_on_a_bundle_are_named(kind, change, folder, size, policy):
    edit(bundle(folder, size), change)
    found = acts(verified(folder, policy=policy))
    assert found[0].kind == kind
    assert found[0].file == f"tile/entries/000.p/{size}"
    assert found[0].position in (20, 21, size - 3)


def test_a_bundle_that_breaks_off_is_found_where_it_breaks(folder, size, policy):
    path = bundle(folder, size)
    entries = entries_of(path)
    whole = sum(LENGTH_BYTES + len(entry) for entry in entries[:-1])
    path.write_bytes(path.read_bytes()[: whole + 9])
    found = acts(verified(folder, policy=policy))
    assert [(act.kind, act.position) for act in found] == [("edited-entry", size - 1)]


def test_an_entry_after_the_checkpoint_is_one_too_many(folder, size, policy):
    edit(bundle(folder, size), lambda entries: entries.append(entries[-1].replace(b"\nseq ", b"\nseq 9")))
    (act, *_) = acts(verified(folder, policy=policy))
    assert (act.kind, act.position) == ("inserted-entry", size)


def test_a_bundle_that_is_gone_is_found(folder, size, policy):
    bundle(folder, size).unlink()
    found = acts(verified(folder, policy=policy))
    assert found[0].kind in ("removed-entry", "deleted-tail")
    assert found[0].position == 0


def test_a_changed_tile_is_told_from_a_changed_entry(folder, size, policy):
    path = folder / f"tile/0/000.p/{size}"
    data = bytearray(path.read_bytes())
    data[32 * 7] ^= 1
    path.write_bytes(data)
    (act,) = acts(verified(folder, policy=policy))
    assert (act.kind, act.position, act.file) == ("tree-changed", 7, f"tile/0/000.p/{size}")


def test_a_missing_tile_is_found(folder, size, policy):
    (folder / f"tile/0/000.p/{size}").unlink()
    found = verified(folder, policy=policy)
    assert any(act.kind == "tree-changed" and act.file == f"tile/0/000.p/{size}" for act in acts(found))


def test_a_file_too_many_is_a_finding(folder, policy):
    (folder / "tile/0/001").write_bytes(bytes(8192))
    (act,) = acts(verified(folder, policy=policy))
    assert (act.kind, act.file) == ("folder-changed", "tile/0/001")


def test_everything_rebuilt_and_signed_with_another_key_is_found(folder, size, policy):
    (folder / "checkpoint").write_bytes(
        sign_note((folder / "checkpoint").read_bytes().partition(b"\n\n")[0] + b"\n", _forger(policy))
    )
    found = verified(folder, policy=policy)
    assert [act.kind for act in acts(found)] == ["checkpoint-changed"]
    assert acts(found)[0].file == "checkpoint"
    assert found.anchor.kind == "none"


def test_a_checkpoint_of_another_root_is_found(folder, made, size, policy):
    with made.open_keys() as keys:
        text = checkpoint_text(Checkpoint(keys.origin, size, bytes(32)))
        (folder / "checkpoint").write_bytes(sign_note(text, keys.signer()))
    found = acts(verified(folder, policy=policy))
    assert "history-rewritten" in [act.kind for act in found]
    assert found[0].file == "checkpoint"


def test_a_command_that_begins_twice_is_found():
    memory = CommandMemory()
    command = "00000000-0000-4000-8000-000000000001"
    assert memory.follow([(command, 0, 1)])
    assert not memory.follow([(command, 5, 1)])
    memory.first_of_command(5, Row(5, b"", "case/c1", 2, command, 1, "payload"))
    (finding,) = memory.finish(6)
    assert (finding.kind, finding.position, finding.stream, finding.seq) == ("command-repeated", 5, "case/c1", 2)


def test_blobs_are_verified_where_they_are(folder, policy):
    blob = next(path for path in sorted((folder / "blobs").rglob("*")) if path.is_file())
    blob.write_bytes(blob.read_bytes()[:-1] + b"\0")
    (act,) = acts(verified(folder, policy=policy))
    assert act.kind == "sealed-changed"
    assert act.file == blob.relative_to(folder).as_posix()


def test_blobs_that_are_not_there_are_unchecked(folder, policy):
    sealed = verified(folder, policy=policy).sealed
    shutil.rmtree(folder / "blobs")
    found = verified(folder, policy=policy)
    assert found.sound
    assert found.sealed == sealed
    assert f"sealed parts of {sealed} entries: not in this folder" in found.unchecked


def test_a_blob_of_no_entry_is_found(folder, size, policy):
    (folder / f"blobs/{size + 5:03d}").write_bytes(bytes(100))
    assert "sealed-orphan" in [act.kind for act in verified(folder, policy=policy).findings]


def test_a_quorum_is_the_anchor_and_a_missing_one_is_said(folder, size, made):
    text = f"log {made.vkey}\nwitness a {WITNESS.verifier.text}\nquorum a\n"
    asked = parse_policy(text.encode())
    found, judgement = verify_tiles(folder, policy=asked)
    assert judgement is not None
    assert not judgement.satisfied
    assert "checkpoint witnesses: the policy asks for a; missing are a" in found.unchecked
    note = (folder / "checkpoint").read_bytes()
    (folder / "checkpoint").write_bytes(add_cosignature(note, WITNESS, 1_770_000_000))
    found, judgement = verify_tiles(folder, policy=asked)
    assert judgement is not None
    assert judgement.satisfied
    assert found.anchor == ("quorum", size)
    assert found.sound


def test_since_is_held_against_the_folder(folder, made, size, policy):
    earlier = min(made.notes)
    assert verified(folder, policy=policy, since=made.notes[earlier]).anchor == ("since", earlier)
    with made.open_keys() as keys:
        forked = sign_note(checkpoint_text(Checkpoint(keys.origin, earlier, bytes(32))), keys.signer())
    found = verified(folder, policy=policy, since=forked)
    assert [act.kind for act in acts(found)] == ["history-rewritten"]


def test_no_folder_of_tiles_could_not_be_checked(tmp_path):
    with pytest.raises(CouldNotCheck):
        verify_tiles(tmp_path)


# Private


def _forger(policy: Policy) -> Signer:
    log = policy.logs[0]
    return Signer(log.name, log.signature_type, bytes(32))

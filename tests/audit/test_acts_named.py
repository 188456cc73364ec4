"""Every act of the drill at random places of a real ledger: found by whom it can be found, and named for what it is."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from audit.drill_acts import ACTS, Act, Deed, Finder
from audit.finding import Finding
from audit.held_leaves import altered_since
from audit.result import Verification
from audit.scratch_ledger import ScratchLedger, rechained
from audit.verification import verify
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.sqlite import SQLiteStore

ROUNDS = 8
BY_NAME = {act.name: act for act in ACTS}
ALONE = [act.name for act in ACTS if act.finder is Finder.VERIFIER]
BEFORE = [act.name for act in ACTS if act.finder is Finder.CHECKPOINT]


@pytest.fixture
def scratches(made, tmp_path) -> Iterator[Callable[[], ScratchLedger]]:
    """Makes copies of the sound ledger and its keys, to be attacked."""
    opened = []

    def scratch() -> ScratchLedger:
        folder = tmp_path / str(len(opened))
        shutil.copytree(made.keys, folder / "keys")
        shutil.copyfile(made.path, folder / "ledger.db")
        keys = KeyStore.open(folder / "keys", "county.example/ledger", SHA256)
        opened.append(keys)
        return ScratchLedger(folder / "ledger.db", SHA256, keys)

    yield scratch
    for keys in opened:
        keys.close()


def verified(scratch: ScratchLedger, since: bytes | None = None) -> Verification:
    with closing(SQLiteStore.open(scratch.path, read_only=True)) as store:
        return verify(store, keys=scratch.keys, since=since)


def against(scratch: ScratchLedger, held: list[bytes]) -> list[Finding]:
    with closing(SQLiteStore.open(scratch.path, read_only=True)) as store, store.snapshot() as reader:
        return altered_since(reader, held)


def is_named(finding: Finding, deed: Deed) -> bool:
    place = (finding.kind, finding.position, finding.field)
    return place == (deed.kind, deed.position, deed.field) and deed.is_of(finding.stream, finding.seq)


def leaves_of(scratch: ScratchLedger) -> list[bytes]:
    return [SHA256.leaf(one.data) for one in scratch.stored()]


@pytest.mark.parametrize("name", ALONE)
def test_an_act_is_found_and_named_by_the_verifier_alone(scratches, name: str) -> None:
    for seed in range(ROUNDS):
        scratch = scratches()
        deed = BY_NAME[name].commit(scratch, random.Random(seed))
        findings = verified(scratch).findings
        assert any(is_named(one, deed) for one in findings if one.consequence_of is None), (seed, deed, findings)


@pytest.mark.parametrize("name", BEFORE)
def test_what_the_true_key_signed_is_found_with_a_checkpoint_from_before(scratches, made, name: str) -> None:
    for seed in range(ROUNDS):
        scratch = scratches()
        deed = BY_NAME[name].commit(scratch, random.Random(seed))
        assert verified(scratch).sound, (seed, "whoever holds the key leaves nothing for the verifier alone")
        findings = verified(scratch, since=made.notes[51]).findings
        assert [one.kind for one in findings] == [deed.kind], (seed, findings)
        assert findings[0].field in ("the checkpoint handed in", "the checkpoint handed in at 51")
        assert findings[0].position is not None
        assert deed.position is not None
        assert findings[0].position <= deed.position < 51
        assert deed.kind != "tail-cut" or findings[0].position == deed.position


@pytest.mark.parametrize("name", ["re-chained and re-signed with the true key", "forked view"])
def test_leaf_hashes_kept_elsewhere_name_the_very_entries_that_were_altered(scratches, name: str) -> None:
    held = leaves_of(scratches())
    for seed in range(ROUNDS):
        scratch = scratches()
        deed = BY_NAME[name].commit(scratch, random.Random(seed))
        findings = against(scratch, held)
        acts = [one for one in findings if one.kind != "rechained-entry"]
        assert [(one.kind, one.position) for one in acts] == [("edited-entry", at) for at in deed.altered]
        assert {one.consequence_of for one in findings if one.kind == "rechained-entry"} <= set(deed.altered)
        assert (acts[0].stream, acts[0].seq) == (deed.stream, deed.seq)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_an_entry_taken_out_of_a_rebuilt_log_is_named_by_leaf_hashes(scratches, seed: int) -> None:
    scratch = scratches()
    held, stored = leaves_of(scratch), scratch.stored()
    one = random.Random(seed).choice([one for one in stored[2:] if one.entry.n == 1])
    scratch.rebuild(rechained(SHA256, [(each.entry, each.blob) for each in stored if each is not one]))
    acts = [each for each in against(scratch, held) if each.consequence_of is None]
    assert [(each.kind, each.position) for each in acts][:1] == [
        ("deleted-tail" if one.position == len(stored) - 1 else "removed-entry", one.position)
    ]
    assert len(acts) == 1


def test_leaf_hashes_of_an_untouched_log_say_nothing(scratches) -> None:
    scratch = scratches()
    assert against(scratch, leaves_of(scratch)) == []
    assert against(scratch, leaves_of(scratch)[:40]) == []


def test_what_was_never_recorded_changes_nothing(scratches, made) -> None:
    scratch = scratches()
    (act,) = [act for act in ACTS if act.finder is Finder.NOBODY]
    assert act.commit(scratch, random.Random(1)) == Deed("", None)
    assert verified(scratch, since=made.notes[51]).sound


def test_rebuilding_without_a_change_leaves_a_sound_log(scratches, made) -> None:
    scratch = scratches()
    scratch.rebuild(rechained(SHA256, [(one.entry, one.blob) for one in scratch.stored()]))
    assert verified(scratch, since=made.notes[51]).findings == []


def test_every_act_of_the_issue_is_in_the_list() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS) == 14
    assert all(isinstance(act, Act) for act in ACTS)

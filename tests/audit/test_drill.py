"""The drill as a whole: what it counts, what it leaves as it was, and that it would notice its own failing."""

import hashlib
from contextlib import closing

import pytest

from audit import drill as drilling
from audit.drill import drill
from audit.drill_acts import ACTS, Act, Finder, NotPossibleHere, edit_payload
from audit.errors import CouldNotCheck
from ledger.sqlite import SQLiteStore


@pytest.fixture
def drilled(copy, made, tmp_path):
    def run(rounds: int = 2, *, keys: bool = True, seed: int = 1):
        folder = tmp_path / f"scratch-{rounds}-{keys}-{seed}"
        folder.mkdir()
        with (
            closing(SQLiteStore.open(copy.path, read_only=True)) as store,
            made.open_keys() as opened,
            store.snapshot() as reader,
        ):
            return drill(reader, folder, opened if keys else None, rounds=rounds, seed=seed)

    return run


def test_every_act_is_found_and_named_and_nothing_else(drilled) -> None:
    result = drilled()
    told = {one.act.name: (one.tried, one.detected, one.named) for one in result.tallies}
    assert told == {act.name: (0, 0, 0) if act.finder is Finder.NOBODY else (2, 2, 2) for act in ACTS}
    assert (result.passed, result.untouched, result.false_alarms) == (True, 2, 0)


def test_the_ledger_and_its_keys_stay_as_they_were(drilled, copy, made) -> None:
    def seen() -> dict[str, str]:
        files = [copy.path, *made.keys.iterdir()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = seen()
    drilled(1)
    assert seen() == before


def test_without_sealing_keys_the_act_upon_them_is_not_tried(drilled) -> None:
    result = drilled(1, keys=False)
    tried = {one.act.name: one.tried for one in result.tallies}
    assert tried["key destroyed without an erasure entry"] == 0
    assert result.passed


def test_the_same_seed_gives_the_same_result(drilled, monkeypatch) -> None:
    seen = []
    act = ACTS[0]

    def noted(scratch, chance):
        seen.append(deed := act.commit(scratch, chance))
        return deed

    monkeypatch.setattr(drilling, "ACTS", [Act(act.name, act.finder, noted)])
    drilled(2, seed=5), drilled(2, keys=False, seed=5), drilled(2, seed=6)
    assert seen[:2] == seen[2:4] != seen[4:]


def test_an_act_that_goes_unnoticed_fails_the_drill(drilled, monkeypatch) -> None:
    def pretended(scratch, chance):
        before = scratch.path.read_bytes()
        deed = edit_payload(scratch, chance)
        scratch.path.write_bytes(before)
        return deed

    monkeypatch.setattr(drilling, "ACTS", [Act("edited payload", Finder.VERIFIER, pretended)])
    result = drilled(1)
    (tally,) = result.tallies
    assert (tally.tried, tally.detected, tally.named, tally.missed) == (1, 0, 0, [0])
    assert not result.passed


def test_what_is_not_possible_here_is_not_counted(drilled, monkeypatch) -> None:
    def impossible(scratch, chance):
        raise NotPossibleHere("nothing of the kind")

    monkeypatch.setattr(drilling, "ACTS", [Act("edited payload", Finder.VERIFIER, impossible)])
    assert drilled(1).tallies[0].tried == 0


def test_a_ledger_that_does_not_verify_is_not_drilled(drilled, copy) -> None:
    copy.run("UPDATE entries SET type = 'x.y/1' WHERE position = 10")
    with pytest.raises(CouldNotCheck, match="edited-column"):
        drilled(1)

"""Every step of storing fails, before or after it is done: nothing acknowledged is lost, nothing is doubled."""

import datetime
import sqlite3
from itertools import product

import pytest

from ledger.errors import LedgerError
from ledger.signer_state import read_state
from ledger.store_errors import CommandRepeated, DatabaseFailed

ORIGIN = "county.example/ledger"
FIRST = 300  # entries before the fault: more than a tile, so that a full one and a partial one both stand

STEPS = {
    "sqlite": {
        "lock": "BEGIN IMMEDIATE",
        "entries": "INSERT INTO entries",
        "blobs": "INSERT INTO blobs",
        "commands": "INSERT INTO commands",
        "new tile": "INSERT INTO tiles",
        "grown tile": "UPDATE tiles",
        "head": "INSERT INTO heads",
        "commit": r"commit\(\)",
    },
    "postgres": {
        "lock": r"^BEGIN",
        "question": r"SELECT command, position, n FROM mingzhang\.entries",
        "entries": r"(INSERT INTO|COPY) mingzhang\.entries",
        "new tile": r"INSERT INTO mingzhang\.tiles",
        "head": r"INSERT INTO mingzhang\.heads",
        "commit": r"\bCOMMIT\b",
    },
}
WAYS = {"sqlite": ["before", "after"], "postgres": ["before", "after", "killed"]}
CASES = [
    pytest.param(place, step, when, reload, id=f"{place}-{step}-{when}-{process} process")
    for place, steps in STEPS.items()
    for step, when, (reload, process) in product(steps, WAYS[place], [(True, "new"), (False, "same")])
]
BOTH = pytest.mark.parametrize("place", STEPS, indirect=True)


def now():
    return datetime.datetime.now(datetime.UTC)


@pytest.fixture
def desk(place, new_desk, command):
    made = new_desk(place.new_url())
    made.send(command("FIRST", FIRST))
    return made


@pytest.mark.parametrize(("place", "step", "when", "reload"), CASES, indirect=["place"])
def test_a_command_whose_step_fails_is_recorded_once_when_it_is_sent_again(
    request, place, desk, command, step, when, reload
):
    count = 2 if step != "new tile" else 250  # the second tile of level 0 begins at entry 512
    wanted = command("SECOND", count)
    pattern = STEPS[request.node.callspec.params["place"]][step]
    with place.armed(pattern, when), pytest.raises((LedgerError, OSError)):
        desk.send(wanted)
    if reload:
        desk.reopen()
    persisted = (step, when) == ("commit", "after")
    assert desk.ledger.size == FIRST + (count if persisted else 0)
    desk.checked()
    desk.send(wanted)
    desk.send(wanted)
    found = desk.ledger.find(wanted.id)
    assert found is not None
    assert [one.position for one in found] == list(range(FIRST, FIRST + count))
    assert desk.checked().size == FIRST + count


@pytest.mark.parametrize("when", ["before", "after"])
@BOTH
@pytest.mark.parametrize("step", ["INSERT INTO sealing_key", "COMMIT"])
def test_a_command_whose_sealing_keys_are_not_kept_is_not_recorded(faults, place, desk, command, step, when):
    wanted = command("SECOND")
    with faults.armed(step, when), pytest.raises(LedgerError):
        desk.send(wanted)
    desk.reopen()
    assert desk.ledger.size == FIRST
    desk.send(wanted)
    assert desk.checked().size == FIRST + 2


@BOTH
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lock_of_the_key_ring_that_fails_is_not_held_on(faults, place, desk, command, when):
    desk.keys.key_for("case/SECOND")
    with faults.armed("BEGIN IMMEDIATE", when), pytest.raises(LedgerError):
        desk.keys.flush()
    other = sqlite3.connect(desk.home / "keys" / "sealing.db", timeout=0.1, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    desk.send(command("SECOND"))
    assert desk.checked().size == FIRST + 2


@BOTH
def test_a_command_sent_again_without_asking_is_refused_after_a_commit_that_was_reported_failed(
    request, place, desk, command
):
    steps = STEPS[request.node.callspec.params["place"]]
    wanted = command("SECOND")
    with place.armed(steps["head"], "before"), pytest.raises(LedgerError):
        desk.send(wanted)
    with place.armed(steps["commit"], "after"), pytest.raises(DatabaseFailed):
        desk.send(wanted)
    with pytest.raises(CommandRepeated), desk.ledger.recording(now) as recording:
        recording.record(wanted)
    assert desk.checked().size == FIRST + 2


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_full_disk_at_the_commit_leaves_no_lock_behind(place, desk, command):
    wanted = command("SECOND")
    with place.armed(r"commit\(\)", "before", sqlite3.SQLITE_FULL), pytest.raises(DatabaseFailed, match="full"):
        desk.send(wanted)
    other = sqlite3.connect(desk.url.removeprefix("sqlite:///"), timeout=0.1, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    desk.send(wanted)
    assert desk.checked().size == FIRST + 2


CHECKPOINT_STEPS = {
    "sqlite": ["BEGIN IMMEDIATE", "INSERT INTO checkpoints", r"commit\(\)"],
    "postgres": [r"^BEGIN", "pg_advisory_xact_lock", r"INSERT INTO mingzhang\.checkpoints", r"\bCOMMIT\b"],
}
CHECKPOINT_CASES = [
    pytest.param(place, step, when, id=f"{place}-{step}-{when}")
    for place, steps in CHECKPOINT_STEPS.items()
    for step, when in product(["os.fsync", "os.replace", *steps], WAYS[place])
    if not (step.startswith("os.") and when == "killed")
]


@pytest.mark.parametrize(("place", "step", "when"), CHECKPOINT_CASES, indirect=["place"])
def test_a_checkpoint_whose_step_fails_is_signed_and_kept_once_when_it_is_asked_again(
    faults, place, desk, command, step, when
):
    first = desk.sign()
    desk.send(command("SECOND"))
    failing = faults if step.startswith("os.") else place
    with failing.armed(step, when), pytest.raises((LedgerError, OSError)):
        desk.sign()
    desk.reopen()
    desk.checked()
    state = read_state(desk.home / "keys", ORIGIN)
    assert state is not None
    assert state.size in (FIRST, FIRST + 2)
    again = desk.sign()
    assert desk.sign() == again
    kept = list(desk.ledger.store.checkpoints())
    assert [(one.size, one.note) for one in kept] == [(FIRST, first), (FIRST + 2, again)]
    assert desk.checked().anchor.size == FIRST + 2
    left = [path.name for path in (desk.home / "keys").iterdir() if path.name.startswith(".")]
    assert left == []

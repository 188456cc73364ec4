"""Erasing sealing keys: gone from every byte of the key folder, the others open as before, at any moment of a crash."""

import signal
import subprocess
import sys

import pytest

from ledger.hashing import SHA256
from ledger.key_copy import copy_keys, read_state_bytes
from ledger.key_erasure import erase_keys
from ledger.keyfile import KeyFileError, KeyFileUnreadable, ScryptCost
from ledger.keystore import KeyStore

ORIGIN = "county.example/ledger"
SCOPES = ("case/1", "case/2", "recovery/3")
CHEAP = ScryptCost(n=2, r=1, p=1)


@pytest.fixture
def keys(tmp_path):
    """A key folder with a key of each of three streams."""
    with KeyStore.create(tmp_path / "ledger.keys", ORIGIN, SHA256) as made:
        for scope in SCOPES:
            made.key_for(scope)
        made.flush()
        yield made


def opened(folder, passphrase=None):
    return KeyStore.open(folder, ORIGIN, SHA256, passphrase)


def bytes_of(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def wrapped_of(keys, kid):
    return keys._ring._rows("kid = ?", kid)[0].wrapped


def test_erased_key_is_in_no_byte_of_the_folder_and_the_others_open(keys):
    gone, *kept = (keys.key_for(scope) for scope in SCOPES)
    traces = (gone.kid.encode(), gone.key, wrapped_of(keys, gone.kid))
    old = wrapped_of(keys, kept[0].kid)
    erase_keys(keys, [gone.kid])
    everything = bytes_of(keys.directory)
    assert [trace in everything for trace in (*traces, old)] == [False] * 4
    assert sorted(path.name for path in keys.directory.glob("bureau-*.key")) == ["bureau-2.key"]
    assert keys.key_by_id(gone.kid) is None
    with opened(keys.directory) as again:
        assert [again.key_by_id(one.kid) for one in (gone, *kept)] == [None, *(one.key for one in kept)]
        assert again.key_for("case/1").kid != gone.kid
        again.flush()
        assert again.epoch_min == 2


def test_a_copy_of_the_file_of_keys_opens_nothing_in_the_folder_it_is_put_back_into(keys, tmp_path):
    gone = keys.key_for("case/1")
    keys.close()
    before = (keys.directory / "sealing.db").read_bytes()
    with opened(keys.directory) as again:
        erase_keys(again, [gone.kid])
    (keys.directory / "sealing.db").write_bytes(before)
    with opened(keys.directory) as again, pytest.raises(KeyFileError, match="bureau-1"):
        again.key_by_id(gone.kid)


def test_erasing_what_is_gone_changes_no_epoch(keys):
    kid = keys.key_for("case/1").kid
    erase_keys(keys, [kid])
    erase_keys(keys, [kid])
    erase_keys(keys, ["0" * 32])
    assert (keys.epoch, keys.epoch_min) == (2, 2)
    second = keys.key_for("case/2")
    erase_keys(keys, [second.kid])
    assert sorted(path.name for path in keys.directory.glob("bureau-*.key")) == ["bureau-3.key"]


def test_new_epoch_is_under_the_passphrase_of_the_others(tmp_path):
    with KeyStore.create(tmp_path / "k", ORIGIN, SHA256, "a passphrase", CHEAP) as keys:
        kid, kept = keys.key_for("case/1").kid, keys.key_for("case/2")
        keys.flush()
        erase_keys(keys, [kid], CHEAP)
    with opened(tmp_path / "k") as closed, pytest.raises(KeyFileError, match="passphrase"):
        closed.key_by_id(kept.kid)
    with opened(tmp_path / "k", "a passphrase") as again:
        assert again.key_by_id(kept.kid) == kept.key


def test_a_process_that_has_new_keys_in_memory_saves_them_under_the_new_epoch(keys):
    with opened(keys.directory) as other:
        new = other.key_for("case/9")
        erase_keys(keys, [keys.key_for("case/1").kid])
        later = other.key_for("case/10")
        other.flush()
        assert other.key_by_id(keys.key_for("case/2").kid) == keys.key_for("case/2").key
    with opened(keys.directory) as again:
        assert [again.key_by_id(one.kid) for one in (new, later)] == [new.key, later.key]


def test_a_process_that_meets_its_first_key_after_the_erasure_finds_the_new_epoch(keys):
    with opened(keys.directory) as other:
        other.unlock()
        other._bureau_keys.clear()  # as if it had not been needed before
        assert other._ring._epoch == 1
        erase_keys(keys, [keys.key_for("case/1").kid])
        new = other.key_for("case/9")
        other.flush()
    with opened(keys.directory) as again:
        assert again.key_by_id(new.kid) == new.key


def test_a_copy_of_the_folder_made_after_it_holds_nothing_of_the_erased_key(keys, tmp_path):
    gone, kept = keys.key_for("case/1"), keys.key_for("case/2")
    erase_keys(keys, [gone.kid])
    copy_keys(keys.directory, tmp_path / "copy", read_state_bytes(keys.directory))
    assert gone.kid.encode() not in bytes_of(tmp_path / "copy")
    with opened(tmp_path / "copy") as copy:
        assert copy.key_by_id(kept.kid) == kept.key


def test_while_another_process_reads_the_file_it_is_not_called_done(keys, monkeypatch):
    import ledger.keyring as keyring

    monkeypatch.setattr(keyring, "BUSY_MILLISECONDS", 1)
    kid = keys.key_for("case/1").kid
    with opened(keys.directory) as eraser, opened(keys.directory) as reader:
        reader.key_by_id(kid)
        database = reader._ring._database
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sealing_key").fetchone()
        with pytest.raises(KeyFileUnreadable):
            erase_keys(eraser, [kid])
        assert (keys.directory / "bureau-1.key").exists()
        database.execute("COMMIT")
        erase_keys(eraser, [kid])
    assert not (keys.directory / "bureau-1.key").exists()
    assert kid.encode() not in bytes_of(keys.directory)


KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.key_erasure import erase_keys
import ledger.keystore, ledger.keyring
step, folder, kid = sys.argv[1:]
before, _, name = step.partition(" ")
done = getattr(KeyStore, name)
def killed(*arguments, **named):
    if before == "after":
        done(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(KeyStore, name, killed)
with KeyStore.open(Path(folder), "county.example/ledger", SHA256) as keys:
    erase_keys(keys, [kid])
"""
STEPS = [f"{when} {step}" for step in ("make_epoch", "rewrap", "scour", "destroy_epochs_before")
         for when in ("before", "after")]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_nothing_else_is_lost_and_the_same_again_ends_it(keys, step):
    gone, *kept = (keys.key_for(scope) for scope in SCOPES)
    keys.close()
    command = [sys.executable, "-c", KILLED, step, str(keys.directory), gone.kid]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    with opened(keys.directory) as between:
        assert [between.key_by_id(one.kid) for one in kept] == [one.key for one in kept]
        new = between.key_for("case/new")
        between.flush()
    with opened(keys.directory) as again:
        erase_keys(again, [gone.kid])
        assert again.key_by_id(gone.kid) is None
        assert [again.key_by_id(one.kid) for one in (*kept, new)] == [one.key for one in (*kept, new)]
    assert sorted(path.name for path in keys.directory.glob("bureau-*.key")) == ["bureau-2.key"]
    everything = bytes_of(keys.directory)
    assert [trace in everything for trace in (gone.kid.encode(), gone.key)] == [False, False]

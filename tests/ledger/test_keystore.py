"""The key store: whole, private, its own ledger's, and no key lost between processes."""

import os
import sqlite3
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.hashing import SHA256, SM3, Suite
from ledger.keyfile import (
    KeyFileDamaged,
    KeyFileError,
    KeyFileExists,
    KeyFileExposed,
    KeyFileForeign,
    KeyFileMissing,
    KeyFileUnreadable,
    PassphraseNeeded,
    PassphraseWrong,
    ScryptCost,
)
from ledger.keyring import connect_read_only
from ledger.keystore import KEYRING_NAME, KeyStore
from ledger.note import TYPE_ED25519, TYPE_SM3_LOG, Verifier, open_note, sign_note
from ledger.sealing import key_id

ORIGIN = "county.example/log"
CHEAP = ScryptCost(n=2, r=1, p=1)
PRIVATE = {"signing.key", "bureau-1.key", "index.key", "sealing.db", "signer-state.json"}


def test_new_store_holds_each_key_readable_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _create(tmp_path).close()
    finally:
        os.umask(before)
    directory = tmp_path / "keys"
    assert {path.name for path in directory.iterdir()} == {*PRIVATE, "signing.vkey"}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for path in directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.name in PRIVATE else 0o644)


@pytest.mark.parametrize(("suite", "kind"), [(SHA256, TYPE_ED25519), (SM3, TYPE_SM3_LOG)])
def test_signer_signs_under_the_type_of_its_suite(tmp_path: Path, suite: Suite, kind: int) -> None:
    with KeyStore.create(tmp_path / "keys", ORIGIN, suite) as store:
        verifier = Verifier.parse(store.verifier_key())
        assert (verifier.name, verifier.signature_type) == (ORIGIN, kind)
        assert open_note(sign_note(b"text\n", store.signer()), [verifier])[0] == b"text\n"


def test_verifier_key_needs_no_passphrase_and_the_rest_does(tmp_path: Path) -> None:
    vkey = _create(tmp_path, "right").verifier_key()
    uses: list[Callable[[KeyStore], object]] = [
        lambda store: store.signer(),
        lambda store: store.key_for("case/1"),
        lambda store: store.index_mac("payment"),
        lambda store: store.unlock(),
    ]
    assert _open(tmp_path).verifier_key() == vkey
    for use in uses:
        with pytest.raises(PassphraseNeeded):
            use(_open(tmp_path))
        with pytest.raises(PassphraseWrong):
            use(_open(tmp_path, "wrong"))
        use(_open(tmp_path, "right"))


def test_flushed_key_is_found_again_by_scope_and_by_id(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        made = store.key_for("case/1")
        assert made.kid == key_id(SHA256, made.key)
        assert store.key_for("case/1") == made
        assert store.key_for("case/2") != made
        assert store.keys_of("case/1") == [made]
        store.flush()
        assert store.keys_of("case/1") == [made]
    with _open(tmp_path) as again:
        assert again.key_by_id(made.kid) == made.key
        assert again.key_for("case/1") == made
        assert again.key_by_id("0" * 32) is None


def test_key_that_was_not_flushed_is_gone(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        kid = store.key_for("case/1").kid
    with _open(tmp_path) as again:
        assert again.key_by_id(kid) is None


def test_flush_writes_nothing_twice(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        store.key_for("case/1")
        store.flush()
        store.flush()
        store.key_for("case/2")
        store.flush()
        assert _count(tmp_path) == 2


def test_keys_made_at_once_for_one_scope_are_both_kept(tmp_path: Path) -> None:
    with _create(tmp_path) as one, _open(tmp_path) as other:
        first, second = one.key_for("case/1"), other.key_for("case/1")
        one.flush()
        other.flush()
        assert first != second
        assert one.key_by_id(second.kid) == second.key
        assert one.keys_of("case/1") == other.keys_of("case/1") == [first, second]
    with _open(tmp_path) as later:
        assert later.key_for("case/1") == second


def test_processes_making_keys_at_once_lose_none(tmp_path: Path) -> None:
    """Each of four processes makes keys for the same scopes and prints their ids; every id is found afterwards."""
    _create(tmp_path).close()
    script = (
        "import sys; from pathlib import Path\n"
        "from ledger.hashing import SHA256; from ledger.keystore import KeyStore\n"
        f"store = KeyStore.open(Path(sys.argv[1]), {ORIGIN!r}, SHA256)\n"
        "for number in range(20): print(store.key_for(f'case/{number}').kid); store.flush()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "keys")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    printed = [process.communicate(timeout=60)[0].split() for process in running]
    assert [len(kids) for kids in printed] == [20] * 4
    with _open(tmp_path) as store:
        assert all(store.key_by_id(kid) for kids in printed for kid in kids)


def test_retired_key_opens_but_seals_no_more(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        old = store.key_for("case/1")
        store.retire(old.kid)
        new = store.key_for("case/1")
        assert new != old
        assert store.key_by_id(old.kid) == old.key
        store.flush()
        assert store.keys_of("case/1") == [old, new]


def test_copy_that_cannot_be_written_is_read_without_a_trace(tmp_path: Path) -> None:
    """An inspector's medium is read-only: the wrapped keys are found, and nothing is laid beside them."""
    with KeyStore.create(tmp_path / "keys", ORIGIN, SHA256) as keys:
        kid, _ = keys.key_for("case/c-1")
        keys.flush()
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())
    database = connect_read_only(tmp_path / "keys" / KEYRING_NAME)
    assert database.execute("SELECT kid FROM sealing_key").fetchall() == [(kid,)]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("DELETE FROM sealing_key")
    database.close()
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before


def test_wrapped_key_does_not_stand_in_the_file(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        made = store.key_for("case/1")
        store.flush()
    assert made.key not in (tmp_path / "keys" / "sealing.db").read_bytes()


def test_index_mac_is_the_same_only_for_the_same_texts(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        lists = [
            ("a",),
            ("a", ""),
            ("a", "", ""),
            ("ab",),
            ("a", "b"),
            ("a", "bc"),
            ("a", "b", "c"),
            ("", "a"),
            ("测",),
        ]
        macs = [store.index_mac(*texts) for texts in lists]
        assert len({*macs}) == len(lists)
        assert [store.index_mac(*texts) for texts in lists] == macs
    with _open(tmp_path) as again:
        assert again.index_mac("测") == macs[-1]
    with KeyStore.create(tmp_path / "other", ORIGIN, SHA256) as other:
        assert other.index_mac("测") != macs[-1]


def test_command_id_is_the_uuid_text_of_sixteen_bytes_of_the_mac(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        made = store.command_id("import", "a.xlsx", "7")
        assert uuid.UUID(made).bytes == store.index_mac("import", "a.xlsx", "7")[:16]
        assert str(uuid.UUID(made)) == made


def test_second_creation_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    _create(tmp_path).close()
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    with pytest.raises(KeyFileExists, match="never overwritten"):
        _create(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


@pytest.mark.parametrize("kept", range(6))
def test_interrupted_creation_is_completed_and_keeps_what_is_there(tmp_path: Path, kept: int) -> None:
    _create(tmp_path).close()
    order = ["signing.key", "bureau-1.key", "index.key", "sealing.db", "signer-state.json", "signing.vkey"]
    for name in order[kept:]:
        (tmp_path / "keys" / name).unlink()
    before = {name: (tmp_path / "keys" / name).read_bytes() for name in order[:kept]}
    with pytest.raises(KeyFileMissing):
        _open(tmp_path)
    with _create(tmp_path) as store:
        store.unlock()
    after = {name: (tmp_path / "keys" / name).read_bytes() for name in order[:kept] if name != "sealing.db"}
    assert after == {name: data for name, data in before.items() if name != "sealing.db"}


@pytest.mark.parametrize("name", [*sorted(PRIVATE - {"signer-state.json"}), "signing.vkey"])
def test_missing_piece_is_named(tmp_path: Path, name: str) -> None:
    _create(tmp_path).close()
    (tmp_path / "keys" / name).unlink()
    with pytest.raises(KeyFileMissing, match=name):
        _open(tmp_path).unlock()


@pytest.mark.parametrize("name", sorted(PRIVATE - {"signer-state.json"}))
def test_piece_that_others_may_read_is_named(tmp_path: Path, name: str) -> None:
    _create(tmp_path).close()
    (tmp_path / "keys" / name).chmod(0o640)
    with pytest.raises(KeyFileExposed, match=name):
        _open(tmp_path).unlock()


@pytest.mark.parametrize("name", [*sorted(PRIVATE - {"signer-state.json"}), "signing.vkey"])
@pytest.mark.parametrize("other", ["county.example/other", ORIGIN])
def test_piece_of_another_store_is_named(tmp_path: Path, name: str, other: str) -> None:
    """Also a store of the same origin: a key alone looks sound there, and shows where it is used."""
    with _create(tmp_path) as store:
        store.key_for("case/1")
        store.flush()
    KeyStore.create(tmp_path / "other", other, SHA256).close()
    (tmp_path / "keys" / name).write_bytes((tmp_path / "other" / name).read_bytes())
    if other == ORIGIN and name in ("index.key", "sealing.db"):
        _open(tmp_path).unlock()  # nothing here can tell: no entry is at hand
        return
    with pytest.raises(KeyFileError) as caught, _open(tmp_path) as mixed:
        mixed.unlock()
        mixed.key_for("case/1")
    assert isinstance(caught.value, KeyFileForeign | KeyFileDamaged)
    assert caught.value.mend


@pytest.mark.parametrize("name", [*sorted(PRIVATE - {"signer-state.json"}), "signing.vkey"])
def test_overwritten_piece_is_damaged(tmp_path: Path, name: str) -> None:
    _create(tmp_path).close()
    (tmp_path / "keys" / name).write_bytes(b"x" * 5000)
    with pytest.raises(KeyFileDamaged, match=name):
        _open(tmp_path).unlock()


def test_empty_file_in_place_of_the_sealing_keys_is_damaged(tmp_path: Path) -> None:
    _create(tmp_path).close()
    (tmp_path / "keys" / "sealing.db").write_bytes(b"")
    with pytest.raises(KeyFileDamaged, match=r"sealing\.db"):
        _open(tmp_path).unlock()


def test_changed_wrapped_key_is_found_when_it_is_used(tmp_path: Path) -> None:
    with _create(tmp_path) as store:
        kid = store.key_for("case/1").kid
        store.flush()
    with sqlite3.connect(tmp_path / "keys" / "sealing.db") as database:
        database.execute("UPDATE sealing_key SET scope = 'case/2'")
    with _open(tmp_path) as again, pytest.raises(KeyFileDamaged, match=kid):
        again.key_by_id(kid)


def test_store_of_another_suite_is_foreign(tmp_path: Path) -> None:
    _create(tmp_path).close()
    with pytest.raises(KeyFileForeign, match="signature type 0x01"):
        KeyStore.open(tmp_path / "keys", ORIGIN, SM3)


def test_missing_folder_and_folder_that_others_may_change_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing, match="keys is not there"):
        _open(tmp_path)
    _create(tmp_path).close()
    (tmp_path / "keys").chmod(0o720)
    with pytest.raises(KeyFileExposed, match="chmod 700"):
        _open(tmp_path)


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(KeyFileUnreadable):
        _create(tmp_path)
    with pytest.raises(KeyFileMissing):
        _open(tmp_path)


def test_every_key_error_is_an_error_of_the_ledger(tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        _open(tmp_path)


# Private


def _create(tmp_path: Path, passphrase: str | None = None) -> KeyStore:
    return KeyStore.create(tmp_path / "keys", ORIGIN, SHA256, passphrase, CHEAP)


def _open(tmp_path: Path, passphrase: str | None = None) -> KeyStore:
    return KeyStore.open(tmp_path / "keys", ORIGIN, SHA256, passphrase)


def _count(tmp_path: Path) -> int:
    with sqlite3.connect(tmp_path / "keys" / "sealing.db") as database:
        return int(database.execute("SELECT count(*) FROM sealing_key").fetchone()[0])

"""Key files: whole or absent, private, and each fault told apart from the others."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ledger.keyfile import (
    KeyFile,
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
    read_key_file,
    replace_file,
    write_key_file,
)

CHEAP = ScryptCost(n=2, r=1, p=1)
KEY = KeyFile("signing", "county.example/log", "mingzhang/v1", 1, bytes(range(32)))


def test_open_key_comes_back(tmp_path: Path) -> None:
    write_key_file(tmp_path / "signing.key", KEY)
    assert _read(tmp_path / "signing.key") == KEY


def test_protected_key_comes_back_and_does_not_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    write_key_file(path, KEY, "一二三四", CHEAP)
    assert _read(path, "一二三四") == KEY
    open_path = tmp_path / "open.key"
    write_key_file(open_path, KEY)
    assert json.loads(open_path.read_text())["secret"] not in path.read_text()


def test_passphrase_means_the_same_in_each_normal_form(tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", KEY, "caf\u00e9", CHEAP)
    assert _read(tmp_path / "k", "cafe\u0301") == KEY


def test_default_cost_takes_thirty_two_mebibytes() -> None:
    cost = ScryptCost()
    assert 128 * cost.n * cost.r == 32 << 20


def test_file_is_readable_by_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_key_file(tmp_path / "k", KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["k"]


def test_key_is_never_overwritten(tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", KEY)
    before = (tmp_path / "k").read_bytes()
    with pytest.raises(KeyFileExists, match="never overwritten"):
        write_key_file(tmp_path / "k", KeyFile("signing", KEY.origin, KEY.suite, 1, bytes(32)))
    assert (tmp_path / "k").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["k"]


def test_wrong_passphrase_and_missing_passphrase_are_told_apart(tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", KEY, "right", CHEAP)
    with pytest.raises(PassphraseWrong, match="undamaged"):
        _read(tmp_path / "k", "wrong")
    with pytest.raises(PassphraseNeeded, match="protected by a passphrase"):
        _read(tmp_path / "k")
    with pytest.raises(PassphraseNeeded, match="empty"):
        write_key_file(tmp_path / "other", KEY, "")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing, match=r"nowhere\.key"):
        _read(tmp_path / "nowhere.key")


def test_folder_in_place_of_a_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(KeyFileUnreadable):
        _read(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    write_key_file(tmp_path / "k", KEY)
    (tmp_path / "k").chmod(mode)
    with pytest.raises(KeyFileExposed, match="chmod 600"):
        _read(tmp_path / "k")


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "bureau"), ("origin", "other.example/log"), ("suite", "mingzhang/v1-sm3"), ("epoch", 2)],
)
def test_key_of_another_ledger_purpose_or_epoch_is_foreign(tmp_path: Path, name: str, value: Any) -> None:
    write_key_file(tmp_path / "k", KEY)
    wanted: dict[str, Any] = {"kind": "signing", "origin": KEY.origin, "suite": KEY.suite, "epoch": 1, name: value}
    with pytest.raises(KeyFileForeign, match=f"its {name} is .*, expected {value}"):
        read_key_file(tmp_path / "k", **wanted)


@pytest.mark.parametrize("passphrase", [None, "right"])
def test_every_changed_byte_and_cut_of_a_key_file_is_damage(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "k"
    write_key_file(path, KEY, passphrase, CHEAP)
    data = path.read_bytes()
    for position in range(len(data)):
        changed = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        for damaged in (changed, data[:position], data[:position] + data[position + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises(KeyFileDamaged):
                _read(path, passphrase)


def test_header_of_a_protected_key_is_bound_to_its_secret(tmp_path: Path) -> None:
    """Someone who recomputes the check value still cannot turn the key of one ledger into that of another."""
    from ledger.keyfile import _check_value  # the forger's tool

    path = tmp_path / "k"
    write_key_file(path, KEY, "right", CHEAP)
    members = json.loads(path.read_text())
    members["origin"] = "other.example/log"
    members["check"] = _check_value(members)
    path.write_text(json.dumps(members, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(PassphraseWrong):
        read_key_file(path, "signing", "other.example/log", KEY.suite, 1, "right")


def test_forged_cost_is_refused_before_it_costs(tmp_path: Path) -> None:
    from ledger.keyfile import _check_value

    path = tmp_path / "k"
    write_key_file(path, KEY, "right", CHEAP)
    members = json.loads(path.read_text())
    members["protection"]["n"] = 1 << 40
    members["check"] = _check_value(members)
    path.write_text(json.dumps(members, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(KeyFileDamaged, match="out of bounds"):
        _read(path, "right")


def test_every_error_names_file_and_remedy_in_one_tree(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        _read(tmp_path / "k")
    assert caught.value.path == tmp_path / "k"
    assert caught.value.mend in str(caught.value)


def test_secret_is_not_printed() -> None:
    assert "secret" not in repr(KEY)


def test_replaced_file_is_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    replace_file(tmp_path / "f", b"one")
    replace_file(tmp_path / "f", b"two")
    assert (tmp_path / "f").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


# Private


def _read(path: Path, passphrase: str | None = None) -> KeyFile:
    return read_key_file(path, "signing", KEY.origin, KEY.suite, 1, passphrase)

"""The signer's memory: no two histories, and no signature that was not remembered first."""

import base64
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from ledger.hashing import SHA256
from ledger.keyfile import KeyFileError
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.signer_state import SignerStateError, create_state, read_state, sign_checkpoint

ORIGIN = "county.example/log"


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore.create(tmp_path / "keys", ORIGIN, SHA256)


def test_new_signer_has_signed_nothing(store: KeyStore) -> None:
    assert read_state(store.directory, ORIGIN) is None


def test_signed_checkpoint_opens_and_is_remembered(store: KeyStore) -> None:
    note = sign_checkpoint(store, _checkpoint(3), _root)
    assert open_checkpoint(note, Verifier.parse(store.verifier_key())).checkpoint == _checkpoint(3)
    assert read_state(store.directory, ORIGIN) == _checkpoint(3)


def test_same_size_and_root_give_the_same_note(store: KeyStore) -> None:
    assert sign_checkpoint(store, _checkpoint(3), _root) == sign_checkpoint(store, _checkpoint(3), _root)


def test_larger_size_is_signed_after_the_last_root_was_computed_again(store: KeyStore) -> None:
    sign_checkpoint(store, _checkpoint(3), _root)
    asked: list[int] = []
    sign_checkpoint(store, _checkpoint(5), lambda size: asked.append(size) or _root(size))  # type: ignore[func-returns-value]
    assert set(asked) == {3, 5}
    assert read_state(store.directory, ORIGIN) == _checkpoint(5)


def test_smaller_size_is_refused_with_both_statements(store: KeyStore) -> None:
    sign_checkpoint(store, _checkpoint(3), _root)
    with pytest.raises(SignerStateError, match="3 entries were signed, asked to sign 2") as caught:
        sign_checkpoint(store, _checkpoint(2), _root)
    assert (caught.value.signed, caught.value.asked) == (_checkpoint(3), _checkpoint(2))
    assert read_state(store.directory, ORIGIN) == _checkpoint(3)


def test_another_root_at_the_same_size_is_refused_with_both_statements(store: KeyStore) -> None:
    sign_checkpoint(store, _checkpoint(3), _root)
    other = Checkpoint(ORIGIN, 3, bytes(32))
    with pytest.raises(SignerStateError, match="asked to sign AAAA") as caught:
        sign_checkpoint(store, other, lambda size: bytes(32))
    assert (caught.value.signed, caught.value.asked) == (_checkpoint(3), other)


def test_rewritten_history_is_not_signed_at_a_larger_size(store: KeyStore) -> None:
    sign_checkpoint(store, _checkpoint(3), _root)
    with pytest.raises(SignerStateError, match="no longer have the root"):
        sign_checkpoint(store, Checkpoint(ORIGIN, 5, bytes(32)), lambda size: bytes(32))
    assert read_state(store.directory, ORIGIN) == _checkpoint(3)


def test_root_that_is_not_that_of_the_entries_is_not_signed(store: KeyStore) -> None:
    with pytest.raises(SignerStateError, match="do not have the root"):
        sign_checkpoint(store, Checkpoint(ORIGIN, 3, bytes(32)), _root)
    assert read_state(store.directory, ORIGIN) is None


def test_empty_log_and_another_log_are_not_signed(store: KeyStore) -> None:
    with pytest.raises(SignerStateError, match="without an entry"):
        sign_checkpoint(store, _checkpoint(0), _root)
    with pytest.raises(SignerStateError, match=r"other\.example"):
        sign_checkpoint(store, Checkpoint("other.example", 1, _root(1)), _root)
    with pytest.raises(CheckpointError):
        sign_checkpoint(store, Checkpoint(ORIGIN, 1, b"short"), _root)


def test_lost_state_is_not_taken_for_a_new_signer(store: KeyStore) -> None:
    (store.directory / "signer-state.json").unlink()
    with pytest.raises(SignerStateError, match="backup"):
        sign_checkpoint(store, _checkpoint(3), _root)


def test_state_of_another_log_is_refused(store: KeyStore) -> None:
    (store.directory / "signer-state.json").unlink()
    create_state(store.directory, "other.example")
    with pytest.raises(SignerStateError, match=r"is that of other\.example, expected county\.example/log"):
        sign_checkpoint(store, _checkpoint(3), _root)
    with pytest.raises(KeyFileError):
        create_state(store.directory, ORIGIN)


def test_every_cut_and_most_changed_bytes_of_the_state_are_damage(store: KeyStore) -> None:
    """A changed digit or letter may make another state, which then refuses what was signed before."""
    sign_checkpoint(store, _checkpoint(3), _root)
    path = store.directory / "signer-state.json"
    data = path.read_bytes()
    for position in range(len(data)):
        changed = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        for damaged in (changed, data[:position], data[:position] + data[position + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises(SignerStateError):
                sign_checkpoint(store, _checkpoint(3) if b'"size":2' not in damaged else _checkpoint(1), _root)


@pytest.mark.parametrize("size", ["true", "false", '"1"', "-1"])
def test_size_that_is_no_number_of_entries_is_damage(store: KeyStore, size: str) -> None:
    root = b"" if size == "false" else base64.b64encode(_root(1))
    path = store.directory / "signer-state.json"
    path.write_bytes(b'{"origin":"%b","root":"%b","size":%b}\n' % (ORIGIN.encode(), root, size.encode()))
    with pytest.raises(SignerStateError, match="damaged"):
        read_state(store.directory, ORIGIN)


def test_signer_killed_at_any_moment_remembers_all_that_it_gave_out(store: KeyStore) -> None:
    """A process signs one size after another and is killed; the state is whole and not behind any printed size."""
    script = (
        "import sys; from hashlib import sha256; from pathlib import Path\n"
        "from ledger.checkpoint import Checkpoint; from ledger.hashing import SHA256\n"
        "from ledger.keystore import KeyStore; from ledger.signer_state import sign_checkpoint\n"
        f"store = KeyStore.open(Path(sys.argv[1]), {ORIGIN!r}, SHA256)\n"
        "root = lambda size: sha256(b'%d' % size).digest()\n"
        "for size in range(int(sys.argv[2]), 10**9):\n"
        f"    sign_checkpoint(store, Checkpoint({ORIGIN!r}, size, root(size)), root); print(size, flush=True)\n"
    )
    first = 1
    for lines in (1, 2, 5, 9):
        command = [sys.executable, "-c", script, str(store.directory), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            given = [int(line) for line in process.stdout.read().split()]
        last = read_state(store.directory, ORIGIN)
        assert last is not None
        assert last == _checkpoint(last.size)
        assert last.size >= max([first + lines - 1, *given])
        first = last.size
        assert sign_checkpoint(store, last, _root)


# Private


def _root(size: int) -> bytes:
    return sha256(b"%d" % size).digest()


def _checkpoint(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, _root(size))

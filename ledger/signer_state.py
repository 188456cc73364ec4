"""The signer's memory: the last size and root that a log's key has signed, kept beside the key.

    {"origin":…, "root":base64, "size":n}     canonical, with a final line feed; size 0 and root "" before the first

It is what keeps an honest signer from vouching for two histories. A larger size is signed only after the last
signed root has been computed again from the same entries; a smaller size, or another root, is never signed. The
file is replaced as a whole, under a lock, and is durable before the signature leaves this module.
"""

import base64
import binascii
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from ledger.canonical import decode, encode
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.errors import FormatError, LedgerError
from ledger.keyfile import replace_file, write_new_file
from ledger.note import Signer, sign_note

STATE_NAME: Final = "signer-state.json"


class SignerStateError(LedgerError):
    """The key must not sign this; `signed` and `asked` are the two statements, evidence for whoever looks into it."""

    def __init__(
        self, path: Path, found: str, mend: str, signed: Checkpoint | None = None, asked: Checkpoint | None = None
    ) -> None:
        super().__init__(f"signer state {path}: {found}. {mend}")
        self.path = path
        self.signed = signed
        self.asked = asked


class SigningKeys(Protocol):
    """What signing needs of a key store."""

    @property
    def directory(self) -> Path:
        """The folder that holds key and state."""

    @property
    def origin(self) -> str:
        """The log that the key signs for."""

    def signer(self) -> Signer:
        """The private key."""

    def check_current(self) -> None:
        """Raise KeyFileError when another process has put a new key in the place of this one."""


def create_state(directory: Path, origin: str) -> None:
    """Write the state of a key that has signed nothing; raise KeyFileExists if there is one."""
    write_new_file(directory / STATE_NAME, _encode(Checkpoint(origin, 0, b"")))


def read_state(directory: Path, origin: str) -> Checkpoint | None:
    """The last checkpoint signed, None if none was; raise SignerStateError if that cannot be known."""
    path = directory / STATE_NAME
    try:
        data = path.read_bytes()
        members = decode(data.removesuffix(b"\n"))
        last = Checkpoint(members["origin"], members["size"], base64.b64decode(members["root"], validate=True))
        counted = type(last.size) is int and last.size >= 0  # a bool is an int to isinstance
        sound = counted and data == _encode(last) and len(last.root) == (32 if last.size else 0)
    except FileNotFoundError:
        raise SignerStateError(path, "is not there, so nobody knows what was signed last", _RESTORE) from None
    except (FormatError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise SignerStateError(path, f"is damaged ({error})", _RESTORE) from None
    except OSError as error:
        raise SignerStateError(path, f"cannot be read ({error.strerror})", "Run as its owner") from error
    if not sound:
        raise SignerStateError(path, "is damaged", _RESTORE)
    if last.origin != origin:
        raise SignerStateError(path, f"is that of {last.origin}, expected {origin}", "Give the keys of this ledger")
    return last if last.size else None


def sign_checkpoint(keystore: SigningKeys, checkpoint: Checkpoint, root_at: Callable[[int], bytes]) -> bytes:
    """Sign a checkpoint as a note, the state durable before the note is returned.

    `root_at(n)` computes the root of the first n entries from the stored entries. The same size and root again give
    the same note. Raise SignerStateError for a smaller size, another root at the same size, entries that no longer
    lead to the last signed root, and a root that is not that of the entries.
    """
    signer = keystore.signer()
    text = checkpoint_text(checkpoint)
    note = sign_note(text, signer)
    with locked(keystore.directory):
        keystore.check_current()
        last = read_state(keystore.directory, keystore.origin)
        _check_follows(keystore, last, checkpoint, root_at)
        if checkpoint != last:
            replace_file(keystore.directory / STATE_NAME, _encode(checkpoint))
    return note


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the lock of the signer; the operating system lets go of it when the process ends, however it ends."""
    descriptor = os.open(directory / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# Private

_LOCK_NAME: Final = "signer-state.lock"
_RESTORE: Final = "Put it back from the backup of the key folder, made after the last checkpoint"
_EVIDENCE: Final = "Keep both statements, and run 'mingzhang audit verify'"


def _check_follows(
    keystore: SigningKeys, last: Checkpoint | None, asked: Checkpoint, root_at: Callable[[int], bytes]
) -> None:
    path = keystore.directory / STATE_NAME

    def refuse(reason: str) -> SignerStateError:
        return SignerStateError(path, reason, _EVIDENCE, last, asked)

    if asked.origin != keystore.origin:
        raise refuse(f"the key is that of {keystore.origin}, asked to sign for {asked.origin}")
    if asked.size < 1:
        raise refuse("a log without an entry is not signed")
    if last is not None and asked.size < last.size:
        raise refuse(f"{last.size} entries were signed, asked to sign {asked.size}: the tail is gone")
    if last is not None and asked.size == last.size and asked.root != last.root:
        raise refuse(f"at {last.size} entries root {_base64(last)} was signed, asked to sign {_base64(asked)}")
    if root_at(asked.size) != asked.root:
        raise refuse(f"the first {asked.size} entries do not have the root {_base64(asked)} to be signed")
    if last is not None and root_at(last.size) != last.root:
        raise refuse(f"the first {last.size} entries no longer have the root {_base64(last)} that was signed")


def _encode(last: Checkpoint) -> bytes:
    return encode({"origin": last.origin, "root": _base64(last), "size": last.size}) + b"\n"


def _base64(checkpoint: Checkpoint) -> str:
    return base64.b64encode(checkpoint.root).decode()

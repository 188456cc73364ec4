"""A copy of a key folder, made while its keys are in use, for a place apart from the copy of the ledger."""

import os
import sqlite3
from pathlib import Path

from ledger.keyfile import KeyFileExists, KeyFileUnreadable, sync_directory, write_new_file
from ledger.keystore import KEYRING_NAME, VKEY_NAME
from ledger.signer_state import STATE_NAME, locked


def read_state_bytes(source: Path) -> bytes:
    """Return the bytes of the signer's memory; read before the ledger is copied, they are never ahead of the copy."""
    return (source / STATE_NAME).read_bytes()


def copy_keys(source: Path, target: Path, state: bytes) -> None:
    """Copy the keys of a ledger into a new folder of mode 0700, durable when this returns.

    Copied after the ledger, the sealing keys are those of every entry in its copy. Raises KeyFileExists when the
    folder holds anything, KeyFileUnreadable when it cannot be made.
    """
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.chmod(0o700)
        if any(target.iterdir()):
            raise KeyFileExists(target, "holds something already", "Keys are never overwritten: choose another folder")
        with locked(source):  # no erasure changes the epoch meanwhile
            _copy_ring(source / KEYRING_NAME, target / KEYRING_NAME)
            for name in sorted(path.name for path in source.glob("*.key")):
                write_new_file(target / name, (source / name).read_bytes())
        write_new_file(target / STATE_NAME, state)
        # As when keys are made: a folder that has its public key is whole.
        write_new_file(target / VKEY_NAME, (source / VKEY_NAME).read_bytes(), 0o644)
        sync_directory(target.parent)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise KeyFileUnreadable(target, f"cannot be written ({reason})", "Check folder, disk and rights") from error


# Private


def _copy_ring(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()
    descriptor = os.open(target, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

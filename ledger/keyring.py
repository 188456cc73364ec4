"""The sealing keys of a ledger: one for each stream that holds personal data, wrapped, in an SQLite file of its own.

    ledger       origin, suite                            one row: whose keys these are
    sealing_key  number, kid, scope, epoch, wrapped, live newest has the largest number; ledger/sealing.py wraps

`PRAGMA user_version` is the epoch below which no key is wrapped any more (0 before the first erasure): whoever has
new keys of an older epoch in memory wraps them anew before they are saved.

A new key lives in memory until `flush` has made it durable, which must be before the transaction that holds entries
sealed with it: a key without an entry is waste, an entry without its key is lost. Two processes may each make a
key for one scope; both are kept, and each entry names its own.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.keyfile import (
    KeyFileDamaged,
    KeyFileForeign,
    KeyFileMissing,
    KeyFileUnreadable,
    check_private,
    sync_directory,
)
from ledger.sealing import KEY_BYTES, NONCE_BYTES, key_id, unwrap_key, wrap_key

BUSY_MILLISECONDS: Final = 30_000


class SealingKey(NamedTuple):
    """A key id as entries name it, and the 32 bytes behind it."""

    kid: str
    key: bytes


class KeyRing:
    """The file of wrapped keys, opened when a key is first looked for; `bureau_key(epoch)` unwraps them."""

    def __init__(
        self,
        path: Path,
        origin: str,
        suite: Suite,
        newest_epoch: Callable[[], int],
        bureau_key: Callable[[int], bytes],
    ) -> None:
        self._path = path
        self._origin = origin
        self._suite = suite
        self._newest_epoch = newest_epoch
        self._bureau_key = bureau_key
        self._database: sqlite3.Connection | None = None
        self._newest: dict[str, SealingKey] = {}  # by scope
        self._known: dict[str, bytes] = {}  # by kid
        self._unsaved: dict[str, _Row] = {}  # by kid

    @staticmethod
    def create(path: Path, origin: str, suite: Suite) -> None:
        """Make the file, mode 0600, empty of keys; one that an interrupted run left is completed, none is emptied."""
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
        except OSError as error:
            raise KeyFileUnreadable(path, f"cannot be written ({error.strerror})", _CHECK_DISK) from error
        with _errors(path):
            database = _connect(path)
            database.executescript(_SCHEMA)
            filled = "INSERT INTO ledger SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM ledger)"
            database.execute(filled, (origin, suite.name))
            _check_owner(path, database, origin, suite)
            database.close()
        sync_directory(path.parent)

    def key_for(self, scope: str) -> SealingKey:
        """The newest live key of a stream; made, and kept for `flush`, if there is none."""
        found = self._newest.get(scope)
        if found is None:
            rows = self._rows("scope = ? AND live = 1 ORDER BY number DESC LIMIT 1", scope)
            found = self._unwrapped(rows[0]) if rows else self._made(scope)
            self._newest[scope] = found
        return found

    def single_key(self, scope: str) -> SealingKey:
        """A new key of a stream that seals one command and no other, kept for `flush`: it can be erased by itself."""
        return self._made(scope, live=0)

    def key_by_id(self, kid: str) -> bytes | None:
        """The key that an entry names, None if it is not here: never was, or was destroyed."""
        key = self._known.get(kid)
        if key is None:
            rows = self._rows("kid = ?", kid)
            key = self._unwrapped(rows[0]).key if rows else None
        return key

    def scope_of(self, kid: str) -> str | None:
        """The stream that a key was made for, None if the key is not here."""
        unsaved = self._unsaved.get(kid)
        rows = [unsaved] if unsaved else self._rows("kid = ?", kid)
        return rows[0].scope if rows else None

    def keys_of(self, scope: str) -> list[SealingKey]:
        """All keys of a stream, oldest first, retired and unsaved ones included."""
        saved = [self._unwrapped(row) for row in self._rows("scope = ? ORDER BY number", scope)]
        unsaved = [SealingKey(row.kid, self._known[row.kid]) for row in self._unsaved.values() if row.scope == scope]
        return saved + unsaved

    def flush(self) -> None:
        """Make the new keys durable; call it before the transaction that stores what they sealed.

        The next transaction asks the file again which keys are live: another process may have retired one by then.
        """
        if self._unsaved:
            self._save()
        self._newest.clear()

    def retire(self, kid: str) -> None:
        """Seal nothing more with a key, which still opens what it sealed; durable when this returns."""
        self.flush()
        with _errors(self._path):
            self._opened().execute("UPDATE sealing_key SET live = 0 WHERE kid = ?", (kid,))
        self._newest = {scope: one for scope, one in self._newest.items() if one.kid != kid}

    def destroy(self, kid: str) -> bool:
        """Destroy a key and every byte of it in the file; durable when this returns. False if it is not here."""
        self.flush()
        with _errors(self._path):
            database = self._opened()  # secure_delete overwrites the row, the checkpoint empties the WAL
            found = database.execute("DELETE FROM sealing_key WHERE kid = ?", (kid,)).rowcount > 0
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._known.pop(kid, None)
        self._newest = {scope: one for scope, one in self._newest.items() if one.kid != kid}
        return found

    @property
    def epoch_min(self) -> int:
        """The epoch below which no key is wrapped: that of the last erasure, 1 before the first."""
        with _errors(self._path):
            return _epoch_min(self._opened())

    def holds(self, kids: Collection[str]) -> bool:
        """Say whether any of these keys is here, retired or not."""
        return any(self._rows("kid = ?", kid) for kid in kids)

    def rewrap(self, epoch: int, without: Collection[str]) -> None:
        """Wrap every key but these anew under the bureau's key of `epoch`, and destroy these; all at once, or nothing.

        Raises KeyFileDamaged for a key that cannot be unwrapped; then nothing was changed.
        """
        self.flush()
        with _errors(self._path):
            database = self._opened()
            database.execute("BEGIN IMMEDIATE")  # nobody saves a key meanwhile
            try:
                database.executemany("DELETE FROM sealing_key WHERE kid = ?", [(kid,) for kid in without])
                kept = database.execute("SELECT kid, scope, epoch, wrapped FROM sealing_key").fetchall()
                anew = ((self._wrapped(row, epoch), epoch, row.kid) for row in (_Row(*one) for one in kept))
                database.executemany("UPDATE sealing_key SET wrapped = ?, epoch = ? WHERE kid = ?", anew)
                database.execute(f"PRAGMA user_version = {int(epoch)}")
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
        for kid in without:
            self._known.pop(kid, None)
        self._newest.clear()
        self._forget_epoch()

    def scour(self) -> None:
        """Write the file anew without what was deleted from it, and empty its WAL.

        Raises KeyFileUnreadable while another process reads it: old bytes may lie in the WAL until it has succeeded.
        """
        with _errors(self._path):
            database = self._opened()
            database.execute("VACUUM")
            busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise KeyFileUnreadable(self._path, "is being read by another process", "Run this again when it has ended")

    def open(self) -> None:
        """Open the file now; raise KeyFileMissing, KeyFileExposed, KeyFileForeign or KeyFileDamaged."""
        with _errors(self._path):
            self._opened()

    def close(self) -> None:
        """Close the file; keys that were not flushed are gone."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # Private

    @cached_property
    def _epoch(self) -> int:
        return self._newest_epoch()

    def _save(self) -> None:
        with _errors(self._path):
            database = self._opened()
            try:
                database.execute("BEGIN IMMEDIATE")
                self._renew_unsaved(_epoch_min(database))
                # A commit whose answer was lost may have saved them: the same kid is the same key.
                database.executemany(
                    "INSERT INTO sealing_key (kid, scope, epoch, wrapped, live) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (kid) DO NOTHING",
                    self._unsaved.values(),
                )
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
        self._unsaved.clear()

    def _made(self, scope: str, live: int = 1) -> SealingKey:
        key = secrets.token_bytes(KEY_BYTES)
        made = SealingKey(key_id(self._suite, key), key)
        self._known[made.kid] = key
        try:
            wrapped = self._wrap(key, scope, self._epoch)
        except KeyFileMissing:  # an erasure in another process destroyed the epoch that was the newest
            self._forget_epoch()
            wrapped = self._wrap(key, scope, self._epoch)
        self._unsaved[made.kid] = _Row(made.kid, scope, self._epoch, wrapped, live)
        return made

    def _forget_epoch(self) -> None:
        self.__dict__.pop("_epoch", None)

    def _renew_unsaved(self, epoch_min: int) -> None:
        """Wrap new keys anew that an erasure in another process has overtaken."""
        for kid, row in self._unsaved.items():
            if row.epoch < epoch_min:
                self._unsaved[kid] = row._replace(epoch=epoch_min, wrapped=self._wrapped(row, epoch_min))

    def _wrapped(self, row: "_Row", epoch: int) -> bytes:
        return self._wrap(self._unwrapped(row).key, row.scope, epoch)

    def _wrap(self, key: bytes, scope: str, epoch: int) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return wrap_key(self._suite, self._bureau_key(epoch), self._origin, scope, epoch, key, nonce)

    def _unwrapped(self, row: "_Row") -> SealingKey:
        key = self._known.get(row.kid)
        if key is None:
            row, bureau_key = self._with_bureau_key(row)
            try:
                key = unwrap_key(self._suite, bureau_key, self._origin, row.kid, row.scope, row.epoch, row.wrapped)
            except FormatError as error:
                found = f"holds a key {row.kid} of {row.scope} that the bureau's key of epoch {row.epoch} rejects"
                raise KeyFileDamaged(self._path, f"{found} ({error})", _RESTORE) from None
            self._known[row.kid] = key
        return SealingKey(row.kid, key)

    def _with_bureau_key(self, row: "_Row") -> tuple["_Row", bytes]:
        """Return the row with the key that unwraps it; read again when an erasure destroyed its epoch meanwhile."""
        try:
            return row, self._bureau_key(row.epoch)
        except KeyFileMissing:
            again = self._rows("kid = ?", row.kid)
            if not again or again[0].epoch == row.epoch:
                raise
            return again[0], self._bureau_key(again[0].epoch)

    def _rows(self, condition: str, value: str) -> list["_Row"]:
        with _errors(self._path):
            query = f"SELECT kid, scope, epoch, wrapped FROM sealing_key WHERE {condition}"
            return [_Row(*row) for row in self._opened().execute(query, (value,))]

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            check_private(self._path)
            database = _connect(self._path)
            _check_owner(self._path, database, self._origin, self._suite)
            self._database = database
        return self._database


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open a file of wrapped keys so that nothing is written, not even beside it: for a copy on a read-only medium."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


# Private

_SCHEMA: Final = """
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS ledger (origin TEXT NOT NULL, suite TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS sealing_key (
        number  INTEGER PRIMARY KEY AUTOINCREMENT,
        kid     TEXT NOT NULL UNIQUE,
        scope   TEXT NOT NULL,
        epoch   INTEGER NOT NULL,
        wrapped BLOB NOT NULL,
        live    INTEGER NOT NULL DEFAULT 1
    );
    CREATE INDEX IF NOT EXISTS sealing_key_scope ON sealing_key (scope, number);
    COMMIT;
"""
_SURROUNDINGS: Final = {  # what is wrong lies around the file, not in it
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_RESTORE: Final = "Put back the file from the backup of the key folder"
_CHECK_DISK: Final = "Check folder, disk and rights, and whether another process holds it"


class _Row(NamedTuple):
    kid: str
    scope: str
    epoch: int
    wrapped: bytes
    live: int = 1  # whether it may seal more


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file for writing; only for reading where it lies on a medium that nobody can write to."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        database.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
    except sqlite3.OperationalError as error:
        database.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or _has_wal(path):
            raise
        return connect_read_only(path)
    return database


def _epoch_min(database: sqlite3.Connection) -> int:
    return max(1, int(database.execute("PRAGMA user_version").fetchone()[0]))


def _has_wal(path: Path) -> bool:
    wal = path.with_name(f"{path.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _check_owner(path: Path, database: sqlite3.Connection, origin: str, suite: Suite) -> None:
    rows = [tuple(row) for row in database.execute("SELECT origin, suite FROM ledger")]
    if rows != [(origin, suite.name)]:
        found = " and ".join(f"{row[0]} ({row[1]})" for row in rows) or "no ledger"
        mend = "Give the key folder that was made with this ledger"
        raise KeyFileForeign(path, f"holds the keys of {found}, expected {origin} ({suite.name})", mend)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Say what SQLite says in the terms of the key folder."""
    try:
        yield
    except sqlite3.ProgrammingError:  # used after it was closed, or in another thread: the file is not at fault
        raise
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _SURROUNDINGS:
            raise KeyFileUnreadable(path, f"cannot be used ({error})", _CHECK_DISK) from error
        raise KeyFileDamaged(path, f"is damaged, or no database ({error})", _RESTORE) from error

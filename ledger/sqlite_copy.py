"""Copies of a ledger in one SQLite file: taken while it is in use, whole and durable, and put in a place at once.

A copy is one file without a WAL beside it, so that it can lie on a medium that is only read. It is made under a
name of its own, so that nothing under the wanted name is ever half written. A ledger in SQLite is copied page by page,
with whatever else is in its file; one of another database row by row.
"""

import errno
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger import copying
from ledger.keyfile import sync_directory
from ledger.sqlite_connection import check_file, connect, explained
from ledger.sqlite_new_log import sqlite_new_log
from ledger.store import Reader
from ledger.store_errors import AlreadyInitialised, DatabaseBusy

PAGES_AT_ONCE = 2_000
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_SIDE_FILES = ("-wal", "-shm", "-journal")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Progress = Callable[[int, int], None]
"""Called with the pages copied and the pages in all."""


@contextmanager
def copied_beside(source: Path, place: Path, on_progress: Progress | None = None) -> Iterator[Path]:
    """Copy a ledger as it stands at one moment into a new durable file beside `place`, gone when the context ends.

    Writers of the source are not held up. Raises NotALedger and DatabaseFailed, also when the disk is full.
    """
    check_file(source)
    with _passing_name(place) as copy:
        with explained(copy):
            _copy_database(source, copy, on_progress)
        shutil.copymode(source, copy)
        _sync(copy)
        yield copy


@contextmanager
def written_beside(source: Reader, place: Path, on_progress: copying.Progress | None = None) -> Iterator[Path]:
    """Copy the log that a snapshot shows into a new durable file beside `place`, gone when the context ends.

    The file is for its owner alone. Raises DatabaseFailed, also when the disk is full, and StoreDamaged.
    """
    with _passing_name(place) as copy:
        with sqlite_new_log(copy, source.origin, source.suite) as target:
            copying.copy_log(source, target, on_progress)
        _sync(copy)
        yield copy


def put_in_new_place(copy: Path, place: Path) -> None:
    """Give a copy its name; raises AlreadyInitialised when the name is taken, also by the rest of a ledger."""
    taken = next((name for name in (place, *_beside(place)) if name.exists()), None)
    if taken is None:
        try:
            _name_for_the_first_time(copy, place)
        except FileExistsError:
            taken = place
    if taken is not None:
        mend = "choose another name, or move what is there away; nothing is overwritten"
        raise AlreadyInitialised(where=str(place), expected="no such file", found=f"{taken.name}", mend=mend)
    sync_directory(place.parent)


def put_in_place_of(copy: Path, place: Path, kept: Path) -> None:
    """Put a copy in the place of a ledger, which is kept under the name `kept`; at no moment is there none.

    Raises DatabaseBusy when another process has the ledger open, AlreadyInitialised when `kept` is taken.
    """
    with _nobody_else(place):
        for name in _beside(place):  # a WAL of the old file must never be read as the new one's
            if name.exists():
                name.rename(kept.with_name(kept.name + name.name.removeprefix(place.name)))
        try:
            os.link(place, kept)
        except FileExistsError:
            mend = "try again in a second"
            raise AlreadyInitialised(where=str(kept), expected="no such file", found="one", mend=mend) from None
        copy.replace(place)
        sync_directory(place.parent)
    with suppress(sqlite3.Error):
        connect(kept, "rw").close()  # back to WAL mode, so that it can be read as before


# Private


@contextmanager
def _passing_name(place: Path) -> Iterator[Path]:
    """Return a name beside `place` for a file that is gone when the context ends."""
    copy = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    try:
        yield copy
    finally:
        for name in (copy, *_beside(copy)):
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _name_for_the_first_time(copy: Path, place: Path) -> None:
    """Give a file its name; unlike a rename, this fails when another process was first."""
    try:
        os.link(copy, place)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The disks that people carry know no second name of a file. An empty file, which is no ledger, holds the name.
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        copy.replace(place)


def _copy_database(source: Path, copy: Path, on_progress: Progress | None) -> None:
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    reading, writing = connect(source, "ro"), sqlite3.connect(copy, isolation_level=None)

    def report(_status: int, remaining: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total - remaining, total)

    try:
        reading.execute("BEGIN")  # one moment from the first page to the last, however much is recorded meanwhile
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reading.backup(writing, pages=PAGES_AT_ONCE, progress=report)
        writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        writing.close()
        reading.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in _SIDE_FILES]


@contextmanager
def _nobody_else(path: Path) -> Iterator[None]:
    """Hold a ledger against everybody, its WAL merged; one too damaged to be opened is not held."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=2)
    try:
        try:
            # Leaving WAL mode needs every other connection closed: one that stayed open would write to the old file.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
                mend = "end the other commands that use this ledger, then try again"
                raise DatabaseBusy(
                    where=str(path), expected="nobody else using it", found=str(error), mend=mend
                ) from error
        yield
    finally:
        connection.close()

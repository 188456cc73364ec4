"""What a store refuses, as one tree of errors: where, what was expected, what was found, how to mend it."""

from domain.errors import ExplainedError
from ledger.errors import LedgerError


class StoreError(LedgerError, ExplainedError):
    """A store could not do what was asked."""


class BadUrl(StoreError):
    """The address of a ledger is not one that this version understands."""


class NotALedger(StoreError):
    """There is no ledger where one was expected: no file, no database, or a database of something else."""


class AlreadyInitialised(StoreError):
    """A ledger, or something else, is already where a new ledger was to be made."""


class UnsupportedSchema(StoreError):
    """The tables were made by a version of this program that this one does not know."""


class UpgradeNeeded(UnsupportedSchema):
    """The tables are of an older version that `mingzhang upgrade` knows how to bring to this one."""


class RolesMissing(StoreError):
    """The roles of the duties are not there, or this login may not grant them; an administrator must."""


class DutyMissing(StoreError):
    """The login of the database does not hold the duty that this needs."""


class ActorRefused(StoreError):
    """The login of the database may not stand as the one in whose name something was to be recorded."""


class StoreDamaged(StoreError):
    """What the store holds contradicts itself, so nothing may be appended to it."""


class StoreReadOnly(StoreError):
    """Something was to be written through a store that was opened for reading."""


class DatabaseBusy(StoreError):
    """Another process held the write lock longer than the busy timeout."""


class DatabaseFailed(StoreError):
    """The database itself failed: file unreadable, or its own error."""


class DatabaseFull(DatabaseFailed):
    """The disk of the database has no room left; nothing of the transaction was written."""


class ServerUnreachable(DatabaseFailed):
    """The database server does not answer, or the connection to it was cut; a commit under way may have been done."""


class AppendRefused(StoreError):
    """Entries cannot be appended as they were handed in; nothing of them was written."""


class CommandRepeated(AppendRefused):
    """A command id is already recorded; a command is recorded once."""


class CommandIncomplete(AppendRefused):
    """The entries of a command are not all there, not in order, or do not agree in `at` and `by`."""


class StreamConflict(AppendRefused):
    """An entry does not follow the last one of its stream: another writer was first, or `prev` is wrong."""


class RaceLost(AppendRefused):
    """Somebody else recorded, before the lock was taken, what this recording relied on nobody having recorded."""


class ClockAhead(AppendRefused):
    """The ledger's latest time is more than a day ahead of the clock; one of the two is wrong."""

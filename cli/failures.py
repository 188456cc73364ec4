"""How an error is shown: what happened in the language in use, then where, expected, found, how to mend it.

The libraries write their details in English; what kind of error it is, is said in both languages, by its class.
"""

import os
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Final

import click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand

from cli.errors import CommandError, ExitCode
from cli.output import field_lines, print_note
from cli.remedies import BETTER_THAN_ITS_OWN, REMEDIES
from cli.words import N_, _, language

DEBUG_VARIABLE: Final = "MINGZHANG_DEBUG"

TITLES: Final[Mapping[str, str]] = {
    "ActorRefused": N_("This login may not record in that name"),
    "AlreadyInitialised": N_("There is something here already"),
    "AppendRefused": N_("The entries could not be appended, and nothing was written"),
    "BadUrl": N_("This is not the address of a ledger"),
    "CheckpointError": N_("This checkpoint must not be believed"),
    "CheckpointRefused": N_("This checkpoint is not one of this log as it stands"),
    "ClockAhead": N_("This machine's clock is behind the ledger"),
    "CommandIncomplete": N_("The entries could not be appended, and nothing was written"),
    "CommandRepeated": N_("This was recorded before"),
    "ConsistencyUnproved": N_("This checkpoint does not go on from the one that was cosigned"),
    "CosignatureWrong": N_("A cosignature fits no checkpoint of this ledger; nothing was kept"),
    "CouldNotCheck": N_("This could not be checked"),
    "DatabaseBusy": N_("Another process is writing to the ledger"),
    "DatabaseFailed": N_("The database failed"),
    "DatabaseFull": N_("The disk of the database is full"),
    "DatabaseError": N_("The database failed"),
    "DossierUnreadable": N_("This is no dossier of the form that was expected"),
    "DutyMissing": N_("This login does not hold the duty"),
    "EntryTooLarge": N_("The entries could not be appended, and nothing was written"),
    "EntryUnreadable": N_("A stored entry cannot be read"),
    "FolderForeign": N_("The folder holds another log, or a history that this one does not continue"),
    "FolderTaken": N_("The folder holds other files than those of an export"),
    "FormatError": N_("This does not have the form that was expected"),
    "HeadsMapError": N_("This map of streams does not hold"),
    "HeadsFalse": N_("The map of streams in this log is not that of its entries; nothing was cosigned"),
    "HeadsUnsealed": N_("This checkpoint does not end with a map of streams; nothing was cosigned"),
    "InspectionRefused": N_("This step must not follow what was recorded before"),
    "HistoryForked": N_("There are two histories of this log; nothing was cosigned"),
    "KinActRefused": N_("This does not fit what is recorded about these people"),
    "KeyFileDamaged": N_("A key file is damaged"),
    "KeyFileExists": N_("There are keys here already"),
    "KeyFileExposed": N_("Others may read a key file"),
    "KeyFileForeign": N_("These are the keys of another ledger"),
    "KeyFileMissing": N_("A key file is missing"),
    "KeyFileUnreadable": N_("A key file cannot be read"),
    "KeyStoreError": N_("The keys cannot be used"),
    "KeyGone": N_("The key of a sealed part is not here"),
    "KeysForeign": N_("These are the keys of another ledger"),
    "KnownAtTooFar": N_("The ledger has no such position"),
    "LogSignatureWrong": N_("No trusted key of the log signed this checkpoint"),
    "LeavesUnkept": N_("This witness keeps no leaf hashes of this log"),
    "LogUnknown": N_("This witness was not told to trust this log"),
    "NotALedger": N_("There is no ledger here"),
    "NoteError": N_("This signed note must not be believed"),
    "NothingSigned": N_("No signed checkpoint covers this yet"),
    "OldSizeWrong": N_("The request begins at another size than this witness cosigned last"),
    "OperationalError": N_("The database failed"),
    "PassphraseNeeded": N_("The keys need a passphrase"),
    "PassphraseWrong": N_("The passphrase is wrong"),
    "PolicyError": N_("This policy cannot be followed"),
    "ProofError": N_("There is no such proof"),
    "ProofTextError": N_("This is not a proof of the form that was expected"),
    "RaceLost": N_("Somebody else recorded something first"),
    "RolledBack": N_("This checkpoint is smaller than the one that was cosigned"),
    "RegionTooFine": N_("The registers do not tell regions apart so finely"),
    "RegistersMissing": N_("The registers are not there"),
    "RegistersNotWritable": N_("The registers cannot be written"),
    "RolesMissing": N_("The roles of the duties are not there"),
    "RuleUnusable": N_("A rule cannot be used"),
    "ServerUnreachable": N_("The database server does not answer"),
    "SeedMissing": N_("The seed of this draw cannot be had yet"),
    "SignerStateError": N_("The key must not sign this"),
    "StoreDamaged": N_("The ledger contradicts itself, so nothing may be appended to it"),
    "StoreReadOnly": N_("The ledger was opened for reading only"),
    "StreamConflict": N_("Somebody else recorded something first"),
    "TileFolderError": N_("The folder of tiles is not whole"),
    "UnsupportedSchema": N_("This ledger was made by another version"),
    "UpgradeNeeded": N_("The tables of this ledger are of an older version"),
    "WorkerLost": N_("A process that was to help ended early"),
    "WitnessRefusal": N_("This request gets no cosignature"),
    "WitnessStateError": N_("What this witness cosigned before cannot be known"),
}
"""What kind of error each class of the libraries is; a class that is not here is shown as its nearest ancestor."""

_USAGE: Final = frozenset(
    {
        "ActorRefused",
        "AlreadyInitialised",
        "BadUrl",
        "CosignatureWrong",
        "FolderTaken",
        "InspectionRefused",
        "DutyMissing",
        "KinActRefused",
        "KeyFileExists",
        "KeyFileForeign",
        "KeyFileMissing",
        "KeysForeign",
        "KnownAtTooFar",
        "NotALedger",
        "PassphraseNeeded",
        "PassphraseWrong",
        "RegionTooFine",
        "WitnessRefusal",
        "RolesMissing",
        "RuleUnusable",
        "UpgradeNeeded",
    }
)
_GIVEN: Final = re.compile(r"'(?P<value>.*)' is not one of ", re.DOTALL)
_PACKAGES: Final = frozenset({"audit", "cli", "domain", "ledger", "projections"})


def is_ours(error: BaseException) -> bool:
    """Return whether an error is one that a person can do something about: shown without a traceback."""
    package = type(error).__module__.partition(".")[0]
    return package in _PACKAGES or package == "psycopg" or isinstance(error, OSError | sqlite3.Error)


def show(error: BaseException) -> ExitCode:
    """Print an error on stderr and return the exit code it ends the command with."""
    if os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0"):
        traceback.print_exception(error, file=sys.stderr)
    if (
        isinstance(error, NoArgsIsHelpError) and error.ctx is not None
    ):  # a group without a command: not amiss, unfinished
        print_note(error.ctx.get_help())
        return ExitCode.USAGE
    if isinstance(error, click.UsageError) and error.ctx is not None:
        print_note(error.ctx.get_usage())
    print_note(_("Error: {title}").format(title=_title(error)))
    details = {name: text for name, text in _details(error) if text}
    for line in field_lines(details):
        print_note(f"  {line}")
    return _exit_code(error)


# Private


def _title(error: BaseException) -> str:
    if isinstance(error, click.ClickException):
        return _usage_title(error)
    if isinstance(error, CommandError):
        return error.title
    if isinstance(error, OSError):
        return _("The operating system refused: {reason}").format(reason=error.strerror or str(error))
    known = _kind(error)
    return _(TITLES[known]) if known else str(error).partition("\n")[0]


def _usage_title(error: click.ClickException) -> str:
    """Return what is wrong with the command line: click's own words in English, on one line."""
    if language() == "en":
        return " ".join(error.format_message().split())
    if isinstance(error, NoSuchCommand):
        return _("There is no command {name}").format(name=error.command_name)
    if isinstance(error, click.NoSuchOption):
        return _("There is no option {name}").format(name=error.option_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        hint = error.param.get_error_hint(error.ctx) if error.ctx else error.param.name
        if isinstance(error, click.MissingParameter):
            return _("{name} is missing").format(name=hint)
        if _choices(error):
            return _("{name} has a value that is not among the choices").format(name=hint)
        return _("{name} has a value that cannot be meant: {reason}").format(name=hint, reason=error.message)
    return error.format_message()


def _choices(error: BaseException) -> str:
    """Return the values that a parameter takes, when it takes only some."""
    kind = error.param.type if isinstance(error, click.BadParameter) and error.param is not None else None
    return ", ".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""


def _chosen(error: click.ClickException) -> str:
    """Return what was given in place of a choice, which click tells in the words of its message only."""
    given = _GIVEN.match(error.message) if _choices(error) else None
    return given["value"] if given else ""


def _details(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield the parts that a message is made of, under the names the libraries use for them."""
    if isinstance(error, click.ClickException):
        if language() != "en":  # click's English names both in its title
            yield _("expected"), _choices(error)
            yield _("found"), _chosen(error)
        return
    position = getattr(error, "position", None)
    where = _("entry {position}").format(position=position) if position is not None else ""
    where = (
        where or getattr(error, "where", None) or getattr(error, "path", None) or getattr(error, "filename", None) or ""
    )
    found = getattr(error, "found", None) or getattr(error, "reason", None) or ""
    if not found and not isinstance(error, CommandError | OSError) and _kind(error):
        found = str(error).partition(f"{where}: ")[2] or str(error)
    yield _("where"), str(where)
    yield _("expected"), str(getattr(error, "expected", "") or "")
    yield _("found"), str(found)
    yield _("mend"), _mend(error)


def _mend(error: BaseException) -> str:
    """Return what to do: the library's own words in English where it has them, else those of its kind."""
    own, kind = str(getattr(error, "mend", "") or ""), _kind(error)
    known = "" if isinstance(error, CommandError) else REMEDIES.get(kind, "")
    if known and (language() != "en" or not own or kind in BETTER_THAN_ITS_OWN):
        return _(known)
    return own


def _exit_code(error: BaseException) -> ExitCode:
    if isinstance(error, CommandError):
        return error.exit_code
    if getattr(error, "signed", None) is not None:  # two statements of one log contradict each other
        return ExitCode.FINDING
    if isinstance(error, click.ClickException) or not _USAGE.isdisjoint(_kinds(error)):
        return ExitCode.USAGE
    return ExitCode.UNCHECKED


def _kind(error: BaseException) -> str:
    """Return the nearest class of an error that has words of its own; empty when there is none."""
    return next((name for name in _kinds(error) if name in TITLES), "")


def _kinds(error: BaseException) -> list[str]:
    """Return the names of an error's classes, the nearest first."""
    return [ancestor.__name__ for ancestor in type(error).__mro__]

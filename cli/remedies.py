"""What to do about each kind of error, in the language in use; the libraries say it in English only."""

from collections.abc import Mapping
from typing import Final

from cli.words import N_

_BACKUP_OF_KEYS: Final = N_(
    "put the file back from the backup of the key folder, or say with --keys where the keys are"
)
_RIGHT_KEYS: Final = N_("give the key folder that was made with this ledger, with --keys")
_RIGHT_DB: Final = N_("check --db, or make a ledger in a new file with `mingzhang init`")
_DISK: Final = N_("check the disk, its free space and the file's permissions; then run `mingzhang audit verify`")
_AGAIN: Final = N_("run the same command again")
_VERIFY: Final = N_("run `mingzhang audit verify`; restore the database from a copy that verifies")
_REPORT: Final = N_("keep the message and tell whoever looks after this program")

_CONTRADICTION: Final = N_(
    "cosign nothing more of this log; keep the evidence, and compare with who else holds checkpoints of it"
)

REMEDIES: Final[Mapping[str, str]] = {
    "ActorRefused": N_("record in a name of this login, see `mingzhang status`; or let an administrator admit it"),
    "AlreadyInitialised": N_("choose another --db; a ledger is never made over anything"),
    "AppendRefused": _REPORT,
    "BadUrl": N_("write sqlite:///name.db for a file here, sqlite:////folder/name.db for an absolute path"),
    "CheckpointError": N_("hand in a note as `mingzhang audit checkpoint` writes it, unchanged"),
    "CheckpointRefused": N_("run `mingzhang audit verify --since FILE` with it; keep it as it is, it is evidence"),
    "ClockAhead": N_("set this machine's clock; do not go on before it is right"),
    "CommandIncomplete": _REPORT,
    "CommandRepeated": N_("nothing: it stands in the ledger already"),
    "CouldNotCheck": N_("mend what is found here and check again: until then nothing is known, neither good nor bad"),
    "DatabaseBusy": N_("wait for the other command to end, and run this one again"),
    "DatabaseFailed": _DISK,
    "DatabaseFull": N_("make room on the disk of the database, then run the same command again"),
    "DatabaseError": _DISK,
    "DossierUnreadable": N_("hand in the dossier as `mingzhang audit dossier` wrote it, unchanged"),
    "DutyMissing": N_("use a login that holds the duty, or let an administrator run `mingzhang staff admit`"),
    "EntryTooLarge": N_("shorten the texts of the row, and keep the full document elsewhere"),
    "EntryUnreadable": _VERIFY,
    "FolderForeign": N_("keep folder and ledger as they are, both are evidence; export into a new folder"),
    "FolderTaken": N_("give a new folder, or one that `mingzhang export tiles` wrote"),
    "FormatError": _REPORT,
    "HeadsMapError": _VERIFY,
    "InspectionRefused": N_(
        "see what was recorded with `mingzhang audit sample show NUMBER`, and begin with the step before; "
        "if others went than were drawn, say why with --substitution"
    ),
    "KinActRefused": N_(
        "check staff number, case, person and day; `mingzhang register filings` shows what is recorded"
    ),
    "KeyFileDamaged": _BACKUP_OF_KEYS,
    "KeyFileExists": N_("choose another folder with --keys; keys are never overwritten"),
    "KeyFileExposed": N_("take the rights of others away (chmod 600, 700 for the folder); ask who may have read it"),
    "KeyFileForeign": _RIGHT_KEYS,
    "KeyFileMissing": _BACKUP_OF_KEYS,
    "KeyFileUnreadable": N_("run as the owner of the keys; check folder, disk and rights"),
    "KeyStoreError": _BACKUP_OF_KEYS,
    "KeyGone": _BACKUP_OF_KEYS,
    "KeysForeign": _RIGHT_KEYS,
    "KnownAtTooFar": N_("give an earlier position; `mingzhang status` says how many entries there are"),
    "NotALedger": _RIGHT_DB,
    "NoteError": N_("hand in a note as `mingzhang audit checkpoint` writes it, unchanged"),
    "NothingSigned": N_("run `mingzhang audit checkpoint`, then this again"),
    "OperationalError": _DISK,
    "PassphraseNeeded": N_("give the passphrase with --passphrase-file FILE or MINGZHANG_PASSPHRASE"),
    "PassphraseWrong": N_("try the passphrase again; the key file itself is undamaged"),
    "PolicyError": N_("write the policy as docs/format.md shows it, one line for each log, witness and group"),
    "ProofError": _REPORT,
    "ProofTextError": N_("hand in the proof as it was written, unchanged"),
    "RaceLost": _AGAIN,
    "RegionTooFine": N_("ask for the township: the first 9 digits of the code"),
    "RegistersMissing": N_("run `mingzhang projection rebuild`; the log itself is not concerned"),
    "RegistersNotWritable": N_("let this user write the file and its folder, and wait for other commands to end"),
    "RolesMissing": N_("let an administrator of the server make them: docs/postgresql.md says how"),
    "RuleUnusable": N_("mend the file, or take it out of the folder of rules"),
    "ServerUnreachable": N_(
        "check the server and the login, then run the same command again: nothing is recorded twice"
    ),
    "SeedMissing": N_(
        "let every named witness run `mingzhang witness cosign --seed`, and keep the answers with "
        "`mingzhang audit checkpoint attach`; if that cannot be had any more, give the draw up"
    ),
    "SignerStateError": N_(
        "sign nothing; run `mingzhang audit verify`, and compare with the checkpoints kept elsewhere"
    ),
    "StoreDamaged": _VERIFY,
    "StoreReadOnly": N_("let this user write the file and its folder"),
    "StreamConflict": _AGAIN,
    "WorkerLost": N_("run the command again, with fewer --jobs if memory is short; nothing was changed or lost"),
    "UnsupportedSchema": N_("use the version of this program that made the ledger, or a later one"),
    "UpgradeNeeded": N_("run `mingzhang upgrade` as the owner of the ledger; until then nothing is read or written"),
    "ConsistencyUnproved": _CONTRADICTION,
    "CosignatureWrong": N_("ask the witness for its answer again, and attach it to the ledger it was asked for"),
    "HeadsFalse": N_("keep the evidence; let the bureau run `mingzhang audit verify`, which names the cause"),
    "HeadsUnsealed": N_("ask for the tiles as they are right after `mingzhang audit checkpoint --heads`"),
    "HistoryForked": _CONTRADICTION,
    "LogSignatureWrong": N_("ask for the checkpoint as it was signed, or for the announcement of a new key"),
    "LeavesUnkept": N_("let it cosign with `mingzhang witness cosign --tiles DIR` from now on: that keeps them"),
    "LogUnknown": N_("once you are sure of the log's verifier key, give it to `mingzhang witness trust`"),
    "OldSizeWrong": N_("ask for a request that begins at the size which `mingzhang witness status` says"),
    "RolledBack": _CONTRADICTION,
    "TileFolderError": N_("write the folder again with `mingzhang export tiles`, and copy all of it"),
    "WitnessRefusal": N_("ask for a request as `mingzhang audit checkpoint request` writes it"),
    "WitnessStateError": N_("put back the copy made after the last cosignature; without it, make a new witness"),
}
"""What to do, by the name of the error's class; the same names as in `cli.failures.TITLES`."""

BETTER_THAN_ITS_OWN: Final = frozenset({"PassphraseNeeded"})
"""Kinds whose own remedy cannot name the options of the command line."""

"""What a backup is held against before it takes the place of a ledger, and the evidence when it is refused."""

import base64
import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.continuity import Contradiction, Held, contradictions, erased_keys, first_difference, held_by, held_note
from audit.result import Verification
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context
from cli.output import print_note
from cli.words import _
from ledger.errors import LedgerError
from ledger.keyfile import write_new_file
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.signer_state import read_state
from ledger.store import Store
from ledger.stores import open_store


class RestoreRefused(CommandError):
    """The backup is not the ledger that somebody was given a statement of."""

    exit_code = ExitCode.FINDING


@dataclass
class Replaced:
    """What is known of the ledger that is to be replaced; `fork` is where the backup begins to differ from it."""

    readable: bool = False
    size: int = 0
    root: bytes = b""
    held: list[Held] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    fork: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return its head, or that it could not be read."""
        head = {"size": self.size, "root": base64.b64encode(self.root).decode(), "fork": self.fork}
        return {"readable": True, **head} if self.readable else {"readable": False}


@dataclass(frozen=True)
class Judgement:
    """One backup for one place: who restores, from which file, against which statement, and what is replaced."""

    context: Context
    backup: Path
    since: Path | None
    verifier: Verifier | None
    kept: str | None
    """Where the ledger that is replaced will be kept; None when there is none."""

    def refuse_unless_sound(self, verification: Verification) -> None:
        """Raise RestoreRefused, the evidence written, when the backup does not verify."""
        if not verification.findings:
            return
        path = self._write_evidence(verification, [], None)
        raise RestoreRefused(
            _("The backup does not verify; nothing was changed"),
            where=str(self.backup),
            found=f"{verification.findings[0].kind}: {verification.findings[0].found}",
            mend=_("take another backup; the evidence is in {file}").format(file=path),
        )

    def judged(self, store: Store, verification: Verification) -> dict[str, Any]:
        """Refuse a copy that breaks a statement, else replay the erasures and return what is to be told."""
        with _keys(self.context, store) as keys:
            verifier = self.verifier or (Verifier.parse(keys.verifier_key()) if keys else None)
            replaced = self._read_replaced(store, verifier) if self.kept is not None else Replaced()
            held = [*self._held_outside(keys, verifier), *replaced.held]
            broken = contradictions(store, held)
            if broken:
                self._refuse(verification, broken, replaced)
            erased = erased_keys(store)
            destroyed = [kid for kid in sorted(erased | replaced.erased) if keys and keys.destroy(kid)]
        return {
            "db": self.context.url if self.context.url.startswith("sqlite:") else str(self.context.address),
            "size": verification.size,
            "root": base64.b64encode(verification.root).decode(),
            "held": [{"source": one.source, "size": one.checkpoint.size} for one in held],
            "replaced": None if self.kept is None else {"kept": self.kept, **replaced.to_json()},
            "erased": sorted(erased | replaced.erased),
            "destroyed": destroyed,
            "erasures_not_in_backup": sorted(replaced.erased - erased),
        }

    def _held_outside(self, keys: KeyStore | None, verifier: Verifier | None) -> Iterator[Held]:
        if self.since is not None:
            yield held_note("since", self.since.read_bytes(), verifier)
            if verifier is None:
                print_note(_("There is no key of the log here: the signature of the checkpoint was not checked."))
        last = None if keys is None else read_state(keys.directory, keys.origin)
        if last is not None:
            yield Held("signer-state", last)

    def _read_replaced(self, copy: Store, verifier: Verifier | None) -> Replaced:
        """Read what the ledger in the place says; one that cannot be read says nothing."""
        try:
            with open_store(self.context.url, read_only=True) as store:
                if store.origin != copy.origin:
                    raise BadOption(
                        _("The ledger here is another log"),
                        where=str(self.context.address),
                        expected=copy.origin,
                        found=store.origin,
                        mend=_("choose another place with --db"),
                    )
                head, held = store.head(), list(held_by(store, "replaced-ledger", verifier))
                return Replaced(True, head.size, head.root, held, erased_keys(store), first_difference(copy, store))
        except LedgerError as error:
            print_note(_("The ledger that is replaced cannot be read: {reason}").format(reason=error))
            return Replaced()

    def _refuse(self, verification: Verification, broken: list[Contradiction], replaced: Replaced) -> None:
        path = self._write_evidence(verification, broken, replaced)
        first = broken[0]
        titles = {
            "statement": _("The backup is shorter than what was signed; nothing was changed"),
            "copy": _("The backup is another history than the one that was signed; nothing was changed"),
        }
        found = first.found
        if replaced.fork is not None:
            text = _("{found}; it differs from the ledger here from entry {position:,} on")
            found = text.format(found=found, position=replaced.fork)
        raise RestoreRefused(
            titles.get(first.later, titles["copy"]),
            where=f"{first.held.source}, {first.part}",
            expected=first.expected,
            found=found,
            mend=_("take a later backup, or one of this log; both statements are in {file}").format(file=path),
        )

    def _write_evidence(
        self, verification: Verification, broken: list[Contradiction], replaced: Replaced | None
    ) -> Path:
        """Write what contradicts what beside the ledger, or beside its keys when it is on a server."""
        evidence = {
            "backup": {
                "file": str(self.backup),
                "origin": verification.log,
                "size": verification.size,
                "root": base64.b64encode(verification.root).decode(),
            },
            "replaced": None if replaced is None or self.kept is None else replaced.to_json(),
            "contradictions": [one.to_json() for one in broken],
            "findings": [finding.to_json() for finding in verification.findings],
        }
        path = self.context.address.beside(f".restore-refused-{now()}.json")
        write_new_file(path, json.dumps(evidence, ensure_ascii=False, indent=2).encode() + b"\n")
        return path


def now() -> str:
    """Return the time as it stands in names of files: to the microsecond, so that no two are the same."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")


# Private


@contextmanager
def _keys(context: Context, store: Store) -> Iterator[KeyStore | None]:
    """Open the key folder, where there is one, without the passphrase, which nothing here needs."""
    if not context.keys_directory.is_dir():
        yield None
        return
    keys = KeyStore.open(context.keys_directory, store.origin, store.suite)
    try:
        yield keys
    finally:
        keys.close()

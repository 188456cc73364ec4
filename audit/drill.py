"""The drill: every act committed many times on copies of a ledger, each copy verified, and what was found counted.

The ledger itself is only read. Its copy is signed anew with a key made for the drill, so that no false history is ever
signed with the true one; "the true key" of an act is that key. Sealing keys are copied only for the act upon them.
"""

import random
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from audit.drill_acts import ACTS, Act, Deed, Finder, NotPossibleHere
from audit.errors import CouldNotCheck
from audit.finding import Finding
from audit.held_leaves import KIND as RECHAINED
from audit.held_leaves import altered_since
from audit.scratch_ledger import ScratchLedger
from audit.verification import verify
from ledger.key_copy import copy_keys, read_state_bytes
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.sqlite import SQLiteStore
from ledger.sqlite_copy import written_beside
from ledger.store import Reader


@dataclass(slots=True)
class Tally:
    """What became of one act: how often it was tried, found, and found under its name and at its place."""

    act: Act
    tried: int = 0
    detected: int = 0
    named: int = 0
    missed: list[int] = field(default_factory=list)  # the rounds that were not named


@dataclass(frozen=True, slots=True)
class DrillResult:
    """The tallies of all acts, and how many of the untouched copies were called unsound."""

    tallies: list[Tally]
    untouched: int
    false_alarms: int

    @property
    def passed(self) -> bool:
        """Whether everything that can be found was found and named, and nothing else was."""
        sought = [one for one in self.tallies if one.act.finder is not Finder.NOBODY]
        return not self.false_alarms and all(one.tried == one.detected == one.named for one in sought)


def drill(
    log: Reader,
    scratch: Path,
    keys: KeyStore | None,
    *,
    rounds: int,
    seed: int,
    on_progress: Callable[[int], None] = lambda done: None,
) -> DrillResult:
    """Commit every act `rounds` times in the empty folder `scratch`, places chosen by `seed`.

    Each act has a copy to itself, which is verified without and with a checkpoint from before it. Raises the store's
    errors when the ledger cannot be copied, CouldNotCheck when it does not verify as it is.
    """
    base = _Base(log, scratch, keys)
    tallies = [Tally(act) for act in ACTS]
    false_alarms = 0
    try:
        for number in range(rounds):
            false_alarms += base.is_alarmed_by_nothing()
            for tally in tallies:
                if tally.act.finder is not Finder.NOBODY:
                    base.attack(tally, number, random.Random(f"{seed} {tally.act.name} {number}"))
                on_progress(1)
    finally:
        base.close()
    return DrillResult(tallies, rounds, false_alarms)


# Private


class _Base:
    """The copy that all others are made from, and what somebody outside has kept of it."""

    def __init__(self, log: Reader, scratch: Path, keys: KeyStore | None) -> None:
        self._folder = scratch
        self._path, self._suite, self._real = scratch / "base.db", log.suite, keys
        self._signing = KeyStore.create(scratch / "signing.keys", log.origin, log.suite)
        self._verifier = Verifier.parse(self._signing.verifier_key())
        with written_beside(log, self._path) as copy:
            shutil.copyfile(copy, self._path)
        self._check_sound()
        base = ScratchLedger(self._path, log.suite, self._signing)
        stored = base.stored()
        base.rebuild([(one.entry, one.blob) for one in stored])
        self._since = base.last_note()
        self._leaves = [log.suite.leaf(one.data) for one in stored]

    def close(self) -> None:
        self._signing.close()

    def is_alarmed_by_nothing(self) -> bool:
        """Say whether anything is found in a copy that nobody touched."""
        copy = self._copied()
        return bool(self._findings(copy, None) or self._findings(copy, self._since) or self._altered(copy))

    def attack(self, tally: Tally, number: int, chance: random.Random) -> None:
        """Commit the act on a new copy and count what is found of it."""
        copy = self._copied()
        if tally.act.needs_sealing_keys:
            if self._real is None:
                return
            copy.keys = self._sealing_keys(self._real)
        try:
            self._count(tally, copy, number, chance)
        finally:
            if copy.keys is not None and copy.keys is not self._signing:
                copy.keys.close()

    # Private

    def _count(self, tally: Tally, copy: ScratchLedger, number: int, chance: random.Random) -> None:
        try:
            deed = tally.act.commit(copy, chance)
        except NotPossibleHere:
            return
        since = self._since if tally.act.finder is Finder.CHECKPOINT else None
        findings = self._findings(copy, since)
        tally.tried += 1
        tally.detected += bool(findings)
        if _is_named(tally.act, deed, findings) and (not deed.altered or since is None or self._located(copy, deed)):
            tally.named += 1
        else:
            tally.missed.append(number)

    def _check_sound(self) -> None:
        with closing(SQLiteStore.open(self._path, read_only=True)) as store:
            found = verify(store).findings
        if found:
            mend = "run `mingzhang audit verify`; a drill is for a ledger that verifies"
            raise CouldNotCheck("the copy of the ledger", "a ledger that verifies", found[0].kind, mend)

    def _copied(self) -> ScratchLedger:
        path = self._folder / "copy.db"
        shutil.copyfile(self._path, path)
        return ScratchLedger(path, self._suite, self._signing)

    def _sealing_keys(self, real: KeyStore) -> KeyStore:
        folder = self._folder / "sealing.keys"
        shutil.rmtree(folder, ignore_errors=True)
        copy_keys(real.directory, folder, read_state_bytes(real.directory))
        for private in (*folder.glob("signing*.key"), *folder.glob("retired-*.key")):  # more than one after a rotation
            private.unlink()
        _, origin, suite, passphrase = real.place
        return KeyStore.open(folder, origin, suite, passphrase)

    def _findings(self, copy: ScratchLedger, since: bytes | None) -> list[Finding]:
        keys = copy.keys if copy.keys is not self._signing else None
        with closing(SQLiteStore.open(copy.path, read_only=True)) as store:
            return verify(store, keys=keys, log_verifier=self._verifier, since=since).findings

    def _altered(self, copy: ScratchLedger) -> list[Finding]:
        with closing(SQLiteStore.open(copy.path, read_only=True)) as store, store.snapshot() as reader:
            return altered_since(reader, self._leaves)

    def _located(self, copy: ScratchLedger, deed: Deed) -> bool:
        """Say whether leaf hashes from before name exactly the entries that were altered."""
        acts = [one for one in self._altered(copy) if one.kind != RECHAINED]
        return tuple(one.position for one in acts) == deed.altered


def _is_named(act: Act, deed: Deed, findings: list[Finding]) -> bool:
    for one in findings:
        if one.consequence_of is not None or one.kind != deed.kind or one.position is None or deed.position is None:
            continue
        if act.finder is Finder.CHECKPOINT and one.position <= deed.position:
            return one.kind != "tail-cut" or one.position == deed.position
        if one.position == deed.position and _speaks_of(one, deed) and deed.is_of(one.stream, one.seq):
            return True
    return False


def _speaks_of(finding: Finding, deed: Deed) -> bool:
    """Say whether a finding names the field; without the keys it may only say which of two it must be."""
    return finding.field == deed.field or deed.field in (finding.field or "").split(" or ")

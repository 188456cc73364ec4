"""Checking a dossier: with nothing but the file and the policies that the verifier brought himself.

    file          the canonical form, members and digest          policy        the policy files can be followed
    signature     the log signed the checkpoint                   quorum        enough witnesses cosigned it
    checkpoint    of this log, its last entry the map's           entries       canonical, this stream, seq and prev
    inclusion     each entry in the tree of the checkpoint        heads         the map's entry, at its place, alone
    map           the stream ends as the entries do, or is none   completeness  who vouches for the map itself
    disclosures   each against the commitment of its entry

Every check is made that can be: one that fails does not hide the next. A dossier is valid when all hold, invalid
when one is broken; else it could not be checked, as without a policy or a quorum.
"""

from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from audit.dossier_form import Dossier, DossierEntry, DossierUnreadable, read_dossier
from audit.finding import base64
from domain.events.ledger import HeadsSealed
from ledger.canonical import encode
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.entry import NO_PREVIOUS, Entry, parse_entry
from ledger.errors import FormatError
from ledger.heads_map import HEADS_STREAM, HeadsMapError, check_map_proof
from ledger.merkle import verify_inclusion
from ledger.note import split_note
from ledger.policy import NO_QUORUM, Judgement, Policy, PolicyError, parse_policy
from ledger.sealing import verify_disclosure

CHECKS: Final = (
    "file",
    "policy",
    "signature",
    "quorum",
    "checkpoint",
    "entries",
    "inclusion",
    "heads",
    "map",
    "completeness",
    "disclosures",
)
"""The checks, in their order."""


class Verdict(StrEnum):
    """What a dossier is worth after all checks."""

    VALID = "valid"
    INVALID = "invalid"
    UNCHECKED = "could not check"


class DossierCheck(NamedTuple):
    """One check: "OK", "BROKEN", "UNCHECKED" or, of completeness, "ASSERTED"; and what was found, and where."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class DisclosedField:
    """A sealed field that is proved to stand in the entry at a position."""

    position: int
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class DossierVerdict:
    """All checks, and what was read on the way: None or empty where it could not be.

    `cosigned_at` gives for each witness of the policy, `attested_at` for each of the second policy, the POSIX second
    of its signature.
    """

    checks: tuple[DossierCheck, ...]
    dossier: Dossier | None
    checkpoint: Checkpoint | None
    entries: tuple[Entry, ...]
    disclosed: tuple[DisclosedField, ...]
    log_key: str | None
    cosigned_at: dict[str, int]
    attested_at: dict[str, int]

    @property
    def verdict(self) -> Verdict:
        """What all checks together say."""
        states = {check.state for check in self.checks}
        if "BROKEN" in states:
            return Verdict.INVALID
        return Verdict.UNCHECKED if "UNCHECKED" in states else Verdict.VALID

    @property
    def attested(self) -> bool:
        """Whether witnesses who replayed the log vouch for the map, and so for the dossier being complete."""
        return any(check == ("completeness", "OK", check.detail) for check in self.checks)


def check_dossier(data: bytes, policy: bytes | Policy | None, heads_policy: bytes | None = None) -> DossierVerdict:
    """Check the bytes of a dossier; never raises for what stands in them or in the policies.

    `policy` may be one that is made already, such as of a single key. `heads_policy` names the keys with which
    witnesses attest that they computed the map of stream heads from all entries.
    """
    return _Run(policy, heads_policy).verdict(data)


# Private


class _Broken(Exception):
    """A check fails; the text says where and why."""


class _Unchecked(Exception):
    """A check cannot be made; the text says why."""


class _Run:
    """One checking; each method that is named as a check makes it and returns its detail."""

    def __init__(self, policy: bytes | Policy | None, heads_policy: bytes | None) -> None:
        self._given = policy
        self._given_heads = heads_policy
        self._followed: Policy | None = None
        self._followed_for_heads: Policy | None = None
        self._dossier: Dossier | None = None
        self._stated: Checkpoint | None = None
        self._parsed: list[Entry] = []
        self._commands: dict[str, tuple[int, int, str, str]] = {}
        self._disclosed: list[DisclosedField] = []
        self._signed: Judgement | None = None
        self._judged: Judgement | None = None
        self._attested_at: dict[str, int] = {}

    def verdict(self, data: bytes) -> DossierVerdict:
        checks = [self._made("file", lambda: self._file(data))]
        readable = self._dossier is not None
        for name in CHECKS[1:]:
            method: Callable[[], str] = getattr(self, f"_{name}")
            if readable or name == "policy":
                checks.append(self._made(name, method))
            else:
                checks.append(DossierCheck(name, "UNCHECKED", "the file cannot be read"))
        return DossierVerdict(
            tuple(checks),
            self._dossier,
            self._stated,
            tuple(self._parsed),
            tuple(self._disclosed),
            self._signed.log.text if self._signed else None,
            self._judged.cosigned_at if self._judged else {},
            self._attested_at,
        )

    def _made(self, name: str, check: Callable[[], str]) -> DossierCheck:
        try:
            detail = check()
        except _Broken as error:
            return DossierCheck(name, "BROKEN", str(error))
        except _Unchecked as error:
            return DossierCheck(name, "UNCHECKED", str(error))
        return DossierCheck(name, "ASSERTED" if name == "completeness" and not self._attested_at else "OK", detail)

    @property
    def _read(self) -> Dossier:
        assert self._dossier is not None  # the other checks are made only when the file could be read
        return self._dossier

    def _file(self, data: bytes) -> str:
        try:
            self._dossier = read_dossier(data)
        except DossierUnreadable as error:
            raise _Broken(f"{error.where}: {error.reason}") from None
        return f"{len(data)} bytes"

    def _policy_parsed(self, what: str, given: bytes) -> Policy:
        try:
            return parse_policy(given)
        except PolicyError as error:
            raise _Unchecked(f"{what}: {error}") from None

    def _policy(self) -> str:
        if self._given is None:
            raise _Unchecked("none was given, so nobody's word is taken for the checkpoint")
        given = self._given
        policy = given if isinstance(given, Policy) else self._policy_parsed("policy", given)
        if self._given_heads is not None:
            heads = self._policy_parsed("heads policy", self._given_heads)
            cosigning = {one.public_key for one in policy.witnesses.values()}
            if any(one.public_key in cosigning for one in heads.witnesses.values()):
                raise _Unchecked("a key stands in both policies: who attests the map does so with a key of its own")
            self._followed_for_heads = replace(heads, logs=heads.logs or policy.logs)
        self._followed = policy
        return f"logs: {len(policy.logs)}, quorum: {policy.quorum_text()}"

    def _signature(self) -> str:
        note = self._read.checkpoint
        try:
            self._stated = parse_checkpoint(split_note(note)[0])
            if self._followed is None:
                raise _Unchecked("no policy names the key of the log")
            logs_alone = replace(self._followed, witnesses={}, groups={}, quorum=NO_QUORUM)
            self._signed = logs_alone.judge(note)
        except FormatError as error:
            raise _Broken(str(error)) from None
        return f"{self._signed.log.name} (key id {self._signed.log.key_id.hex()})"

    def _quorum(self) -> str:
        if self._followed is None or self._signed is None:
            raise _Unchecked("no policy, or no signature of the log")
        try:
            judged = self._followed.judge(self._read.checkpoint)
        except FormatError as error:
            raise _Broken(str(error)) from None
        self._judged = judged
        if self._followed.quorum == NO_QUORUM:
            return "the policy asks for no witness: it rests on the key of the log alone"
        if not judged.satisfied:
            missing = ", ".join(judged.missing)
            raise _Unchecked(f"needs {self._followed.quorum_text()}; no cosignature of {missing}")
        return f"{self._followed.quorum_text()}: cosigned by {', '.join(judged.cosigned_at)}"

    def _checkpoint(self) -> str:
        stated, read = self._checkpoint_stated(), self._read
        if stated.origin != read.log:
            raise _Broken(f"it is one of {stated.origin}, the dossier is one of {read.log}")
        if stated.size != read.heads.position + 1:
            raise _Broken(f"size {stated.size}, expected {read.heads.position + 1}: one more than the map covers")
        return f"{stated.size} entries, root {base64(stated.root)}"

    def _entries(self) -> str:
        read, prev = self._read, NO_PREVIOUS
        for seq, one in enumerate(read.entries, start=1):
            where = f"entry {one.position}"
            entry = self._entry_of(where, one)
            _expect(where, "stream", read.stream, entry.stream)
            _expect(where, "seq", seq, entry.seq)
            if entry.prev != prev:
                raise _Broken(f"{where}: prev is not the leaf hash of the entry before it in the dossier")
            prev = read.suite.leaf(one.entry)
            self._check_command(where, one.position, entry)
            self._parsed.append(entry)
        return f"{len(self._parsed)} entries of {read.stream}"

    def _inclusion(self) -> str:
        read, last = self._read, -1
        for one in read.entries:
            if not last < one.position < read.heads.position:
                raise _Broken(f"entry {one.position}: expected a position from {last + 1} to {read.heads.position - 1}")
            last = one.position
            self._included(f"entry {one.position}", one)
        return f"{len(read.entries)} paths"

    def _heads(self) -> str:
        heads = self._read.heads
        where = f"entry {heads.position}"
        entry = self._entry_of(where, heads)
        _expect(where, "type", HeadsSealed.TOPIC, entry.type)
        _expect(where, "stream", HEADS_STREAM, entry.stream)
        _expect(where, "command", "1/1", f"{entry.k}/{entry.n}")
        self._included(where, heads)
        return f"at {heads.position}, recorded {entry.at}"

    def _map(self) -> str:
        read = self._read
        sealed = self._sealed_map()
        _expect("map", "streams", sealed.streams, read.map.streams)
        try:
            head = check_map_proof(read.suite, read.map, read.stream, a2b_base64(sealed.root))
        except HeadsMapError as error:
            raise _Broken(str(error)) from None
        if head is None:
            if read.entries:
                raise _Broken(f"{read.stream} is not in the map, the dossier has {len(read.entries)} entries of it")
            return f"{read.stream} is none of the {sealed.streams} streams"
        _expect("map", f"seq of {read.stream}", head.seq, len(read.entries))
        if not read.entries or read.suite.leaf(read.entries[-1].entry) != head.leaf:
            raise _Broken(f"{read.stream}: the last entry given is not the one that the map names")
        return f"{read.stream} ends with seq {head.seq}, one of {sealed.streams} streams"

    def _completeness(self) -> str:
        policy = self._followed_for_heads
        if policy is None and self._given_heads is None:
            return "asserted by the bureau: no policy was given for who replayed the log"
        if policy is None:
            raise _Unchecked("the policies could not be followed")
        try:
            judged = policy.judge(self._read.checkpoint)
        except FormatError as error:
            raise _Broken(str(error)) from None
        if policy.quorum == NO_QUORUM:
            return "asserted by the bureau: the policy asks for nobody who replayed the log"
        if not judged.satisfied:
            raise _Unchecked(f"needs {policy.quorum_text()}; no attestation of {', '.join(judged.missing)}")
        self._attested_at = judged.cosigned_at
        return (
            f"attested by {', '.join(judged.cosigned_at)}, who replayed every entry below {self._read.heads.position}"
        )

    def _disclosures(self) -> str:
        for one in self._read.entries:
            names: set[str] = set()
            for shown in one.disclosures:
                field = self._disclosure(one, shown)
                if field in names:
                    raise _Broken(f"entry {one.position}: {field} is disclosed twice")
                names.add(field)
        return f"{len(self._disclosed)} sealed fields"

    def _disclosure(self, one: DossierEntry, shown: Any) -> str:
        where = f"entry {one.position}"
        seal = self._entry_of(where, one).seal
        if seal is None:
            raise _Broken(f"{where}: a disclosure, and nothing is sealed")
        try:
            field, value = verify_disclosure(self._read.suite, encode(shown), seal.commitment)
        except FormatError as error:
            raise _Broken(f"{where}: {error}") from None
        self._disclosed.append(DisclosedField(one.position, field, value))
        return field

    def _check_command(self, where: str, position: int, entry: Entry) -> None:
        """Check that the entry's command begins and ends inside what the map covers, and is told alike by all of it."""
        first = position - entry.k + 1
        if first < 0 or first + entry.n > self._read.heads.position:
            raise _Broken(f"{where}: command: entry {entry.k} of {entry.n} cannot stand here")
        told = (first, entry.n, entry.at, entry.by)
        if self._commands.setdefault(entry.command, told) != told:
            raise _Broken(f"{where}: command: place, count, time or officer differ within the command")

    def _checkpoint_stated(self) -> Checkpoint:
        if self._stated is None:
            raise _Broken("the note is no checkpoint")
        return self._stated

    def _included(self, where: str, one: DossierEntry) -> None:
        stated = self._checkpoint_stated()
        leaf = self._read.suite.leaf(one.entry)
        if not verify_inclusion(self._read.suite, leaf, one.position, stated.size, one.path, stated.root):
            raise _Broken(f"{where}: entry and path do not lead to the root of the checkpoint")

    def _entry_of(self, where: str, one: DossierEntry) -> Entry:
        try:
            entry = parse_entry(one.entry)
        except FormatError as error:
            raise _Broken(f"{where}: {error}") from None
        _expect(where, "line 1", self._read.suite.name, entry.suite)
        _expect(where, "log", self._read.log, entry.log)
        return entry

    def _sealed_map(self) -> HeadsSealed:
        try:
            return HeadsSealed.read(self._entry_of("heads", self._read.heads).payload)
        except ValidationError:
            raise _Broken(f"entry {self._read.heads.position}: not a {HeadsSealed.TOPIC}") from None


def _expect(where: str, what: str, expected: object, found: object) -> None:
    if expected != found:
        raise _Broken(f"{where}: {what}: expected {expected}, found {found}")

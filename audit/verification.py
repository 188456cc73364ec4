"""Verifying a stored log: every byte of it, against the format and against what speaks for it.

    (1) the database and its log row: tables, guards and pages; origin and suite as the entries say them
    (2) every entry in order of position: dense, canonical, each index column as in the bytes, the rules of the chain
    (3) the sealed parts: there exactly when they must be, the hash right, and with keys, open and as committed to
    (4) the tree: leaf hashes against the tiles, level by level, and every head; one of them is that of all entries
    (5) the table of command ids, both ways; and the maps of stream heads that were recorded (`audit.heads`)
    (6) the checkpoints in the ledger: signed by the log's key, over a root and a size that the entries lead to
    (7) what is held outside: the checkpoint handed in, and the signer's own memory beside the keys
    (8) the anchor: what of all this would show that the whole log was written anew, and how many entries it covers

The entries are read once, in one snapshot. Memory is constant but for one small item per stream, sealing key and
checkpoint. Nothing that is stored is believed for itself: neither a column, nor a size that stands beside a note.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from audit.crew import Crew, Task, bounds_of, is_worth_a_crew
from audit.errors import CouldNotCheck
from audit.finding import Finding, shown
from audit.heads import LOOK_UPS_MIN, check_heads
from audit.naming import Evidence, conclude
from audit.notes import (
    CheckedCheckpoint,
    LogAsComputed,
    StoredNote,
    judge_keys,
    judge_notes,
    judge_outside,
    read_notes,
    read_since,
    refusal_of,
)
from audit.passage import Passage
from audit.quorum import Quorum, judge_policy
from audit.result import Anchor, Verification
from ledger.checkpoint import Checkpoint
from ledger.errors import LedgerError
from ledger.key_chain import KeyChain, follow
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.policy import Policy
from ledger.signer_state import read_state
from ledger.store import Inspectable, Inspection, Store
from ledger.store_errors import StoreDamaged, StoreError

Progress = Callable[[int, int], None]  # (entries checked, entries in all), every few hundred entries and at the end


def verify(
    store: Inspectable,
    *,
    keys: KeyStore | None = None,
    log_verifier: Verifier | None = None,
    policy: Policy | None = None,
    since: bytes | None = None,
    on_progress: Progress | None = None,
    findings_max: int = 1_000,
    express: bool = True,
    jobs: int = 1,
) -> Verification:
    """Verify a log; `since` is a signed checkpoint that somebody kept elsewhere.

    With `jobs`, so many processes share the work, where the log is long enough for it to gain anything; what is said
    is the same. Checkpoints are verified with `log_verifier`, else with the log's keys in `policy`, else with the
    public key in the key store, and with the keys that these announced or were announced by, else, which
    is weaker and said so, with the key that the log announces. Without `express` every row is read the slow way, which
    says the same. Raises CouldNotCheck when the database cannot be read at all, when one of the processes is ended, or
    when `since` is no checkpoint; everything that is wrong with the log itself is a finding.
    """
    held = read_since(since) if since is not None else None
    try:
        with _inspected(store, keys, jobs) as (log, crew):
            run = _Run(log, crew, keys, log_verifier, policy, on_progress or _silent, express=express)
            return run.verified(since or b"", held, findings_max)
    except StoreError as error:
        raise CouldNotCheck(error.where, error.expected, error.found, error.mend) from error


# Private


def _silent(done: int, total: int) -> None:
    """Take a report of progress that nobody asked for."""


@contextmanager
def _inspected(store: Inspectable, keys: KeyStore | None, jobs: int) -> Iterator[tuple[Inspection, Crew | None]]:
    """Return a reader of one moment, and the processes that see it too if there are to be any."""
    with ExitStack() as stack:
        if jobs > 1 and isinstance(store, Store) and is_worth_a_crew(store):  # others have no address
            crew = stack.enter_context(Crew(store, keys, jobs))
            log = stack.enter_context(crew.inspection())
            if log is not None:
                yield log, crew
                return
    with store.inspection() as log:
        yield log, None


class _Run:
    """One verification; its methods are the steps that the module names."""

    def __init__(
        self,
        log: Inspection,
        crew: Crew | None,
        keys: KeyStore | None,
        log_verifier: Verifier | None,
        policy: Policy | None,
        on_progress: Progress,
        *,
        express: bool,
    ) -> None:
        self._log = log
        self._crew = crew
        self._keys = keys
        self._log_verifier = log_verifier
        self._policy = policy
        self._on_progress = on_progress
        self._express = express
        self._unchecked: list[str] = []

    def verified(self, since: bytes, held: Checkpoint | None, findings_max: int) -> Verification:
        passage = Passage(self._log, self._keys, express=self._express)
        remembered = self._remembered()
        self._share_out(held, remembered)
        # (1) the database, and the log row
        passage.check_database()
        # (2) to (5) everything that is read along with the entries
        notes = read_notes(passage.readable("checkpoints", self._log.checkpoints))
        evidence = self._read(passage, _sizes(notes, held, remembered))
        findings = conclude(evidence)
        # the maps of stream heads, whose entries are known now
        maps = check_heads(self._log, findings, max(LOOK_UPS_MIN, evidence.size))
        findings += maps.findings
        self._unchecked += maps.unchecked
        # (6) the checkpoints in the ledger
        computed = evidence.log_as_computed()
        chain = follow(evidence.vkeys, evidence.origin)
        verifiers = chain.with_others(self._verifiers(evidence, chain, since != b"" or bool(notes)))
        checked: list[CheckedCheckpoint] = []
        beside: list[Finding] = list(judge_keys(chain))
        for one, finding in judge_notes(notes, verifiers, computed, chain):
            checked.append(one)
            beside += [finding] if finding else []
        # (7) what is held outside
        beside += self._outside(held, since, remembered, verifiers, computed)
        beside = [_placed(finding, checked, findings) for finding in beside]
        # (8) the anchor
        anchor = _anchor(held, checked, beside, bool(verifiers))
        quorum = self._quorum(notes, since, verifiers, anchor, checked)
        if quorum is not None and quorum.size and quorum.cosigned_at:
            anchor = Anchor("quorum", quorum.size)
        return Verification(
            log=evidence.origin,
            size=evidence.size,
            root=evidence.root,
            anchor=anchor,
            sealed=evidence.sealed,
            streams=evidence.streams,
            unchecked=self._unchecked,
            checkpoints=checked,
            findings=_ordered(findings, beside)[:findings_max],
            quorum=quorum,
            keys_in_turn=len(chain.verifiers) if len(verifiers) > 1 else 1,
        )

    # Private

    def _share_out(self, held: Checkpoint | None, remembered: Checkpoint | None) -> None:
        """Let the other processes begin, so that they read while this one looks at the database."""
        if self._crew is not None:
            with suppress(StoreDamaged):  # which will be found again
                sizes = _sizes(read_notes(self._log.checkpoints()), held, remembered)
                self._crew.begin(Task(bounds_of(self._log.head().size, self._crew.jobs), sizes, self._express))

    def _read(self, passage: Passage, sizes: list[int]) -> Evidence:
        """Steps (2) to (5), in all processes as long as nothing is wrong, otherwise in this one."""
        evidence = passage.evidence
        whole = all(finding.kind in _LAST for finding in evidence.database)
        total = self._crew.read(self._log, self._on_progress) if self._crew is not None and whole else None
        if total is not None:
            total.put_into(evidence)
            evidence.last_head = self._log.head()
            self._unchecked += total.unopened.words()
            evidence.sealed_beside += total.unopened.destroyed()
            return evidence
        passage.read(sizes, self._on_progress)
        self._unchecked += passage.unchecked()
        evidence.sealed_beside += passage.unopened.destroyed()
        return evidence

    def _remembered(self) -> Checkpoint | None:
        """Return what the log's key signed last, as its keeper wrote it down beside the key."""
        if self._keys is None:
            return None
        try:
            return read_state(self._keys.directory, self._keys.origin)
        except LedgerError as error:
            self._unchecked.append(f"the last checkpoint that was signed: {shown(str(error))}")
            return None

    def _verifiers(self, evidence: Evidence, chain: KeyChain, needed: bool) -> list[Verifier]:
        if self._log_verifier is not None:
            return [self._log_verifier]
        if self._policy is not None:
            if own := [one for one in self._policy.logs if one.name == evidence.origin]:
                return own
            self._unchecked.append(f"policy: it names no log {evidence.origin}")
        if self._keys is not None:
            return [Verifier.parse(self._keys.verifier_key())]
        verifiers = list(chain.verifiers)
        if not needed:
            return verifiers
        if verifiers:
            self._unchecked.append("checkpoint signatures: only with the key that the log itself announces")
        else:
            self._unchecked.append("checkpoint signatures: no key of the log")
        return verifiers

    def _quorum(
        self,
        notes: list[StoredNote],
        since: bytes,
        verifiers: list[Verifier],
        anchor: Anchor,
        checked: list[CheckedCheckpoint],
    ) -> Quorum | None:
        """Return what the policy says of the checkpoints whose history was found in the log; None without one."""
        if self._policy is None:
            return None
        sizes = {one.size for one in checked if one.ok}
        handed_in = [since] if anchor.kind == "since" else []
        sizes |= {anchor.size} if handed_in else set()
        stored = [note.row.note for note in notes if note.checkpoint is not None and note.checkpoint.size in sizes]
        known = [one for one in verifiers if one in self._policy.logs]
        quorum = judge_policy(self._policy, verifiers if known else (), [*handed_in, *stored], sizes)
        if not quorum.size:
            missing = ", ".join(quorum.missing) or "none"
            self._unchecked.append(f"checkpoint witnesses: the policy asks for {quorum.wanted}; missing are {missing}")
        return quorum

    def _outside(
        self,
        held: Checkpoint | None,
        since: bytes,
        remembered: Checkpoint | None,
        verifiers: list[Verifier],
        computed: LogAsComputed,
    ) -> Iterator[Finding]:
        if held is not None:
            refusal = refusal_of(since, verifiers, computed.suite) if verifiers else None
            if refusal is not None:
                expected = f"a note signed by {verifiers[0].name} (key id {verifiers[0].key_id.hex()})"
                found = shown(str(refusal))
                yield Finding("since-foreign", None, None, None, "the checkpoint handed in", expected, found)
            elif finding := judge_outside("the checkpoint handed in", held, computed):
                yield finding
        if remembered is not None and (finding := judge_outside("the last one signed", remembered, computed)):
            yield finding


def _sizes(notes: list[StoredNote], *others: Checkpoint | None) -> list[int]:
    """Return the sizes at which somebody has stated a root."""
    stated = [*(note.checkpoint for note in notes), *others]
    return [checkpoint.size for checkpoint in stated if checkpoint is not None]


def _anchor(
    held: Checkpoint | None, checked: list[CheckedCheckpoint], beside: list[Finding], verifiable: bool
) -> Anchor:
    refused = any(finding.field and finding.field.startswith("the checkpoint handed in") for finding in beside)
    if held is not None and verifiable and not refused:
        return Anchor("since", held.size)
    own = max((one.size for one in checked if one.ok), default=0)
    return Anchor("own", own) if own else Anchor("none", 0)


def _placed(finding: Finding, checked: list[CheckedCheckpoint], findings: list[Finding]) -> Finding:
    """Tie a tail that is told already to the act; give a rewritten history the first place it can have.

    Where a statement from outside is contradicted, the log's own checkpoints speak for no place: whoever wrote the
    history anew with the true key signed them anew as well.
    """
    if finding.kind == "deleted-tail" and any(one.kind == "deleted-tail" for one in findings):
        return replace(finding, consequence_of=finding.position)
    if finding.kind != "history-rewritten":
        return finding
    if (finding.field or "").startswith("the checkpoint handed in"):
        return replace(finding, position=0)
    size = int((finding.field or "0").rpartition(" ")[2])
    return replace(finding, position=max((one.size for one in checked if one.ok and one.size < size), default=0))


def _ordered(findings: list[Finding], beside: list[Finding]) -> list[Finding]:
    """Put acts before what follows from them, and what the database says of itself last."""
    everything = [*findings, *beside]
    acts = [one for one in everything if one.consequence_of is None and one.kind not in _LAST]
    return [
        *acts,
        *(one for one in everything if one.consequence_of is None and one.kind in _LAST),
        *(one for one in everything if one.consequence_of is not None),
    ]


_LAST = ("schema", "pages")

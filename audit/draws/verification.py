"""Repeating a draw from the log: each thing that somebody could have bent, looked at by itself."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audit.draws.inspectors import serving
from audit.draws.making import Lots, draw_lots, inspection_of
from audit.draws.pool import pool_of, selection_of, strata_of
from audit.draws.seed import fits, size_of_announcement
from audit.draws.weights import flag_weights
from audit.errors import CouldNotCheck
from audit.finding import shown
from audit.flags.rule import Rule
from audit.notes import refusal_of
from domain.draw import METHOD, PoolLine, SeedSignature, assigned, pool_digest, seed_of
from domain.events.inspection import DrawAnnounced, DrawMade, SampleDrawn
from domain.fields import Recusal, Stratum
from domain.inspection import Inspection
from domain.recorded import Recorded
from domain.vocabulary import RecusalGround, Weighting
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.cosignatures import note_with, union
from ledger.errors import FormatError
from ledger.key_chain import read_chain
from ledger.ledger import Ledger
from ledger.merkle import Frontier
from ledger.note import NoteSignature, Verifier, split_note
from ledger.policy import Policy
from ledger.store import Reader
from ledger.witness import SEED_TIME

_BATCH: Final = 1_000
Advance = Callable[[int], None]


class Verdict(StrEnum):
    """What is said of one thing: as it must be, bent, or not to be known here."""

    SOUND = "sound"
    BENT = "bent"
    UNCHECKED = "unchecked"


class Question(StrEnum):
    """What is looked at, in this order."""

    ORDER = "order"  # announced once, drawn once, and not given up before
    PLAN = "plan"  # how manieth draw of its plan the announcement says it is
    METHOD = "method"
    MOMENT = "moment"  # the pool is taken from entries before the announcement
    POOL = "pool"
    WEIGHTS = "weights"  # by red flags: the rules find as many again
    SIZES = "sizes"
    INSPECTORS = "inspectors"
    HISTORY = "history"  # the entries lead to the root that the seed is made from
    CHECKPOINT = "checkpoint"  # the one that ends with the announcement, and the log's key signed it
    WITNESSES = "witnesses"  # their signatures
    POLICY = "policy"  # whether they are witnesses that the reader trusts
    SEED = "seed"
    CASES = "cases"
    RECUSALS = "recusals"
    PARTIES = "parties"  # who goes where


@dataclass(frozen=True, slots=True)
class Check:
    """One question, its verdict, and where that is not sound what was expected and found."""

    question: Question
    verdict: Verdict
    expected: str = ""
    found: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the check as JSON has it; what was expected and found only where it differs."""
        told = {"check": self.question.value, "verdict": self.verdict.value}
        return told if self.verdict is Verdict.SOUND else {**told, "expected": self.expected, "found": self.found}


def verify_draw(
    ledger: Ledger,
    number: str,
    keys: Sequence[Verifier],
    policy: Policy | None,
    rules: Mapping[str, Rule],
    advance: Advance = lambda _: None,
) -> list[Check]:
    """Return what is to be said of each question about a draw, as far as the draw has come.

    `keys` are those of the log; `policy` is the reader's own, None when he brings none, and then the witnesses are
    those that the announcement names. `rules` by id are those that weights by red flags are repeated with. Raises
    CouldNotCheck for a number that was never announced.
    """
    state = inspection_of(ledger, number)
    if state.announced is None:
        mend = "`mingzhang register inspections` lists the draws there are"
        raise CouldNotCheck(f"inspection {number}", "an announced draw", "none of this number", mend)
    repeated = _Repeated(ledger, state, state.announced, number)
    checks = [repeated.order(), repeated.plan(), repeated.method(), repeated.moment()]
    if any(one.verdict is Verdict.BENT and one.question in (Question.METHOD, Question.MOMENT) for one in checks):
        return checks
    pool = pool_of(ledger, selection_of(state.announced), state.weights)
    checks += [*repeated.pool(pool), *repeated.weights(pool, rules, advance), repeated.inspectors()]
    if state.made is None:
        return checks
    checks += repeated.seed(state.made, keys, policy, advance)
    return [*checks, *repeated.lots(pool, state.made)]


def is_bent(checks: Sequence[Check]) -> bool:
    """Tell whether anything is bent."""
    return any(one.verdict is Verdict.BENT for one in checks)


# Private


@dataclass(frozen=True, slots=True)
class _Repeated:
    """One draw, looked at again."""

    ledger: Ledger
    state: Inspection
    announced: DrawAnnounced
    number: str

    @property
    def announcement(self) -> Recorded:
        """The entry that laid the draw down."""
        return self.state.announcements[0]

    def order(self) -> Check:
        state = self.state
        found = f"{len(state.announcements)} announcements, {len(state.draws)} draws"
        bent = len(state.announcements) > 1 or len(state.draws) > 1
        if state.draws and state.abandoned is not None:
            bent, found = True, f"{found}, and given up"
        if state.draws and state.draws[0].position < self.announcement.position:
            bent, found = True, "a draw before its announcement"
        made = state.made
        if made is not None and (made.cites.seq, made.cites.stream) != (
            self.announcement.seq,
            self.announcement.stream,
        ):
            bent, found = True, f"a draw of the announcement {made.cites.stream} {made.cites.seq}"
        return _check(Question.ORDER, not bent, "one announcement, then at most one draw", found)

    def plan(self) -> Check:
        records = self.ledger.events_of_type(DrawAnnounced.TOPIC, open_sealed=False)
        before = sum(
            isinstance(one.event, DrawAnnounced) and one.event.plan == self.announced.plan
            for one in records
            if one.position < self.announcement.position
        )
        return _same(Question.PLAN, f"attempt {before + 1}", f"attempt {self.announced.attempt}")

    def method(self) -> Check:
        return _same(Question.METHOD, str(METHOD), str(self.announced.method))

    def moment(self) -> Check:
        position, known_at = self.announcement.position, self.announced.known_at
        return _check(Question.MOMENT, known_at <= position, f"at most {position} entries", f"{known_at} entries")

    def pool(self, pool: Sequence[PoolLine]) -> Iterator[Check]:
        announced = self.announced
        cases = sum(one.cases for one in announced.strata)
        expected, found = f"{len(pool)} cases, {pool_digest(pool)}", f"{cases} cases, {announced.pool_fingerprint}"
        yield _same(Question.POOL, expected, found)
        strata = strata_of(pool, announced.size_rule, announced.size)
        yield _check(Question.SIZES, strata == announced.strata, _strata(strata), _strata(announced.strata))

    def weights(self, pool: Sequence[PoolLine], rules: Mapping[str, Rule], advance: Advance) -> Iterator[Check]:
        announced = self.announced
        if announced.weighting is not Weighting.FLAGS or announced.rules is None or announced.weighed_on is None:
            return
        missing = [rule for rule in announced.rules if rule not in rules]
        if missing:
            yield Check(Question.WEIGHTS, Verdict.UNCHECKED, _text(announced.rules), f"no rule {_text(missing)} here")
            return
        chosen = [rules[rule] for rule in announced.rules]
        try:
            again = flag_weights(self.ledger, chosen, selection_of(announced), announced.weighed_on, advance)
        except CouldNotCheck as error:
            yield Check(Question.WEIGHTS, Verdict.UNCHECKED, error.expected, error.found)
            return
        differing = [line for line in pool if line.weight != again.get(line.case, 1)]
        expected = _text(f"{line.case} {again.get(line.case, 1)}" for line in differing)
        yield _check(Question.WEIGHTS, not differing, expected, _text(f"{one.case} {one.weight}" for one in differing))

    def inspectors(self) -> Check:
        announced = self.announced
        known = serving(self.ledger, announced.posts, announced.occurred_on, announced.known_at)
        expected = tuple(staff for staff in known if staff not in announced.stood_down)
        same = expected == announced.inspectors
        return _check(Question.INSPECTORS, same, _text(expected), _text(announced.inspectors))

    def seed(
        self, made: DrawMade, keys: Sequence[Verifier], policy: Policy | None, advance: Advance
    ) -> Iterator[Check]:
        with self.ledger.store.snapshot() as reader:
            size = size_of_announcement(reader, self.announcement)
            checkpoint = Checkpoint(reader.origin, made.size, base64.b64decode(made.root))
            if made.size != size:
                expected = f"the checkpoint of {size} entries, which ends with the announcement"
                yield Check(Question.CHECKPOINT, Verdict.BENT, expected, f"one of {made.size} entries")
                return
            yield _same(Question.HISTORY, made.root, _root(reader, size, advance))
            yield self._checkpoint(reader, checkpoint, keys)
        text = checkpoint_text(checkpoint)
        signatures = dict(zip(self.announced.witnesses, made.cosignatures, strict=False))
        false = [vkey for vkey in self.announced.witnesses if not fits(text, vkey, signatures.get(vkey, ""))]
        told = f"none of {_text(vkey.partition('+')[0] for vkey in false)}"
        signed = bool(signatures) and not false
        yield _check(Question.WITNESSES, signed, "a true signature of each named witness, of one at least", told)
        if policy is not None and signed:
            yield self._policy(policy, checkpoint, made)
        seed = seed_of(self.number, text.decode(), (SeedSignature(*one) for one in signatures.items()))
        yield _same(Question.SEED, seed, made.seed)

    def lots(self, pool: Sequence[PoolLine], made: DrawMade) -> Iterator[Check]:
        lots = draw_lots(self.ledger, self.announced, pool, made.seed)
        found = self.state.samples
        expected = [(rank, line.case) for rank, line in enumerate(lots.cases, 1)]
        same = made.drawn == len(found) and expected == [(one.rank, one.case) for one in found]
        drawn = [f"{made.drawn} cases", *(one.case for one in found)]
        should = [f"{len(expected)} cases", *(case for _, case in expected)]
        yield _check(Question.CASES, same, _text(should), _text(drawn))
        if same:  # of other cases nothing more can be compared
            yield _recusals(self.ledger, lots, found)
            yield self._parties(lots, made, found)

    def _parties(self, lots: Lots, made: DrawMade, found: Sequence[SampleDrawn]) -> Check:
        """Compare who goes where, given who is said to be recused: that is a question of its own."""
        announced = self.announced
        team = tuple(lots.inspectors[: announced.team_size])
        if team != made.team:
            return Check(Question.PARTIES, Verdict.BENT, _text(team), _text(made.team))
        cases = [one.case for one in found]
        recused = {one.case: {each.staff for each in one.recused} for one in found}
        parties = assigned(made.seed, cases, lots.inspectors, announced.team_size, announced.each, recused)
        for one, party in zip(found, parties, strict=True):
            if one.inspectors != party:
                where = f"{one.case}: "
                return Check(Question.PARTIES, Verdict.BENT, where + _text(party), where + _text(one.inspectors))
        return Check(Question.PARTIES, Verdict.SOUND)

    def _checkpoint(self, reader: Reader, checkpoint: Checkpoint, keys: Sequence[Verifier]) -> Check:
        """The log's own signature is kept beside the log, not in it; without it the witnesses' still stand."""
        known = [*keys, *(key for key in read_chain(reader).verifiers if key not in keys)]
        text = checkpoint_text(checkpoint)
        for stored in union(one.note for one in reader.checkpoints() if one.size == checkpoint.size):
            if stored.startswith(text + b"\n") and refusal_of(stored, known, reader.suite) is None:
                return Check(Question.CHECKPOINT, Verdict.SOUND)
        expected = f"a checkpoint of {checkpoint.size} entries, kept in the ledger, that the log's key signed"
        return Check(Question.CHECKPOINT, Verdict.UNCHECKED, expected, "none")

    def _policy(self, policy: Policy, checkpoint: Checkpoint, made: DrawMade) -> Check:
        """Say whether the seed's witnesses are a quorum of the reader's own policy; the log's key is another matter."""
        lines = []
        for vkey, signature in zip(self.announced.witnesses, made.cosignatures, strict=False):
            verifier = Verifier.parse(vkey)
            raw = SEED_TIME.to_bytes(8, "big") + base64.b64decode(signature)
            lines.append(NoteSignature(verifier.name, verifier.key_id, raw))
        stored = union(one.note for one in self.ledger.store.checkpoints() if one.size == checkpoint.size)
        text = checkpoint_text(checkpoint)
        lines += [line for note in stored if note.startswith(text + b"\n") for line in split_note(note)[1]]
        try:
            judgement = policy.judge(note_with(text, lines))
        except FormatError as error:
            return Check(Question.POLICY, Verdict.UNCHECKED, policy.quorum_text(), str(error))
        if judgement.satisfied:
            return Check(Question.POLICY, Verdict.SOUND)
        found = f"missing are {', '.join(judgement.missing)}"
        return Check(Question.POLICY, Verdict.UNCHECKED, policy.quorum_text(), found)


def _recusals(ledger: Ledger, lots: Lots, found: Sequence[SampleDrawn]) -> Check:
    """Compare who is recused; kinship is sealed, and what is not seen without a key is neither true nor false."""
    blind = ledger.keys is None or lots.recusals.unopened > 0
    unseen = 0
    for one in found:
        expected, recorded = set(lots.recusals.by_case[one.case]), set(one.recused)
        unproved = {each for each in recorded - expected if blind and each.ground is RecusalGround.KIN}
        unseen += len(unproved)
        if recorded - unproved != expected:
            where = f"{one.case}: "
            return Check(Question.RECUSALS, Verdict.BENT, where + _grounds(expected), where + _grounds(recorded))
    if blind:
        facts = lots.recusals.unopened
        told = f"{unseen} recusals on the bureau's word, {facts} sealed facts closed"
        return Check(Question.RECUSALS, Verdict.UNCHECKED, "every sealed fact that tells who is kin", told)
    return Check(Question.RECUSALS, Verdict.SOUND)


def _root(reader: Reader, size: int, advance: Advance) -> str:
    """Return the root that the stored entries themselves lead to."""
    tree = Frontier(reader.suite)
    for record in reader.records(0, size):
        tree.append(reader.suite.leaf(record.entry))
        if tree.size % _BATCH == 0:
            advance(_BATCH)
    advance(tree.size % _BATCH)
    return base64.b64encode(tree.root()).decode()


def _same(question: Question, expected: str, found: str) -> Check:
    return _check(question, expected == found, expected, found)


def _check(question: Question, is_sound: bool, expected: str, found: str) -> Check:
    return Check(question, Verdict.SOUND) if is_sound else Check(question, Verdict.BENT, expected, found)


def _text(items: Iterable[object]) -> str:
    return shown(", ".join(map(str, items)) or "none")


def _strata(strata: Iterable[Stratum]) -> str:
    return _text(f"{one.name} {one.sample}/{one.cases} weight {one.weight}" for one in strata)


def _grounds(recusals: Iterable[Recusal]) -> str:
    return _text(sorted(f"{one.staff} {one.ground}" for one in recusals))

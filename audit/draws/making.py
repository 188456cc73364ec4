"""Announcing a draw, making it, and giving it up: what is computed from the log, and what is recorded of it."""

import base64
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audit.draws.inspectors import Recusals, recusals_of, serving
from audit.draws.pool import Selection, pool_of, selection_of, strata_of
from audit.draws.seed import Seed, check_witness, seed_of_draw
from audit.errors import CouldNotCheck
from domain.draw import METHOD, PoolLine, assigned, drawn_cases, drawn_inspectors, pool_digest, seed_of
from domain.events.base import Event
from domain.events.inspection import DrawAbandoned, DrawAnnounced, DrawMade, DrawWeighted, SampleDrawn
from domain.fields import CaseWeight, Citation
from domain.inspection import Inspection, fold_inspection
from domain.inspection_rules import check_abandonment, check_announcement, check_draw
from domain.recorded import Recorded
from domain.vocabulary import AbandonGround, Post, SampleSize, Weighting
from ledger.entry import encode_name
from ledger.ledger import Command, Draft, Ledger, Recording
from ledger.note import Verifier

KIND: Final = "inspection"
WEIGHTS_PER_ENTRY: Final = 400
Clock = Callable[[], datetime.datetime]


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants drawn; `weights` by case, those of 1 left out; `each` inspectors go to a case.

    `rules` and the day `weighed_on` say where weights by red flags come from; None for others.
    """

    number: str
    plan: str
    occurred_on: datetime.date
    selection: Selection
    weighting: Weighting
    weights: Mapping[str, int]
    weighed_on: datetime.date | None
    rules: tuple[str, ...] | None
    size_rule: SampleSize
    size: int
    posts: tuple[Post, ...]
    stood_down: tuple[str, ...]
    team_size: int | None
    each: int
    witnesses: tuple[str, ...]
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Lots:
    """What a seed gives: cases in order, all inspectors in order, and who goes where."""

    seed: str
    cases: list[PoolLine]
    inspectors: list[str]
    team_size: int
    recusals: Recusals
    parties: list[tuple[str, ...]]


def stream_of(number: str) -> str:
    """Return the name of an inspection's stream; raises FormatError for a number that cannot be one."""
    return encode_name(KIND, number)


def inspection_of(ledger: Ledger, number: str) -> Inspection:
    """Return an inspection as the log has it, opened where the keys allow."""
    return fold_inspection(ledger.stream(stream_of(number)))


def announce(ledger: Ledger, plan: Plan, by: str, clock: Clock) -> tuple[Recorded, ...]:
    """Record what will be drawn from, and how; return the entries, of which the announcement is the first.

    Raises InspectionRefused for a step out of order, CouldNotCheck for an empty pool or too few inspectors.
    """
    pool = pool_of(ledger, plan.selection, plan.weights)
    if not pool:
        mend = "choose another month, region, programme or status"
        raise CouldNotCheck("the pool", "a case to draw", "none", mend)
    inspectors = _inspectors(ledger, plan)
    _check_witnesses(plan.witnesses)
    weighted = [line for line in pool if line.weight > 1]
    chunks = [weighted[at : at + WEIGHTS_PER_ENTRY] for at in range(0, len(weighted), WEIGHTS_PER_ENTRY)]

    def work(recording: Recording) -> tuple[Recorded, ...]:
        attempt = _check_announcement(recording, plan)
        events: list[Event] = [_announcement(plan, pool, inspectors, attempt)]
        for chunk in chunks:
            weights = tuple(CaseWeight(case=line.case, weight=line.weight) for line in chunk)
            events.append(DrawWeighted(number=plan.number, weights=weights))
        return recording.record(command_of(plan.number, by, events))

    return ledger.record(clock, work)


def draw_lots(ledger: Ledger, announced: DrawAnnounced, pool: Sequence[PoolLine], seed: str) -> Lots:
    """Return what a seed gives, from the pool and the inspectors as the announcement's own moment has them."""
    samples = {one.name: one.sample for one in announced.strata}
    samples |= dict.fromkeys({line.stratum for line in pool} - samples.keys(), 0)  # of a pool that was bent
    cases = drawn_cases(seed, pool, samples)
    inspectors = drawn_inspectors(seed, announced.inspectors)
    numbers = [line.case for line in cases]
    recusals = recusals_of(ledger, numbers, announced.inspectors, announced.known_at)
    parties = assigned(seed, numbers, inspectors, announced.team_size, announced.each, recusals.staff())
    return Lots(seed, cases, inspectors, announced.team_size, recusals, parties)


def make(ledger: Ledger, number: str, keys: Sequence[Verifier], by: str, clock: Clock) -> tuple[Recorded, ...]:
    """Make an announced draw from its seed and record what came out.

    Raises InspectionRefused out of order, SeedMissing, and CouldNotCheck without the keys that tell who is kin.
    """
    state = inspection_of(ledger, number)
    check_draw(state, number)
    announcement = state.announcements[0]
    with ledger.store.snapshot() as reader:
        seed = seed_of_draw(reader, announcement, keys)
    if ledger.keys is None:
        mend = "give the key folder with --keys: whoever is kin in a drawn case must not be sent there"
        raise CouldNotCheck("who is recused", "the keys of the ledger", "none", mend)
    announced = state.announced
    assert announced is not None
    pool = pool_of(ledger, selection_of(announced), state.weights)
    lots = draw_lots(ledger, announced, pool, seed_of(number, seed.text, seed.signatures))
    events = _drawn_events(number, announcement, seed, lots)

    def work(recording: Recording) -> tuple[Recorded, ...]:
        check_draw(fold_inspection(recording.stream(stream_of(number))), number)
        return recording.record(command_of(number, by, events))

    return ledger.record(clock, work)


def abandon(
    ledger: Ledger,
    number: str,
    ground: AbandonGround,
    day: datetime.date,
    remark: str | None,
    by: str,
    clock: Clock,
) -> None:
    """Give an announced draw up; raises InspectionRefused for one that cannot be."""
    event = DrawAbandoned(number=number, ground=ground, occurred_on=day, remark=remark)

    def work(recording: Recording) -> None:
        check_abandonment(fold_inspection(recording.stream(stream_of(number))), number, day)
        recording.record(command_of(number, by, [event]))

    ledger.record(clock, work)


def command_of(number: str, by: str, events: Sequence[Event]) -> Command:
    """Return the command that records events in an inspection's stream."""
    return Command(str(uuid.uuid4()), by, tuple(Draft(stream_of(number), event) for event in events))


# Private


def _inspectors(ledger: Ledger, plan: Plan) -> tuple[str, ...]:
    known = serving(ledger, plan.posts, plan.occurred_on, plan.selection.known_at)
    found = tuple(staff for staff in known if staff not in plan.stood_down)
    if len(found) < plan.each:
        mend = "name further posts with --post, or fewer inspectors for each case"
        raise CouldNotCheck("the inspectors", f"at least {plan.each}", str(len(found)), mend)
    return found


def _check_witnesses(witnesses: Sequence[str]) -> None:
    if not witnesses:
        mend = "name each with --witness; `mingzhang witness draws` shows a witness's key"
        raise CouldNotCheck("the seed", "at least one witness that gives it", "none", mend)
    for vkey in witnesses:
        check_witness(vkey)


def _check_announcement(recording: Recording, plan: Plan) -> int:
    """Refuse what must not follow; return the how manieth announcement of its plan this is."""
    number = plan.number
    earlier = [one.event for one in recording.earlier_events_of_type(DrawAnnounced.TOPIC)]
    same = [one.number for one in earlier if isinstance(one, DrawAnnounced) and one.plan == plan.plan]
    states = {one: fold_inspection(recording.stream(stream_of(one))) for one in same}
    unfinished = [one for one, state in states.items() if not state.draws and state.abandoned is None]
    check_announcement(fold_inspection(recording.stream(stream_of(number))), number, unfinished)
    return len(same) + 1


def _announcement(plan: Plan, pool: list[PoolLine], inspectors: tuple[str, ...], attempt: int) -> DrawAnnounced:
    selection = plan.selection
    return DrawAnnounced(
        number=plan.number,
        plan=plan.plan,
        attempt=attempt,
        method=METHOD,
        occurred_on=plan.occurred_on,
        known_at=selection.known_at,
        month=selection.month,
        statuses=selection.statuses,
        region=selection.region,
        programme=selection.programme,
        stratification=selection.stratification,
        weighting=plan.weighting,
        weighed_on=plan.weighed_on,
        rules=plan.rules,
        size_rule=plan.size_rule,
        size=plan.size,
        strata=strata_of(pool, plan.size_rule, plan.size),
        pool_fingerprint=pool_digest(pool),
        posts=plan.posts,
        inspectors=inspectors,
        stood_down=plan.stood_down,
        team_size=min(plan.team_size or len(inspectors), len(inspectors)),
        each=plan.each,
        witnesses=plan.witnesses,
        remark=plan.remark,
    )


def _drawn_events(number: str, announcement: Recorded, seed: Seed, lots: Lots) -> list[Event]:
    checkpoint = seed.signed.checkpoint
    made = DrawMade(
        number=number,
        cites=Citation(seq=announcement.seq, stream=announcement.stream),
        size=checkpoint.size,
        root=base64.b64encode(checkpoint.root).decode(),
        cosignatures=tuple(one.signature for one in seed.signatures),
        seed=lots.seed,
        team=tuple(lots.inspectors[: lots.team_size]),
        drawn=len(lots.cases),
    )
    samples = [
        SampleDrawn(
            number=number, rank=rank, case=line.case, inspectors=party, recused=lots.recusals.by_case[line.case]
        )
        for rank, (line, party) in enumerate(zip(lots.cases, lots.parties, strict=True), 1)
    ]
    return [made, *samples]

"""Double-random inspection (双随机一公开): draws announced, made, given up; what was found and put right."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import (
    Count,
    Day,
    FreeText,
    Identifier,
    Month,
    OpenCitation,
    OpenCosignatures,
    OpenIdentifiers,
    OpenPosts,
    OpenRecusals,
    OpenStaffNumbers,
    OpenStatuses,
    OpenStrata,
    OpenVerifierKeys,
    OpenWeights,
    Ordinal,
    Region,
    TextDigest,
    TreeRoot,
)
from domain.vocabulary import (
    AbandonGround,
    EvidenceKind,
    FindingKind,
    FindingSeverity,
    InspectionOutcome,
    Programme,
    PublicPlace,
    SampleSize,
    Stratification,
    Weighting,
)


class DrawAnnounced(Event):
    """A draw was laid down before anybody could know what it gives (双随机一公开; docs/draws.md).

    The pool are the cases that the first `known_at` entries know, of these statuses in `month`; the digest of their
    list is `pool_fingerprint`. The seed will come from the checkpoint that ends with this command, by the keys
    `witnesses`, all of them. `attempt` counts the announcements that serve one `plan`. `inspectors` are those who held
    one of `posts` on `occurred_on`, without `stood_down`. Weights by red flags count those of `rules` on `weighed_on`.
    """

    TOPIC: ClassVar[str] = "draw.announced/1"

    number: Identifier
    plan: Identifier
    attempt: Ordinal
    method: Ordinal
    occurred_on: Day
    known_at: Count
    month: Month
    statuses: OpenStatuses
    region: Region | None = None
    programme: Programme | None = None
    stratification: Stratification
    weighting: Weighting
    weighed_on: Day | None = None
    rules: OpenIdentifiers | None = None
    size_rule: SampleSize
    size: Ordinal
    strata: OpenStrata
    pool_fingerprint: TextDigest
    posts: OpenPosts
    inspectors: OpenStaffNumbers
    stood_down: OpenStaffNumbers
    team_size: Ordinal
    each: Ordinal
    witnesses: OpenVerifierKeys
    remark: FreeText | None = None


class DrawWeighted(Event):
    """Weights of an announced draw's cases, of the same command; a case that is in no such list has weight 1."""

    TOPIC: ClassVar[str] = "draw.weighted/1"

    number: Identifier
    weights: OpenWeights


class DrawMade(Event):
    """The draw was made: from the checkpoint of `size` entries, the witnesses' signatures under it, and so `seed`.

    `cosignatures` stand in the order of the announcement's `witnesses`. `team` are the drawn inspectors, in the order
    in which they came out; the drawn cases follow as entries of the same command, `drawn` in number.
    """

    TOPIC: ClassVar[str] = "draw.made/1"

    number: Identifier
    cites: OpenCitation
    size: Ordinal
    root: TreeRoot
    cosignatures: OpenCosignatures
    seed: TextDigest
    team: OpenStaffNumbers
    drawn: Count


class SampleDrawn(Event):
    """A case came out of a draw as the one of this rank, and these inspectors go there.

    `recused` names those who may not; a ground is one word, and of whom somebody is kin is not said.
    """

    TOPIC: ClassVar[str] = "sample.drawn/1"

    number: Identifier
    rank: Ordinal
    case: Identifier
    inspectors: OpenStaffNumbers
    recused: OpenRecusals


class DrawAbandoned(Event):
    """An announced draw will not be made. It stays to be seen for ever, and why."""

    TOPIC: ClassVar[str] = "draw.abandoned/1"

    number: Identifier
    ground: AbandonGround
    occurred_on: Day
    remark: FreeText | None = None


class DrawPublished(Event):
    """The result of an inspection was made public."""

    TOPIC: ClassVar[str] = "draw.published/1"

    number: Identifier
    place: PublicPlace
    occurred_on: Day


class SampleInspected(Event):
    """A drawn case was inspected. Others than the drawn inspectors went only for a reason, which is then stated."""

    TOPIC: ClassVar[str] = "sample.inspected/1"

    number: Identifier
    case: Identifier
    inspectors: OpenStaffNumbers
    occurred_on: Day
    outcome: InspectionOutcome
    substitution: FreeText | None = None


class FindingRecorded(Event):
    """Something is wrong with a drawn case, and is to be put right by `due_on`."""

    TOPIC: ClassVar[str] = "finding.recorded/1"

    number: Identifier
    finding: Ordinal
    case: Identifier
    kind: FindingKind
    severity: FindingSeverity
    occurred_on: Day
    due_on: Day
    fact: FreeText | None = None


class RectificationReported(Event):
    """The office that was inspected says that the finding is put right, and what shows it."""

    TOPIC: ClassVar[str] = "rectification.reported/1"

    number: Identifier
    finding: Ordinal
    occurred_on: Day
    evidence: EvidenceKind
    measures: FreeText | None = None


class RectificationReturned(Event):
    """What was reported does not put the finding right; the deadline stands."""

    TOPIC: ClassVar[str] = "rectification.returned/1"

    number: Identifier
    finding: Ordinal
    occurred_on: Day
    reason: FreeText | None = None


class RectificationAccepted(Event):
    """The finding is put right, and closed."""

    TOPIC: ClassVar[str] = "rectification.accepted/1"

    number: Identifier
    finding: Ordinal
    occurred_on: Day


class RectificationExtended(Event):
    """The finding may be put right until a later day."""

    TOPIC: ClassVar[str] = "rectification.extended/1"

    number: Identifier
    finding: Ordinal
    occurred_on: Day
    due_on: Day
    reason: FreeText | None = None

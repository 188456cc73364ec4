"""The pieces of a case's state: one small record per thing a case file (一户一档) holds.

Fields bear the names of the events they come from; a field is None until an event says it, and stays None where its
event was read without the key. `positions` are those of the entries that said something of the part.
"""

import datetime
from dataclasses import dataclass, field

from domain.transfer_months import Link, kind_of


@dataclass(slots=True)
class Application:
    """What was applied for, when and how, and when the office accepted it."""

    programme: str | None = None
    channel: str | None = None
    region: str | None = None
    village: str | None = None
    head_name: str | None = None
    head_citizen_id: str | None = None
    applied_on: datetime.date | None = None
    accepted_on: datetime.date | None = None
    officer: str | None = None
    officer_text: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Contact:
    """Where the household can be reached."""

    telephone: str | None = None
    address: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Payee:
    """The account that aid is paid into."""

    bank: str | None = None
    account: str | None = None
    holder: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Consent:
    """When the household authorised the means test, and pledged the truth."""

    authorized_on: datetime.date | None = None
    pledged_on: datetime.date | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A person of the household; `member` is a number local to the case."""

    member: int
    relation: str | None = None
    counted: bool = False
    name: str | None = None
    citizen_id: str | None = None
    declared_income_fen: int | None = None
    counted_from: str | None = None
    counted_until: str | None = None
    disability_kind: str | None = None
    disability_grade: int | None = None
    health: str | None = None
    at_school: str | None = None
    work_ability: str | None = None
    died_on: datetime.date | None = None
    death_received_on: datetime.date | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Check:
    """One answer of the means test."""

    member: int | None = None
    item: str | None = None
    queried_on: datetime.date | None = None
    answered_on: datetime.date | None = None
    office: str | None = None
    result: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """One home visit: who went, what they counted and wrote."""

    surveyed_on: datetime.date
    persons: int | None = None
    surveyor_1: str | None = None
    surveyor_2: str | None = None
    surveyor_1_text: str | None = None
    surveyor_2_text: str | None = None
    income_fen: int | None = None
    score: str | None = None
    opinion: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Publicity:
    """One posting in the community, and an objection to it."""

    opened_on: datetime.date
    closed_on: datetime.date | None = None
    place: str | None = None
    objection: str | None = None
    answer: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Ruling:
    """The decision on the application: `outcome` is confirmed, refused or terminated."""

    outcome: str | None = None
    decided_on: datetime.date | None = None
    delegated: bool | None = None
    confirmer: str | None = None
    confirmer_text: str | None = None
    deciding_office: str | None = None
    reason: str | None = None
    extension_reason: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Grant:
    """What the confirmation grants; `position` is that of the first entry that says so."""

    position: int
    decided_on: datetime.date | None = None
    effective_from: str | None = None
    amount_fen: int | None = None
    review_class: str | None = None
    care_grade: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """One decision on the running case; `kind` is the word of 变更类型."""

    position: int
    command: str
    kind: str
    decided_on: datetime.date
    effective_from: str
    amount_fen: int | None = None
    ground: str | None = None
    reason: str | None = None
    persons: int | None = None
    income_fen: int | None = None
    care_grade: str | None = None
    handler: str | None = None
    handler_text: str | None = None
    confirmer: str | None = None
    confirmer_text: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class CountyVisit:
    """The county's own visit to the household before the decision."""

    visited_on: datetime.date
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Filing:
    """The case filed as one of a relative of `staff`, and the county's own visit to it."""

    staff: str | None = None
    staff_text: str | None = None
    relation: str | None = None
    relation_text: str | None = None
    filed_on: datetime.date | None = None
    visited_on: datetime.date | None = None
    visitor: str | None = None
    visitor_text: str | None = None
    conclusion: str | None = None
    closed_on: datetime.date | None = None
    closing_reason: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Recusal:
    """An officer who stands aside in this case."""

    recused_on: datetime.date
    staff: str | None = None
    staff_text: str | None = None
    reason: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Review:
    """One periodic review."""

    reviewed_on: datetime.date
    conclusion: str | None = None
    reviewer: str | None = None
    reviewer_text: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Instruction:
    """One line of a disbursement plan."""

    batch: str
    pay_month: str
    month: str
    amount_fen: int
    account: str | None = None
    holder: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Transfer:
    """One line of a bank slip: `status` is settled or returned; `original` the transfer it replaces.

    `month` is the one the slip itself says; `CaseState.benefit_month` follows the chain of originals.
    """

    transfer: str
    status: str | None = None
    batch: str | None = None
    cash_month: str | None = None
    booked_on: datetime.date | None = None
    amount_fen: int | None = None
    original: str | None = None
    month: str | None = None
    return_reason: str | None = None
    account: str | None = None
    holder: str | None = None
    remark: str | None = None
    positions: list[int] = field(default_factory=list)

    @property
    def link(self) -> Link:
        """What decides the month that the money is for."""
        return Link(self.transfer, self.cash_month, self.month, self.original)

    @property
    def kind(self) -> str:
        """Regular, reissue or arrears."""
        return kind_of(self.link).value


@dataclass(slots=True)
class CreditNotice:
    """A dishonesty entry that names this case."""

    decided_on: datetime.date
    begins_on: datetime.date
    ends_on: datetime.date
    member: int | None = None
    fact: str | None = None
    subject_citizen_id: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Recovery:
    """Money to get back. Outstanding = refund + fine − repaid − waived − written off, at every moment."""

    order: str
    cause: str | None = None
    ordered_on: datetime.date | None = None
    refund_fen: int = 0
    fine_fen: int = 0
    repaid_fen: int = 0
    waived_fen: int = 0
    written_off_fen: int = 0
    first_month: str | None = None
    last_month: str | None = None
    months_text: str | None = None
    last_movement_on: datetime.date | None = None
    document: str | None = None
    document_text: str | None = None
    positions: list[int] = field(default_factory=list)

    @property
    def outstanding_fen(self) -> int:
        """What is still to come back."""
        return self.refund_fen + self.fine_fen - self.repaid_fen - self.waived_fen - self.written_off_fen


@dataclass(slots=True)
class Appeal:
    """One appeal; `position` is that of the entry by which its outcome reached the case."""

    number: str
    kind: str | None = None
    lodged_on: datetime.date | None = None
    grounds: str | None = None
    decided_on: datetime.date | None = None
    outcome: str | None = None
    amount_fen: int | None = None
    effective_from: str | None = None
    position: int | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Disposition:
    """What supervision made of a red flag; `rests_on` is what the flag rested on then."""

    rule: str
    outcome: str
    disposed_on: datetime.date
    month: str | None = None
    reference: str | None = None
    reason: str | None = None
    rests_on: str | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Entrustment:
    """The household's passbook or card in somebody else's hands, by the agreement of `agreed_on`."""

    agreed_on: datetime.date
    keeper: str | None = None
    keeper_text: str | None = None
    reason: str | None = None
    filed_on: datetime.date | None = None
    returned_on: datetime.date | None = None
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Completion:
    """Blank cells of an earlier row that were filled later and that no event of its own carries."""

    stream: str
    seq: int
    cells: tuple[tuple[str, str], ...] = ()
    positions: list[int] = field(default_factory=list)

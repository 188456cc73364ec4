"""One case as the rules see it: its folded state, its entitlement, and answers month by month, each worked out once."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from domain.case import CaseState, entitlement_of
from domain.case_parts import Grant, Member, Transfer
from domain.entitlement import Entitlement
from domain.months import months_between
from domain.recorded import Recorded
from domain.transfer_months import Link, benefit_month
from domain.vocabulary import CaseStatus

LinkOf = Callable[[str], Link | None]


@dataclass
class CaseFile:
    """A case. `records` are its entries in the order of position; `closed` topics whose sealed part stayed closed.

    `link_elsewhere` finds transfers that stand in another case's file; months are `YYYY-MM`.
    """

    case: str
    state: CaseState
    records: Sequence[Recorded] = ()
    closed: frozenset[str] = frozenset()
    link_elsewhere: LinkOf = field(default=lambda transfer: None)
    _statuses: dict[str, CaseStatus] = field(default_factory=dict)

    @property
    def programme(self) -> str | None:
        """救助项目."""
        return self.state.application.programme if self.state.application else None

    @property
    def region(self) -> str | None:
        """The township's code, 9 digits; 6 where no more is known."""
        return self.state.application.region if self.state.application else None

    @property
    def accepted_on(self) -> datetime.date | None:
        """受理日期: every clock starts here."""
        return self.state.application.accepted_on if self.state.application else None

    @property
    def decided_on(self) -> datetime.date | None:
        """决定日期 of the decision on the application."""
        return self.state.ruling.decided_on if self.state.ruling else None

    @property
    def grant(self) -> Grant | None:
        """What the confirmation granted."""
        return self.state.grant

    @cached_property
    def entitlement(self) -> Entitlement:
        """What the case is due month by month."""
        return entitlement_of(self.state)

    @cached_property
    def starts_from(self) -> str | None:
        """The first month of entitlement; None when the case is not confirmed."""
        return self.entitlement.starts_from()

    @property
    def is_confirmed(self) -> bool:
        """Whether the case is confirmed, be it by an appeal."""
        return self.starts_from is not None

    def status(self, month: str) -> CaseStatus:
        """Return where the case stands in a month."""
        known = self._statuses.get(month)
        if known is None:
            known = self._statuses[month] = self.entitlement.status_in(month)
        return known

    def is_active(self, month: str) -> bool:
        """Tell whether the case is 在享 in a month: active or in grace."""
        return self.status(month) in (CaseStatus.ACTIVE, CaseStatus.GRACE)

    def months(self, first: str, last: str) -> Iterator[str]:
        """Yield the months from `first` to `last` that do not lie before the case's own first month."""
        if self.starts_from is not None:
            yield from months_between(max(first, self.starts_from), last)

    def counts(self, member: Member, month: str) -> bool:
        """Tell whether a member counts in a month."""
        return self.entitlement.members[member.member].counts_in(month)

    def counted(self, month: str) -> list[Member]:
        """Return the members who count in a month."""
        return [member for member in self.state.members.values() if self.counts(member, month)]

    @cached_property
    def transfers_by_month(self) -> dict[str, list[Transfer]]:
        """The transfers by the month that their money is for, along chains of reissues; settled and returned ones."""
        found: dict[str, list[Transfer]] = {}
        for transfer in self.state.transfers.values():
            month = benefit_month(transfer.link, self._link_of)
            if transfer.status is not None and month is not None:
                found.setdefault(month, []).append(transfer)
        return found

    def settled(self, month: str) -> list[Transfer]:
        """Return the transfers 成功 of a benefit month."""
        return [transfer for transfer in self.transfers_by_month.get(month, ()) if transfer.status == "settled"]

    def paid_fen(self, month: str) -> int:
        """Return what reached the household for a month, in fen."""
        return sum(transfer.amount_fen or 0 for transfer in self.settled(month))

    @property
    def leads_elsewhere(self) -> bool:
        """Whether a transfer replaces one that is not in this case's file."""
        transfers = self.state.transfers
        return any(one.original is not None and one.original not in transfers for one in transfers.values())

    # Private

    def _link_of(self, number: str) -> Link | None:
        found = self.state.transfers.get(number)
        return found.link if found else self.link_elsewhere(number)

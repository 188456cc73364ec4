"""A bureau that records its work live: real entries in a real ledger, for tests of the rules that read them."""

import datetime
import uuid
from collections.abc import Iterable
from pathlib import Path

from audit.flags.flag import Flag
from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, Search, search
from domain.events import appeal, application, change, decision, delivery, household, payment, recovery, verification
from domain.events.base import Event
from domain.events.standard import StandardAdopted
from domain.fields import Citation
from domain.identity import check_character
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    Channel,
    FileKind,
    HouseholdRelation,
    Programme,
    RecoveryCause,
    RepaymentManner,
    ReviewClass,
    StandardItem,
    StandardUnit,
    StopGround,
)
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger

ORIGIN = "county.example/ledger"
REGION = "520121101"
ACCOUNT = "6299010000000000018"
CASE, OTHER_CASE = "SQ52012120240300017", "SQ52012120240300018"

Finding = tuple[str, str | None, str | None]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def person(number: int, born: str = "19620315") -> str:
    """Return a sound citizen id; the same for the same number and birth date."""
    digits = f"520121{born}{number:03d}"
    return digits + check_character(digits)


class Bureau:
    """Records events under the clock's time, each step a command; months `YYYY-MM`, days as ISO text, fen."""

    case, other_case = CASE, OTHER_CASE
    account = ACCOUNT
    person = staticmethod(person)

    def __init__(self, home: Path, url: str | None = None) -> None:
        self.keys = KeyStore.create(home / "keys", ORIGIN, SHA256)
        self.url = url or f"sqlite:///{home / 'ledger.db'}"
        self.ledger = Ledger.create(self.url, ORIGIN, SHA256, self.keys)
        self._number = 0

    def tell(self, stream: str, *events: Event) -> int:
        """Record events as one command; return the position of the first."""
        command = Command(str(uuid.uuid4()), "system/import", tuple(Draft(stream, event) for event in events))
        return self.ledger.record_command(command, lambda: datetime.datetime.now(datetime.UTC))[0].position

    def open_window(self, first_month: str = "2024-01", closing_date: str = "2024-12-31") -> None:
        """Describe a delivery of every kind of file."""
        self._number += 1
        stream = f"import/{self._number:06d}"
        closing = day(closing_date)
        self.tell(stream, delivery.DeliveryDescribed(region="520121", first_month=first_month, closing_date=closing))
        self.tell(stream, *(delivery.FileReceived(file=n, kind=kind) for n, kind in enumerate(FileKind)))

    def adopt(
        self,
        item: StandardItem,
        value_hundredths: int,
        unit: StandardUnit = StandardUnit.YUAN_PERSON_MONTH,
        effective_on: str = "2020-01-01",
        region: str = "520121",
    ) -> None:
        """Adopt a standard; days and months in hundredths as well."""
        self.tell(
            "standard/" + item.name.lower().replace("_", "-"),
            StandardAdopted(
                item=item, value_hundredths=value_hundredths, unit=unit, effective_on=day(effective_on), region=region
            ),
        )

    def apply(
        self,
        case: str = CASE,
        *,
        members: Iterable[str] = (),
        programme: Programme = Programme.RURAL,
        head: str = "罗国强",
        holder: str = "罗国强",
        account: str = ACCOUNT,
        accepted_on: str = "2024-01-03",
        region: str = REGION,
    ) -> None:
        """Accept an application; the first member is the head, person 1 alone unless others are named."""
        people = list(members) or [person(1)]
        accepted = day(accepted_on)
        self.tell(
            f"case/{case}",
            application.ApplicationSubmitted(
                programme=programme,
                channel=Channel.OWN,
                occurred_on=accepted,
                region=region,
                head_name=head,
                head_citizen_id=people[0],
            ),
            application.PayeeRegistered(bank="云岭农商行", account=account, holder=holder),
            application.ApplicationAccepted(occurred_on=accepted, officer="MZ0009"),
        )
        for number, citizen_id in enumerate(people, 1):
            self.join(number, citizen_id, case)

    def join(
        self,
        number: int,
        citizen_id: str,
        case: str = CASE,
        *,
        counted: bool = True,
        counted_from: str | None = None,
        counted_until: str | None = None,
        disability: tuple[str, int] | None = None,
    ) -> None:
        """Let a person join the household, or say more of one who did."""
        events: list[Event] = [
            household.MemberJoined(
                member=number, relation=HouseholdRelation.SELF, counted=counted, name="罗国强", citizen_id=citizen_id
            )
        ]
        if disability:
            kind, grade = disability
            events.append(household.MemberDescribed(member=number, disability_kind=kind, disability_grade=grade))
        if counted_from or counted_until:
            events.append(
                household.MemberCounted(member=number, counted_from=counted_from, counted_until=counted_until)
            )
        self.tell(f"case/{case}", *events)

    def survey(self, income_fen: int, surveyed_on: str = "2024-01-08", case: str = CASE) -> None:
        """Visit the home."""
        visited = verification.SurveyCompleted(occurred_on=day(surveyed_on), persons=1, income_fen=income_fen)
        self.tell(f"case/{case}", visited)

    def confirm(
        self,
        amount_fen: int = 50_000,
        starts_from: str = "2024-02",
        case: str = CASE,
        *,
        decided_on: str = "2024-01-20",
        care_grade: str | None = None,
    ) -> None:
        """Confirm the application."""
        self.tell(
            f"case/{case}",
            decision.ApplicationConfirmed(occurred_on=day(decided_on), delegated=False, confirmer="MZ0004"),
            decision.EntitlementGranted(
                occurred_on=day(decided_on),
                effective_from=starts_from,
                amount_fen=amount_fen,
                review_class=ReviewClass.B,
                care_grade=care_grade,
            ),
        )

    def refuse(self, case: str = CASE, decided_on: str = "2024-01-20") -> None:
        """Refuse the application."""
        self.tell(f"case/{case}", decision.ApplicationRefused(occurred_on=day(decided_on), delegated=False))

    def stop(self, effective_from: str, decided_on: str | None = None, case: str = CASE) -> None:
        """Stop the case from a month."""
        decided = day(decided_on or f"{effective_from}-01")
        self.tell(
            f"case/{case}",
            change.BenefitStopped(occurred_on=decided, effective_from=effective_from, ground=StopGround.INCOME),
        )

    def change(self, kind: type[Event], effective_from: str, decided_on: str, case: str = CASE, **said: object) -> None:
        """Decide another change; `income_fen` and `care_grade` are told in the same row."""
        place = {"occurred_on": day(decided_on), "effective_from": effective_from}
        income_fen, care_grade = said.pop("income_fen", None), said.pop("care_grade", None)
        events = [kind(**place, **said)]  # type: ignore[arg-type]
        if income_fen is not None:
            events.append(change.IncomeReassessed(**place, income_fen=income_fen))  # type: ignore[arg-type]
        if care_grade is not None:
            events.append(change.CareRegraded(**place, care_grade=care_grade))  # type: ignore[arg-type]
        self.tell(f"case/{case}", *events)

    def die(self, number: int, died_on: str, case: str = CASE) -> None:
        """Note a member's death."""
        died = day(died_on)
        self.tell(f"case/{case}", household.MemberDied(member=number, occurred_on=died, received_on=died))

    def pay(
        self,
        transfer: str,
        cash_month: str,
        amount_fen: int = 50_000,
        case: str = CASE,
        *,
        returned: bool = False,
        original: str | None = None,
        month: str | None = None,
        account: str = ACCOUNT,
        booked_on: str | None = None,
        stream: str | None = None,
    ) -> int:
        """Book a line of the bank, in the case unless another stream is named; return its position."""
        moved = payment.PaymentReturned if returned else payment.PaymentSettled
        events: list[Event] = [
            moved(
                transfer=transfer,
                batch="FF202404-01",
                cash_month=cash_month,
                occurred_on=day(booked_on or f"{cash_month}-10"),
                amount_fen=amount_fen,
                case=case,
                account=account,
                holder="罗国强",
            )
        ]
        if original is not None:
            events.append(payment.PaymentReissued(transfer=transfer, original=original))
        if month is not None:
            events.append(payment.PaymentAttributed(transfer=transfer, month=month))
        return self.tell(stream or f"case/{case}", *events)

    def appeal(
        self, effective_from: str, amount_fen: int, decided_on: str, case: str = CASE, number: str = "SS2024001"
    ) -> None:
        """Lodge an appeal and let it revoke a decision, in its own stream and in the case."""
        lodged = appeal.AppealLodged(
            number=number, case=case, kind=AppealKind.RECONSIDERATION, occurred_on=day(decided_on)
        )
        said = {
            "number": number,
            "occurred_on": day(decided_on),
            "outcome": AppealOutcome.REVOKED,
            "amount_fen": amount_fen,
            "effective_from": effective_from,
        }
        self.tell(f"appeal/{number}", lodged, appeal.AppealDecided(**said))  # type: ignore[arg-type]
        cites = Citation(stream=f"appeal/{number}", seq=2)
        self.tell(f"case/{case}", appeal.AppealApplied(cites=cites, **said))  # type: ignore[arg-type]

    def order(
        self, refund_fen: int, ordered_on: str, case: str = CASE, number: str = "ZJ2024001", fine_fen: int = 0
    ) -> None:
        """Order money back, in a stream of its own and noted in the case."""
        events: list[Event] = [
            recovery.RecoveryOrdered(
                order=number, case=case, cause=RecoveryCause.FRAUD, occurred_on=day(ordered_on), refund_fen=refund_fen
            )
        ]
        if fine_fen:
            events.append(recovery.RecoveryFined(order=number, fine_fen=fine_fen))
        self.tell(f"recovery/{number}", *events)
        noted = recovery.RepaymentDemanded(
            cites=Citation(stream=f"recovery/{number}", seq=1),
            order=number,
            cause=RecoveryCause.FRAUD,
            occurred_on=day(ordered_on),
            refund_fen=refund_fen,
        )
        self.tell(f"case/{case}", noted)

    def repay(self, amount_fen: int, repaid_on: str, number: str = "ZJ2024001") -> None:
        """Book money that came back."""
        back = recovery.RecoveryRepaid(
            order=number, occurred_on=day(repaid_on), amount_fen=amount_fen, manner=RepaymentManner.INSTALMENT
        )
        self.tell(f"recovery/{number}", back)

    def search(self, rule: str, **scope: object) -> Search:
        """Put one rule to the ledger; `as_of` is ISO text."""
        if isinstance(as_of := scope.get("as_of"), str):
            scope["as_of"] = day(as_of)
        return search(self.ledger, [load_rules()[rule]], Scope(**scope))  # type: ignore[arg-type]

    def flags(self, rule: str, **scope: object) -> list[Flag]:
        """Return what a rule finds; everything must have been testable."""
        found = self.search(rule, **scope)
        assert found.untested == []
        return found.flags

    def found(self, rule: str, **scope: object) -> list[Finding]:
        """Return case, month and printed reference of what a rule finds."""
        return [(flag.case, flag.month, flag.shown_reference) for flag in self.flags(rule, **scope)]

    def close(self) -> None:
        self.ledger.close()
        self.keys.close()

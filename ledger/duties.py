"""Which duty records which topic, and the roles of PostgreSQL that stand for the duties.

A topic belongs to one duty. Whoever brings in what several duties did, such as the import of a whole county, holds all
of them. A new topic needs a line here; the tables of PostgreSQL hold this list too, so that their version rises.
"""

from collections.abc import Mapping
from typing import Final

from domain.duties import Duty
from domain.events import (
    appeal,
    application,
    change,
    decision,
    delivery,
    household,
    kinship,
    ledger,
    payment,
    person,
    recovery,
    staff,
    standard,
    verification,
)
from domain.events.base import Event

RECORDING: Final = (Duty.INTAKE, Duty.SURVEY, Duty.CONFIRM, Duty.PAY, Duty.ADMIN)
"""The duties that may append."""

OPENING: Final = (Duty.INTAKE, Duty.SURVEY, Duty.CONFIRM, Duty.PAY, Duty.AUDIT)
"""The duties that may open what is sealed, which is recorded each time."""

_RECORDED_BY: Final[Mapping[Duty, tuple[type[Event], ...]]] = {
    Duty.INTAKE: (
        delivery.DeliveryReceived,
        delivery.DeliveryDescribed,
        delivery.FileReceived,
        delivery.FileLoaded,
        delivery.RowRejected,
        delivery.RowHeld,
        delivery.RowConflicted,
        delivery.RowCompleted,
        delivery.DeliveryLoaded,
        staff.KinshipFiled,
        staff.KinshipVisited,
        kinship.RecusalRecorded,
        kinship.FilingClosed,
        application.ApplicationSubmitted,
        application.ApplicationAccepted,
        application.ContactRegistered,
        application.PayeeRegistered,
        application.AuthorizationSigned,
        application.TruthPledged,
        household.MemberJoined,
        household.MemberDescribed,
        household.MemberCounted,
        household.MemberDied,
        household.DishonestyNoted,
        person.DeathRecorded,
    ),
    Duty.SURVEY: (
        verification.VerificationReturned,
        verification.SurveyCompleted,
        verification.SelfCareScored,
        verification.SurveyRemarked,
        verification.PublicityOpened,
        verification.PublicityClosed,
        verification.PublicityPlaced,
        verification.ObjectionRaised,
        verification.ObjectionAnswered,
    ),
    Duty.CONFIRM: (
        decision.ApplicationConfirmed,
        decision.ApplicationRefused,
        decision.ApplicationTerminated,
        decision.EntitlementGranted,
        decision.DecisionExplained,
        decision.CountyVisited,
        decision.DeadlineExtended,
        change.BenefitIncreased,
        change.BenefitDecreased,
        change.BenefitStopped,
        change.GraceStarted,
        change.BenefitSuspended,
        change.BenefitResumed,
        change.HouseholdChanged,
        change.HouseholdResized,
        change.IncomeReassessed,
        change.CareRegraded,
        change.ReviewCompleted,
        recovery.RecoveryOrdered,
        recovery.RecoveryFined,
        recovery.RecoveryWaived,
        recovery.RecoveryWrittenOff,
        recovery.RecoveryApproved,
        recovery.RepaymentDemanded,
        appeal.AppealLodged,
        appeal.AppealGroundsStated,
        appeal.AppealDecided,
        appeal.AppealReceived,
        appeal.AppealApplied,
        person.CreditRecorded,
    ),
    Duty.PAY: (
        payment.PaymentInstructed,
        payment.PaymentSettled,
        payment.PaymentReturned,
        payment.PaymentReissued,
        payment.PaymentAttributed,
        payment.ReturnExplained,
        recovery.RecoveryRepaid,
    ),
    Duty.ADMIN: (
        ledger.LedgerOpened,
        ledger.KeyAnnounced,
        ledger.KeyRotated,
        ledger.ClockCorrected,
        ledger.ErasureRequested,
        ledger.ErasureEffective,
        ledger.HeadsSealed,
        ledger.LoginAdmitted,
        ledger.LoginDismissed,
        standard.StandardAdopted,
        staff.StaffAppointed,
        staff.StaffDeparted,
        staff.RelativeDeclared,
        kinship.KinshipScopeAdopted,
        kinship.RelationDiscovered,
        kinship.RelationRejected,
    ),
}

DUTY_OF: Final[Mapping[str, Duty]] = {
    event_class.TOPIC: duty for duty, classes in _RECORDED_BY.items() for event_class in classes
}
"""The duty of each topic."""


def role_of(duty: Duty) -> str:
    """Return the name of the role, which all databases of a server share."""
    return f"mingzhang_{duty}"

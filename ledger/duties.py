"""Which duty records which topic, and the roles of PostgreSQL that stand for the duties.

What is done in a case belongs to one duty; whoever brings in what several duties did, such as the import of a whole
county, holds all of them. Auditors record supervision, and nothing else. That sealed facts were shown, each duty that
may open them records. A new topic needs a line here; the tables of PostgreSQL hold this list too, so that a ledger
that lacks a topic must be upgraded.
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
    disclosure,
    entrustment,
    erasure,
    flag,
    household,
    inspection,
    kinship,
    ledger,
    payment,
    person,
    recovery,
    staff,
    standard,
    temporary_aid,
    verification,
)
from domain.events.base import Event

REGISTER_KEEPING: Final = (Duty.INTAKE, Duty.SURVEY, Duty.CONFIRM, Duty.PAY, Duty.ADMIN)
"""The duties that bring the registers up to date; auditors read them as far as these have brought them."""

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
        kinship.RelationDiscovered,
        kinship.RelationRejected,
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
        entrustment.PassbookEntrusted,
        entrustment.EntrustmentFiled,
        entrustment.PassbookReturned,
        temporary_aid.TemporaryAidDocumented,
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
        temporary_aid.TemporaryAidGranted,
    ),
    Duty.PAY: (
        payment.PaymentInstructed,
        payment.PaymentSettled,
        payment.PaymentReturned,
        payment.PaymentReissued,
        payment.PaymentAttributed,
        payment.ReturnExplained,
        recovery.RecoveryRepaid,
        temporary_aid.ReserveFunded,
    ),
    Duty.AUDIT: (  # supervision, and nothing that is done in a case
        flag.FlagDisposed,
        inspection.DrawAnnounced,
        inspection.DrawWeighted,
        inspection.DrawMade,
        inspection.SampleDrawn,
        inspection.DrawAbandoned,
        inspection.DrawPublished,
        inspection.SampleInspected,
        inspection.FindingRecorded,
        inspection.RectificationReported,
        inspection.RectificationReturned,
        inspection.RectificationAccepted,
        inspection.RectificationExtended,
    ),
    Duty.ADMIN: (
        ledger.LedgerOpened,
        ledger.KeyAnnounced,
        ledger.KeyRotated,
        ledger.ClockCorrected,
        ledger.ErasureRequested,
        ledger.ErasureEffective,
        erasure.RetentionAdopted,
        erasure.ErasureOrdered,
        ledger.HeadsSealed,
        ledger.LoginAdmitted,
        ledger.LoginDismissed,
        standard.StandardAdopted,
        staff.StaffAppointed,
        staff.StaffDeparted,
        staff.RelativeDeclared,
        kinship.KinshipScopeAdopted,
    ),
}

_RECORDED_BY_OPENERS: Final[tuple[type[Event], ...]] = (disclosure.PersonalDataViewed,)

DUTIES_OF: Final[Mapping[str, tuple[Duty, ...]]] = {
    **{event_class.TOPIC: (duty,) for duty, classes in _RECORDED_BY.items() for event_class in classes},
    **{event_class.TOPIC: OPENING for event_class in _RECORDED_BY_OPENERS},
}
"""The duties that may record a topic, each of them alone."""


def role_of(duty: Duty) -> str:
    """Return the name of the role, which all databases of a server share."""
    return f"mingzhang_{duty}"

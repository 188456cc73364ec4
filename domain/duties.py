"""The duties of a bureau's officers: to receive, to look, to decide, to pay, to audit, to keep the ledger."""

from enum import StrEnum


class Duty(StrEnum):
    """What a login may be admitted for; stored in entries, so never renamed."""

    INTAKE = "intake"  # receives applications, members, consents and the files of a delivery
    SURVEY = "survey"  # means tests, home visits, publicity
    CONFIRM = "confirm"  # decides: grants, changes, reviews, recoveries, appeals
    PAY = "pay"  # instructs the bank and books what it did
    AUDIT = "audit"  # reads everything, records supervision and nothing else
    ADMIN = "admin"  # keeps the ledger, its logins, the staff register and the standards

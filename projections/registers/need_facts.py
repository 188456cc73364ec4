"""The facts of need that stay sealed, by where they stand: income and care grade in force, and the review class."""

from typing import Final

from projections.register import Register, plain
from projections.table import Table, texts

_BY_CASE = ("case_id",)

INCOME_CHANGE: Final = Table("income_change", texts("case_id", "decided_on", "effective_from"), _BY_CASE)
CARE_CHANGE: Final = Table("care_change", texts("case_id", "decided_on", "effective_from"), _BY_CASE)
GRANT: Final = Table("grant_class", texts("case_id", "decided_on", "effective_from", "review_class"), _BY_CASE)
REVIEW: Final = Table("review", texts("case_id", "reviewed_on", "conclusion", "reviewer"), _BY_CASE)

NEED_FACTS: Final = Register(
    "need-facts",
    (INCOME_CHANGE, CARE_CHANGE, GRANT, REVIEW),
    {
        "income.reassessed/1": plain(INCOME_CHANGE, "occurred_on", "effective_from"),
        "care.regraded/1": plain(CARE_CHANGE, "occurred_on", "effective_from"),
        "entitlement.granted/1": plain(GRANT, "occurred_on", "effective_from", "review_class"),
        "review.completed/1": plain(REVIEW, "occurred_on", "conclusion", "reviewer"),
    },
)

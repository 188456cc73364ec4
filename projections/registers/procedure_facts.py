"""The facts of procedure that several registers share: consent, home visits, postings, extensions of the clock."""

from typing import Final

from projections.register import Register, constant, plain
from projections.table import Table, texts

_BY_CASE = ("case_id",)

CONSENT: Final = Table("consent", texts("case_id", "kind", "signed_on"), _BY_CASE)
SURVEY: Final = Table("survey", texts("case_id", "surveyed_on"), _BY_CASE)
POSTING: Final = Table("posting", texts("case_id", "kind", "opened_on", "day"), _BY_CASE)
EXTENSION: Final = Table("extension", texts("case_id", "extended_on"), _BY_CASE)

AUTHORIZATION: Final = "authorization"
PLEDGE: Final = "pledge"

OPENED: Final = "opened"
CLOSED: Final = "closed"
PLACED: Final = "placed"
OBJECTION: Final = "objection"
ANSWER: Final = "answer"

PROCEDURE_FACTS: Final = Register(
    "procedure-facts",
    (CONSENT, SURVEY, POSTING, EXTENSION),
    {
        "authorization.signed/1": constant(CONSENT, "occurred_on", value=AUTHORIZATION),
        "truth.pledged/1": constant(CONSENT, "occurred_on", value=PLEDGE),
        "survey.completed/1": plain(SURVEY, "occurred_on"),
        "publicity.opened/1": constant(POSTING, "occurred_on", "occurred_on", value=OPENED),
        "publicity.closed/1": constant(POSTING, "opened_on", "occurred_on", value=CLOSED),
        "publicity.placed/1": constant(POSTING, "opened_on", "opened_on", value=PLACED),
        "objection.raised/1": constant(POSTING, "opened_on", "opened_on", value=OBJECTION),
        "objection.answered/1": constant(POSTING, "opened_on", "opened_on", value=ANSWER),
        "deadline.extended/1": plain(EXTENSION, "occurred_on"),
    },
)

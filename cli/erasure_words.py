"""What forbids the erasure of a case, in the language in use."""

from collections.abc import Mapping
from typing import Final

from cli.labels import value_label
from cli.words import N_, _
from domain.retention import Hindrance

HINDRANCES: Final[Mapping[str, str]] = {
    "not_ended": N_("it has not ended ({subject})"),
    "retained": N_("it is kept until {subject}, and may be erased from that day on"),
    "decision_pending": N_("the decision is pending since {subject}"),
    "due_not_paid": N_("{subject} is due and not paid"),
    "returned_unresolved": N_("transfer {subject} came back and was not sent again"),
    "recovery_outstanding": N_("recovery {subject} is not paid back"),
    "appeal_pending": N_("appeal {subject} is not decided"),
    "flag": N_("red flag {subject} is not disposed of"),
}


def hindrance_text(hindrance: Hindrance) -> str:
    """Return what forbids an erasure as people read it."""
    return _(HINDRANCES[hindrance.kind]).format(subject=value_label(hindrance.subject))

"""The catalogue of a case file (卷内目录): its documents in the order of the procedure, each with its entries."""

from collections.abc import Mapping, Sequence
from typing import Final

from audit.replay import HistoryLine
from cli.flag_list import ranges
from cli.pages.tables import Table
from cli.words import N_, _

DOCUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    N_("Application and acceptance"): ("application.submitted/", "application.accepted/", "contact.", "payee."),
    N_("Authorization and pledge"): ("authorization.", "truth."),
    N_("Household members"): ("member.", "dishonesty."),
    N_("Means test"): ("verification.",),
    N_("Home visits"): ("survey.", "self-care."),
    N_("Publicity and objections"): ("publicity.", "objection."),
    N_("Filings of staff relatives"): ("kinship.", "county."),
    N_("Decision"): ("application.", "entitlement.", "decision.", "deadline."),
    N_("Changes of the case"): ("benefit.", "grace.", "household.", "income.", "care."),
    N_("Reviews"): ("review.",),
    N_("Payment records"): ("payment.", "return."),
    N_("Recovery of money"): ("recovery.", "repayment."),
    N_("Appeals and lawsuits"): ("appeal.",),
    N_("Supervision"): ("flag.", "finding.", "rectification."),
    N_("Completions and other entries"): ("",),
}
"""The documents of a file, each with the beginnings of the topics that it holds; the first that fits counts."""


def catalogue(lines: Sequence[HistoryLine]) -> Table:
    """Return the catalogue: number, document, from and to which day, by whom, how many entries, and which."""
    groups: dict[str, list[HistoryLine]] = {name: [] for name in DOCUMENTS}
    for line in lines:
        groups[document_of(line.recorded.topic)].append(line)
    body = [
        [str(number), _(name), *_days(found), _officers(found), str(len(found)), _positions(found)]
        for number, (name, found) in enumerate(((name, found) for name, found in groups.items() if found), start=1)
    ]
    headings = [_("no."), _("contents"), _("from"), _("until"), _("responsible"), _("entries"), _("positions")]
    return Table(
        _("Catalogue of contents"),
        headings,
        ["number", "text", "code", "code", "text", "number", "text"],
        body,
        anchor="catalogue",
    )


def document_of(topic: str) -> str:
    """Return the document that an entry belongs to."""
    return next(name for name, beginnings in DOCUMENTS.items() if topic.startswith(beginnings))


# Private

_OFFICERS: Final = ("officer", "surveyor_1", "surveyor_2", "confirmer", "handler", "reviewer", "visitor")


def _days(lines: Sequence[HistoryLine]) -> tuple[str, str]:
    days = sorted(line.occurred_on.isoformat() for line in lines if line.occurred_on)
    return (days[0], days[-1]) if days else ("", "")


def _officers(lines: Sequence[HistoryLine]) -> str:
    """Return the numbers of the officers whom the entries name, else whoever recorded them."""
    named = (getattr(line.recorded.event, name, None) for line in lines for name in _OFFICERS)
    found = sorted({one for one in named if one})
    return ", ".join(found or sorted({line.recorded.by for line in lines}))


def _positions(lines: Sequence[HistoryLine]) -> str:
    return ranges(sorted(line.recorded.position for line in lines))

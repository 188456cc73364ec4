"""A case in rows: the columns and lines of its sheet and history, as a terminal prints them and a page shows them."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.replay import HistoryLine, Replay
from audit.sources import Place
from cli.case_labels import OPEN_POINTS, field_label, shown
from cli.columns import Column, Row, yuan
from cli.labels import value_label
from cli.summaries import summary
from cli.words import N_, _, ngettext
from domain.case import CaseState, entitlement_of
from domain.case_view import Document
from domain.change_kind import ChangeKind
from domain.months import add_months, months_between
from domain.open_points import open_points
from domain.vocabulary import Channel, HouseholdRelation, Programme, ReviewConclusion

_MONTHS_SHOWN: Final = 12


@dataclass(frozen=True)
class Headed(Column):
    """A column with a heading of its own."""

    title: str = ""

    @property
    def heading(self) -> str:
        """What stands above the column, in the language in use."""
        return _(self.title) if self.title else field_label(self.key)

    def is_right(self, rows: Sequence[Row]) -> bool:
        """Whether the column is set to the right: money and numbers are, yes and no are not."""
        return super().is_right(rows) and not any(isinstance(row.get(self.key), bool) for row in rows)


MEMBERS: Final = (
    Headed("member"),
    Headed("relation", HouseholdRelation),
    Headed("name"),
    Headed("citizen_id"),
    Headed("counted"),
    Headed("counted_from"),
    Headed("counted_until"),
    Headed("disability_kind"),
    Headed("disability_grade"),
    Headed("declared_income_fen"),
    Headed("died_on"),
)
STEPS: Final = (
    Headed("step", title=N_("step")),
    Headed("day", title=N_("date")),
    Headed("who", title=N_("officer")),
    Headed("note", title=N_("note")),
)
CHANGES: Final = (
    Headed("decided_on"),
    Headed("kind", ChangeKind),
    Headed("effective_from"),
    Headed("amount_fen"),
    Headed("why", title=N_("reason")),
    Headed("handler"),
    Headed("confirmer"),
)
MONTHS: Final = (
    Headed("month"),
    Headed("due_fen"),
    Headed("paid_fen", title=N_("paid (yuan)")),
    Headed("sent", title=N_("transfers")),
)
HISTORY: Final = (
    Headed("position", title=N_("entry")),
    Headed("summary", title=N_("what happened")),
    Headed("by", title=N_("recorded by")),
    Headed("source", title=N_("from the file")),
)


def history_row(line: HistoryLine, people: frozenset[str], *, reveal: bool = False) -> Row:
    """Return one entry of a case's history as a row of `HISTORY`; `people` are the names that texts may hold."""
    return {
        "position": line.recorded.position,
        "summary": sentence(line, people, reveal=reveal),
        "by": line.recorded.by,
        "source": place_text(line.place),
    }


def used_columns(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Column, ...]:
    """Return the columns in which a row has a value; all of them when there is no row."""
    return tuple(column for column in columns if not rows or any(row.get(column.key) is not None for row in rows))


def sentence(line: HistoryLine, people: frozenset[str], *, reveal: bool = False) -> str:
    """Return the sentence of a line; entries of another stream than the case's own are marked with it."""
    recorded = line.recorded
    text = summary(recorded.topic, recorded.event, line.occurred_on, people, reveal=reveal)
    return text if recorded.stream.startswith("case/") else f"{text} [{recorded.stream}]"


def place_text(place: Place | None) -> str:
    """Return a row of a file as people name it; empty when there is none."""
    if place is None:
        return ""
    row = _("row {row}").format(row=place.row)
    return f"{place.file} {row}" if not place.sheet else f"{place.file} [{place.sheet}] {row}"


def summary_fields(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what a case is, field by field: name and value, as people read them."""
    application, payee = document["application"] or {}, document["payee"] or {}
    status = value_label(document["status"])
    since = _("since {month}").format(month=document["since"]) if document["since"] else ""
    yield field_label("programme"), shown(application.get("programme"), vocabulary=Programme)
    yield field_label("region"), shown(application.get("region"))
    yield field_label("channel"), shown(application.get("channel"), vocabulary=Channel)
    yield field_label("head_name"), _joined(application.get("head_name"), application.get("head_citizen_id"))
    yield _("status in {month}").format(month=document["month"]), _joined(status, since)
    yield field_label("due_fen"), yuan(document["due_fen"])
    yield field_label("persons"), str(document["persons"])
    yield field_label("income_fen"), shown(document["income_fen"], "income_fen")
    if document["care_grade"]:
        yield field_label("care_grade"), document["care_grade"]
    yield _("paid into"), _joined(payee.get("bank"), payee.get("account"), payee.get("holder"))


def step_rows(state: CaseState, document: Document) -> Iterator[Mapping[str, Any]]:
    """Yield the steps from application to the last review, with the days that the clocks ran."""
    application, decision = document["application"] or {}, document["decision"] or {}
    accepted_on = state.application.accepted_on if state.application else None
    if application.get("applied_on"):
        yield _step(_("applied"), application["applied_on"])
    if application.get("accepted_on"):
        yield _step(_("accepted"), application["accepted_on"], application["officer"] or application["officer_text"])
    for survey in state.surveys.values():
        who = _joined(survey.surveyor_1, survey.surveyor_2)
        yield _step(_("home visit"), survey.surveyed_on, who, _after(accepted_on, survey.surveyed_on))
    for posting in state.publicity.values():
        length = _days((posting.closed_on - posting.opened_on).days) if posting.closed_on else None
        yield _step(_("publicity"), posting.opened_on, None, length)
    for visit in state.county_visits:
        yield _step(_("county visit"), visit.visited_on)
    if state.ruling and state.ruling.decided_on:
        notes = [value_label(decision["outcome"] or ""), _after(accepted_on, state.ruling.decided_on)]
        notes += [decision["reason"], decision["extension_reason"]]
        yield _step(_("decided"), state.ruling.decided_on, decision["confirmer"], _joined(*notes))
    for review in state.reviews[-1:]:
        conclusion = value_label(review.conclusion or "", ReviewConclusion)
        yield _step(_("last review"), review.reviewed_on, review.reviewer, conclusion)


def change_row(change: Document) -> Mapping[str, Any]:
    """Return one change of a case as a row of `CHANGES`."""
    return {**change, "why": change["ground"] or change["reason"]}


def month_rows(found: Replay) -> Iterator[Mapping[str, Any]]:
    """Yield the months of the last year in which money was due or sent, as rows of `MONTHS`."""
    state, entitlement = found.state, entitlement_of(found.state)
    first = max(found.first_month or found.month, add_months(found.month, 1 - _MONTHS_SHOWN))
    for month in months_between(first, found.month):
        sent = [one for one in state.transfers.values() if state.benefit_month(one) == month]
        due_fen = entitlement.due_fen(month)
        if due_fen or sent:
            texts = [f"{one.booked_on} {value_label(one.status or '')} {yuan(one.amount_fen or 0)}" for one in sent]
            yield {"month": month, "due_fen": due_fen, "paid_fen": state.paid_fen(month), "sent": texts}


def point_lines(found: Replay) -> Iterator[str]:
    """Yield what is unfinished in a case, one sentence each."""
    for point in open_points(found.state, found.month, found.first_month):
        amount = yuan(point.amount_fen) if point.amount_fen is not None else ""
        yield _(OPEN_POINTS[point.kind]).format(subject=point.subject, amount=amount)


# Private


def _step(name: str, day: object, who: str | None = None, note: str | None = None) -> Mapping[str, Any]:
    return {"step": name, "day": str(day), "who": who, "note": note}


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


def _after(accepted_on: datetime.date | None, day: datetime.date) -> str | None:
    if accepted_on is None:
        return None
    count = (day - accepted_on).days
    return ngettext("{count} day after acceptance", "{count} days after acceptance", count).format(count=count)


def _joined(*parts: object) -> str:
    return "  ".join(str(part) for part in parts if part) or "—"

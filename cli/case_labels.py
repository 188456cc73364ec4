"""What the parts and fields of a case's document are called, and how their values are written for people."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cli.columns import yuan
from cli.labels import value_label
from cli.words import N_, _
from domain.change_kind import ChangeKind
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    Channel,
    CheckItem,
    DispositionOutcome,
    HouseholdRelation,
    Kin,
    Programme,
    RecoveryCause,
    ReviewConclusion,
    StopGround,
)

PARTS: Final[Mapping[str, str]] = {
    "application": N_("application"),
    "contact": N_("contact"),
    "payee": N_("payee"),
    "consent": N_("consent"),
    "decision": N_("decision"),
    "grant": N_("entitlement"),
    "members": N_("household member"),
    "checks": N_("means-test answer"),
    "surveys": N_("home visit"),
    "publicity": N_("publicity"),
    "county_visits": N_("county visits"),
    "filings": N_("filed relative"),
    "recusals": N_("recusal"),
    "changes": N_("change"),
    "reviews": N_("review"),
    "instructions": N_("payment line"),
    "transfers": N_("transfer"),
    "credit_notices": N_("credit entry"),
    "recoveries": N_("recovery"),
    "appeals": N_("appeal"),
    "dispositions": N_("red flag disposed of"),
    "entrustments": N_("passbook entrusted"),
    "completions": N_("completed row"),
    "unknown_topics": N_("entries of a later version"),
}

FIELDS: Final[Mapping[str, str]] = {
    "accepted_on": N_("accepted on"),
    "account": N_("account"),
    "address": N_("address"),
    "amount_fen": N_("amount (yuan)"),
    "answer": N_("answer"),
    "answered_on": N_("answered on"),
    "applied_on": N_("applied on"),
    "at_school": N_("at school"),
    "authorized_on": N_("means test authorised on"),
    "bank": N_("bank"),
    "batch": N_("batch"),
    "begins_on": N_("from"),
    "benefit_month": N_("for month"),
    "booked_on": N_("booked on"),
    "care_grade": N_("care grade"),
    "cash_month": N_("paid in"),
    "cause": N_("cause"),
    "channel": N_("came by"),
    "citizen_id": N_("citizen id"),
    "closed_on": N_("closed on"),
    "closing_reason": N_("closed because"),
    "columns": N_("columns"),
    "conclusion": N_("conclusion"),
    "confirmer": N_("confirmed by"),
    "confirmer_text": N_("confirmed by"),
    "counted": N_("counted"),
    "counted_from": N_("counts from"),
    "counted_until": N_("no longer from"),
    "death_received_on": N_("death known on"),
    "decided_on": N_("decided on"),
    "deciding_office": N_("deciding office"),
    "declared_income_fen": N_("declared income (yuan)"),
    "delegated": N_("delegated"),
    "died_on": N_("died on"),
    "disability_grade": N_("disability grade"),
    "disability_kind": N_("disability"),
    "disposed_on": N_("disposed of on"),
    "document": N_("document"),
    "document_text": N_("document"),
    "due_fen": N_("due (yuan)"),
    "effective_from": N_("from month"),
    "ends_on": N_("until"),
    "extension_reason": N_("reason of extension"),
    "fact": N_("fact"),
    "filed_on": N_("filed on"),
    "fine_fen": N_("fine (yuan)"),
    "first_month": N_("first month"),
    "ground": N_("ground"),
    "grounds": N_("grounds"),
    "handler": N_("handled by"),
    "handler_text": N_("handled by"),
    "keeper": N_("kept by"),
    "keeper_text": N_("kept by"),
    "returned_on": N_("returned on"),
    "agreed_on": N_("agreed on"),
    "head_citizen_id": N_("citizen id of the head"),
    "head_name": N_("head of household"),
    "health": N_("health"),
    "holder": N_("account holder"),
    "income_fen": N_("counted income (yuan)"),
    "item": N_("item"),
    "kind": N_("kind"),
    "last_month": N_("last month"),
    "last_movement_on": N_("last movement on"),
    "lodged_on": N_("lodged on"),
    "member": N_("member"),
    "month": N_("month"),
    "months_text": N_("months"),
    "name": N_("name"),
    "number": N_("number"),
    "objection": N_("objection"),
    "office": N_("source"),
    "officer": N_("officer"),
    "officer_text": N_("officer"),
    "opened_on": N_("opened on"),
    "opinion": N_("opinion"),
    "order": N_("order"),
    "ordered_on": N_("ordered on"),
    "original": N_("replaces"),
    "outcome": N_("outcome"),
    "outstanding_fen": N_("outstanding (yuan)"),
    "pay_month": N_("to be sent in"),
    "persons": N_("persons"),
    "place": N_("place"),
    "pledged_on": N_("truth pledged on"),
    "programme": N_("programme"),
    "queried_on": N_("queried on"),
    "reason": N_("reason"),
    "recused_on": N_("recused on"),
    "reference": N_("about"),
    "refund_fen": N_("refund (yuan)"),
    "region": N_("region"),
    "relation": N_("relation"),
    "relation_text": N_("relation"),
    "remark": N_("remark"),
    "repaid_fen": N_("repaid (yuan)"),
    "result": N_("result"),
    "return_reason": N_("why returned"),
    "review_class": N_("review class"),
    "reviewed_on": N_("reviewed on"),
    "reviewer": N_("reviewed by"),
    "reviewer_text": N_("reviewed by"),
    "rule": N_("rule"),
    "score": N_("self-care score"),
    "seq": N_("entry of its stream"),
    "since": N_("since"),
    "staff": N_("staff number"),
    "staff_text": N_("staff number"),
    "status": N_("status"),
    "stream": N_("stream"),
    "subject_citizen_id": N_("citizen id"),
    "surveyed_on": N_("visited on"),
    "surveyor_1": N_("first surveyor"),
    "surveyor_1_text": N_("first surveyor"),
    "surveyor_2": N_("second surveyor"),
    "surveyor_2_text": N_("second surveyor"),
    "telephone": N_("telephone"),
    "transfer": N_("transfer"),
    "village": N_("village"),
    "visited_on": N_("visited on"),
    "visitor": N_("visited by"),
    "visitor_text": N_("visited by"),
    "waived_fen": N_("waived (yuan)"),
    "work_ability": N_("ability to work"),
    "written_off_fen": N_("written off (yuan)"),
}

OPEN_POINTS: Final[Mapping[str, str]] = {
    "decision_pending": N_("not decided; accepted on {subject}"),
    "objection_unanswered": N_("objection to the publicity of {subject} without an answer"),
    "filing_not_visited": N_("relative of staff {subject} filed, not visited by the county"),
    "death_still_counted": N_("member {subject} died and still counts"),
    "due_not_paid": N_("{amount} yuan due for {subject}, nothing sent"),
    "returned_unresolved": N_("transfer {subject} of {amount} yuan returned, not sent again"),
    "recovery_outstanding": N_("recovery {subject}: {amount} yuan outstanding"),
    "appeal_pending": N_("appeal {subject} not decided"),
}

_LISTS: Final[Mapping[tuple[str, str], type[StrEnum]]] = {
    ("application", "programme"): Programme,
    ("application", "channel"): Channel,
    ("members", "relation"): HouseholdRelation,
    ("checks", "item"): CheckItem,
    ("filings", "relation"): Kin,
    ("changes", "kind"): ChangeKind,
    ("changes", "ground"): StopGround,
    ("reviews", "conclusion"): ReviewConclusion,
    ("recoveries", "cause"): RecoveryCause,
    ("dispositions", "outcome"): DispositionOutcome,
    ("appeals", "kind"): AppealKind,
    ("appeals", "outcome"): AppealOutcome,
}


def part_label(name: str) -> str:
    """Return what a part of the document, or one of its items, is called."""
    return _(PARTS[name]) if name in PARTS else name


def field_label(name: str) -> str:
    """Return what a field is called."""
    return _(FIELDS[name]) if name in FIELDS else name


def path_label(path: str) -> str:
    """Return what a path of a change is called: `members.2.name` is member 2, name."""
    part, field = _split(path)
    if not part:
        return part_label(path) if path in PARTS else field_label(path)
    middle = path[len(part) + 1 : len(path) - len(field) - 1]
    return " ".join(word for word in (part_label(part), middle) if word) + _(": ") + field_label(field)


def path_value(path: str, value: Any) -> str:
    """Return the value of a path as people write it: money in yuan, listed words in the language in use."""
    part, field = _split(path)
    return shown(value, field, _LISTS.get((part, field)))


def shown(value: Any, field: str = "", vocabulary: type[StrEnum] | None = None) -> str:
    """Return a value for people; a dash where there is none."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return yuan(value) if field.endswith("_fen") else str(value)
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    return value_label(str(value), vocabulary)


# Private


def _split(path: str) -> tuple[str, str]:
    """Return the part that a path begins with, empty when it has none, and the field that it ends with."""
    part, _dot, rest = path.partition(".")
    return (part, rest.rpartition(".")[2]) if rest else ("", part)

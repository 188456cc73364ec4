"""What an entry says, in one sentence that anybody reads: the day, the step, who did it, how much.

A sentence begins with the day and what the topic is called, or a phrase of its own that holds the amount. Details
follow where the event says them; what is sealed and was not opened is left out. Personal values are masked.
"""

import datetime
import functools
import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from cli.columns import yuan
from cli.labels import value_label
from cli.topic_labels import topic_label
from cli.words import N_, _, language
from domain.events.base import Event
from domain.masking import masked

HEADS: Final[Mapping[str, str]] = {
    "payment.instructed/1": N_("payment of {amount_fen} yuan for {month} instructed"),
    "payment.settled/1": N_("the bank paid {amount_fen} yuan"),
    "payment.returned/1": N_("the bank returned {amount_fen} yuan"),
    "payment.reissued/1": N_("transfer {transfer} replaces {original}"),
    "payment.attributed/1": N_("transfer {transfer} is for {month}"),
    "temporary-aid.granted/1": N_("temporary aid of {amount_fen} yuan granted"),
    "reserve.funded/1": N_("the reserve fund received {amount_fen} yuan"),
    "recovery.ordered/1": N_("recovery of {refund_fen} yuan ordered"),
    "recovery.fined/1": N_("fine of {fine_fen} yuan imposed"),
    "recovery.repaid/1": N_("{amount_fen} yuan repaid"),
    "recovery.waived/1": N_("{amount_fen} yuan waived"),
    "recovery.written-off/1": N_("{amount_fen} yuan written off"),
    "repayment.demanded/1": N_("repayment of {refund_fen} yuan demanded"),
}
"""The phrase of topics whose amount or number belongs into it; all others are called by their label."""

_OFFICER = N_("officer {officer}")
_OFFICER_TEXT = N_("officer {officer_text}")
_CONFIRMER = N_("confirmed by {confirmer}")
_CONFIRMER_TEXT = N_("confirmed by {confirmer_text}")
_HANDLER = N_("handled by {handler}")
_HANDLER_TEXT = N_("handled by {handler_text}")
_REASON = N_("reason: {reason}")
_MONTHLY = N_("{amount_fen} yuan a month")
_FROM = N_("from {effective_from}")
_BATCH = N_("batch {batch}")
_TRANSFER = N_("transfer {transfer}")
_ACCOUNT = N_("account {account}")
_HOLDER = N_("holder {holder}")
_ORDER = N_("order {order}")
_NUMBER = N_("number {number}")
_CAUSE = N_("cause: {cause}")
_MEMBER = N_("member {member}")
_PERSONS = N_("persons: {persons}")
_OUTCOME = N_("outcome: {outcome}")
_POST = N_("post: {post}")
_RELATION = N_("relation: {relation}")
_STAFF = N_("staff {staff}")
_STAFF_TEXT = N_("staff {staff_text}")
_SCOPE = N_("scope: {scope}")
_IN_FORCE = N_("in force from {effective_on}")
_DOCUMENT = N_("document {document}")
_DOCUMENT_TEXT = N_("document {document_text}")
_CASE = N_("case {case}")
_ROWS = N_("{rows} rows, {loaded} loaded, {rejected} rejected, {held} held, {conflicts} in conflict")
_FILE_ROW = N_("row {source.row}")
_DRAW = N_("draw {number}")
_FINDING = N_("finding {finding}")
_DUE = N_("due on {due_on}")

_DECISION = (_CONFIRMER, _CONFIRMER_TEXT, N_("office: {deciding_office}"))
_PEOPLE = (_HANDLER, _HANDLER_TEXT, _CONFIRMER, _CONFIRMER_TEXT)
_CHANGE = (_FROM, _MONTHLY, _REASON, *_PEOPLE)
_MONEY = (_BATCH, _TRANSFER, _ACCOUNT, _HOLDER)
_APPEAL = (_NUMBER, "{kind}")
_APPEAL_RESULT = (_NUMBER, _OUTCOME, _FROM, _MONTHLY)

DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "ledger.key-announced/1": (N_("for {purpose}"),),
    "ledger.erasure-requested/1": (N_("key {kid}"),),
    "ledger.erasure-effective/1": (N_("key {kid}"),),
    "ledger.heads-sealed/1": (N_("{streams} streams"),),
    "import.received/1": (N_("{files} files"),),
    "import.described/1": (N_("county {region}"), N_("months from {first_month}"), N_("closing on {closing_date}")),
    "import.file-received/1": ("{kind}", N_("file {file} of the delivery")),
    "import.file-loaded/1": (_ROWS,),
    "import.loaded/1": (_ROWS,),
    "import.row-rejected/1": (_FILE_ROW,),
    "import.row-held/1": (_FILE_ROW,),
    "import.row-conflicted/1": (_FILE_ROW,),
    "row.completed/1": (N_("completes entry {cites.seq} of its stream"),),
    "standard.adopted/1": ("{item}", _IN_FORCE, _DOCUMENT),
    "staff.appointed/1": (_POST,),
    "staff.departed/1": (_POST,),
    "relative.declared/1": (_RELATION,),
    "kinship.filed/1": (_STAFF, _STAFF_TEXT, _RELATION),
    "kinship.visited/1": (
        _STAFF,
        N_("visited by {visitor}"),
        N_("visited by {visitor_text}"),
        N_("conclusion: {conclusion}"),
    ),
    "kinship-scope.adopted/1": (
        _SCOPE,
        _IN_FORCE,
        N_("region {region}"),
        _DOCUMENT,
        _DOCUMENT_TEXT,
    ),
    "relation.discovered/1": (_RELATION, "{relation_text}", "{relative_name} {relative_citizen_id}", _REASON),
    "relation.rejected/1": ("{relative_citizen_id}", _REASON),
    "recusal.recorded/1": (_STAFF, _STAFF_TEXT, _REASON),
    "filing.closed/1": (_STAFF, _STAFF_TEXT, _REASON),
    "application.submitted/1": ("{programme}", "{channel}", N_("head {head_name} {head_citizen_id}")),
    "application.accepted/1": (_OFFICER, _OFFICER_TEXT),
    "contact.registered/1": (N_("telephone {telephone}"), N_("address {address}")),
    "payee.registered/1": ("{bank}", _ACCOUNT, _HOLDER),
    "member.joined/1": (
        _MEMBER,
        "{relation}",
        "{name} {citizen_id}",
        N_("declared income {declared_income_fen} yuan"),
    ),
    "member.described/1": (_MEMBER, N_("disability: {disability_kind}, grade {disability_grade}")),
    "member.counted/1": (_MEMBER, N_("counts from {counted_from}"), N_("no longer from {counted_until}")),
    "member.died/1": (_MEMBER, N_("known to the bureau on {received_on}")),
    "dishonesty.noted/1": ("{fact}", N_("from {begins_on} to {ends_on}")),
    "verification.returned/1": (_MEMBER, "{item}: {result}", N_("source: {office}")),
    "survey.completed/1": (
        N_("surveyor {surveyor_1}"),
        N_("surveyor {surveyor_1_text}"),
        N_("surveyor {surveyor_2}"),
        N_("surveyor {surveyor_2_text}"),
        _PERSONS,
        N_("income {income_fen} yuan"),
    ),
    "self-care.scored/1": (N_("score {score}"),),
    "survey.remarked/1": ("“{opinion}”",),
    "publicity.placed/1": ("“{place}”",),
    "objection.raised/1": ("“{objection}”",),
    "objection.answered/1": ("“{answer}”",),
    "application.confirmed/1": _DECISION,
    "application.refused/1": _DECISION,
    "application.terminated/1": _DECISION,
    "entitlement.granted/1": (
        _MONTHLY,
        _FROM,
        N_("review class {review_class}"),
        N_("care grade: {care_grade}"),
    ),
    "decision.explained/1": (_REASON,),
    "deadline.extended/1": (_REASON,),
    "benefit.increased/1": _CHANGE,
    "benefit.decreased/1": _CHANGE,
    "benefit.stopped/1": (_FROM, N_("ground: {ground}"), *_PEOPLE),
    "grace.started/1": _CHANGE,
    "benefit.suspended/1": (_FROM, _REASON, *_PEOPLE),
    "benefit.resumed/1": _CHANGE,
    "household.changed/1": _CHANGE,
    "household.resized/1": (_FROM, _PERSONS),
    "income.reassessed/1": (_FROM, N_("income {income_fen} yuan")),
    "care.regraded/1": (_FROM, N_("care grade: {care_grade}")),
    "review.completed/1": (
        N_("conclusion: {conclusion}"),
        N_("reviewed by {reviewer}"),
        N_("reviewed by {reviewer_text}"),
    ),
    "payment.instructed/1": (_BATCH, _ACCOUNT, _HOLDER),
    "payment.settled/1": _MONEY,
    "payment.returned/1": _MONEY,
    "return.explained/1": (_TRANSFER, _REASON),
    "recovery.ordered/1": (_ORDER, _CAUSE, N_("months: {months_text}")),
    "recovery.fined/1": (_ORDER,),
    "recovery.repaid/1": (_ORDER, "{manner}"),
    "recovery.waived/1": (_ORDER,),
    "recovery.written-off/1": (_ORDER,),
    "recovery.approved/1": (_ORDER, "{manner}", _DOCUMENT, _DOCUMENT_TEXT),
    "repayment.demanded/1": (_ORDER, _CAUSE),
    "appeal.lodged/1": _APPEAL,
    "appeal.grounds-stated/1": (_NUMBER, "“{grounds}”"),
    "appeal.decided/1": _APPEAL_RESULT,
    "appeal.received/1": _APPEAL,
    "appeal.applied/1": _APPEAL_RESULT,
    "death.recorded/1": ("{citizen_id}", N_("died on {died_on}")),
    "flag.disposed/1": (N_("rule {rule}"), "{month}", "{outcome}", _REASON),
    "credit.recorded/1": ("{citizen_id}", _CASE, "{fact}", N_("from {begins_on} to {ends_on}")),
    "passbook.entrusted/1": (N_("kept by {keeper}"), N_("kept by {keeper_text}"), _REASON),
    "entrustment.filed/1": (N_("agreement of {agreed_on}"),),
    "passbook.returned/1": (N_("agreement of {agreed_on}"),),
    "temporary-aid.granted/1": (_NUMBER, "{kind}", "{name}", "{citizen_id}", _REASON),
    "temporary-aid.documented/1": (_NUMBER,),
    "reserve.funded/1": (N_("township {region}"),),
    "retention.adopted/1": (
        N_("{approval_years} and {management_years} years"),
        N_("in force from {effective_on}"),
        N_("document {document}"),
        N_("document {document_text}"),
    ),
    "erasure.ordered/1": (_CASE, N_("ended on {ended_on}"), N_("to be kept until {retained_until}"), _REASON),
    "draw.announced/1": (_DRAW, N_("plan {plan}"), N_("for {month}"), N_("by {size_rule} {size}")),
    "draw.weighted/1": (_DRAW,),
    "draw.made/1": (_DRAW, N_("{drawn} cases"), N_("checkpoint of {size} entries")),
    "sample.drawn/1": (_DRAW, _CASE, N_("as number {rank}")),
    "draw.abandoned/1": (_DRAW, "{ground}", N_("remark: {remark}")),
    "draw.published/1": (_DRAW, "{place}"),
    "sample.inspected/1": (_DRAW, _CASE, "{outcome}", N_("others went: {substitution}")),
    "finding.recorded/1": (_DRAW, _FINDING, _CASE, "{kind}", "{severity}", _DUE, "“{fact}”"),
    "rectification.reported/1": (_DRAW, _FINDING, N_("evidence: {evidence}"), "“{measures}”"),
    "rectification.returned/1": (_DRAW, _FINDING, _REASON),
    "rectification.accepted/1": (_DRAW, _FINDING),
    "rectification.extended/1": (_DRAW, _FINDING, _DUE, _REASON),
    "personal-data.viewed/1": (
        N_("by {command}"),
        _CASE,
        N_("register {of_register}"),
        N_("{rows} rows or cases"),
        _REASON,
    ),
}
"""What follows the phrase, each part only where all that it names is known."""

_PLACE = re.compile(r"\{([a-z0-9_.]+)\}")
_NUMBERS = frozenset({"transfer", "original", "batch", "order", "number", "document", "region", "kid", "case"})


def summary(
    topic: str,
    event: Event | None,
    occurred_on: datetime.date | None = None,
    people: Collection[str] = (),
    *,
    reveal: bool = False,
) -> str:
    """Return the sentence of an entry in the language in use; a topic of a later version has its name alone.

    It begins with the day; a line of a payment plan, which has none, with the month in which it is to be sent.

    `people` are names that free texts may hold; they are masked there. With `reveal`, nothing is masked.
    """
    shown = functools.partial(_shown, people=people, reveal=reveal)
    phrase = topic_label(topic)
    if event is not None and topic in HEADS:
        phrase = _filled(HEADS[topic], event, shown) or phrase
    details = [_filled(part, event, shown) for part in DETAILS.get(topic, ())] if event is not None else []
    sentence = ("，" if language() == "zh" else ", ").join(part for part in (phrase, *details) if part)
    when = occurred_on.isoformat() if occurred_on else getattr(event, "pay_month", None)
    return f"{when} {sentence}" if when else sentence


# Private


def _filled(text: str, event: Event, shown: Callable[[str, Any], str]) -> str:
    """Return a part with its values, or nothing when one of them is not known."""
    values = {name: shown(name, _value_of(event, name)) for name in _PLACE.findall(text)}
    if not all(values.values()):
        return ""
    return _PLACE.sub(lambda place: values[place[1]], _(text))


def _value_of(event: Event, path: str) -> Any:
    found: Any = event
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _shown(name: str, value: Any, people: Collection[str], *, reveal: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value_label(str(value), type(value))
    if isinstance(value, int) and name.endswith("_fen"):
        return yuan(value)
    if isinstance(value, str) and name not in _NUMBERS and not reveal:
        return masked(name, value, people)
    return str(value)

"""A checked dossier on paper: its checks, the case's history, what was disclosed, and whose word all of it is."""

import datetime
from collections.abc import Iterator
from typing import Any, Final

from audit.dossier_check import DisclosedField, DossierCheck, DossierVerdict, Verdict
from audit.dossier_history import people_named, told
from cli.case_labels import field_label
from cli.case_rows import Headed
from cli.columns import columns_named
from cli.dossier_words import CHECKS, FORMS, STATES
from cli.output import print_line, print_table
from cli.summaries import summary
from cli.verdict import said
from cli.words import N_, _, language
from domain.masking import masked
from ledger.canonical import encode_value
from ledger.entry import decode_name, format_time

_HIDDEN: Final = "***"
_HISTORY: Final = (
    Headed("position", title=N_("entry")),
    Headed("summary", title=N_("what happened")),
    Headed("by", title=N_("recorded by")),
)
_DISCLOSED: Final = (
    Headed("position", title=N_("entry")),
    Headed("field", title=N_("field")),
    Headed("value", title=N_("value")),
)


def print_dossier(verdict: DossierVerdict, *, reveal: bool) -> None:
    """Print a checked dossier; of an invalid one only the checks, for nothing else in it may be believed."""
    print_table(columns_named("check", "state", "detail"), [_check_row(one) for one in verdict.checks])
    if verdict.verdict is not Verdict.INVALID and verdict.dossier is not None:
        _print_history(verdict)
        if verdict.disclosed:
            _print_disclosed(verdict, reveal=reveal)
    print_line()
    for line in _conclusion(verdict):
        print_line(line)


def history_rows(verdict: DossierVerdict) -> list[dict[str, Any]]:
    """Return the entries of a dossier as `case history` tells them, each as a row."""
    people = people_named(verdict)
    return [
        {
            "position": one.recorded.position,
            "seq": one.recorded.seq,
            "type": one.recorded.topic,
            "at": format_time(one.recorded.at),
            "by": one.recorded.by,
            "occurred_on": one.occurred_on.isoformat() if one.occurred_on else None,
            "summary": summary(one.recorded.topic, one.recorded.event, one.occurred_on, people),
        }
        for one in told(verdict)
    ]


def shown_value(verdict: DossierVerdict, one: DisclosedField, *, reveal: bool) -> Any:
    """Return a disclosed value whole or masked; what is no text is hidden whole."""
    if reveal:
        return one.value
    return masked(one.field, one.value, people_named(verdict)) if isinstance(one.value, str) else _HIDDEN


# Private


def _check_row(check: DossierCheck) -> dict[str, str]:
    return {
        "check": _(CHECKS[check.name]),
        "state": _(STATES[check.state]),
        "detail": said(check.detail, FORMS),
    }


def _print_history(verdict: DossierVerdict) -> None:
    dossier = verdict.dossier
    if dossier is None or not dossier.entries:
        return
    print_line()
    title = _("Case {case}").format(case=decode_name(dossier.stream)[1])
    print_table(_HISTORY, history_rows(verdict), title)


def _print_disclosed(verdict: DossierVerdict, *, reveal: bool) -> None:
    rows = [
        {"position": one.position, "field": field_label(one.field), "value": _text(verdict, one, reveal=reveal)}
        for one in verdict.disclosed
    ]
    print_line()
    print_table(_DISCLOSED, rows, _("Disclosed, each proved against its entry"))


def _text(verdict: DossierVerdict, one: DisclosedField, *, reveal: bool) -> str:
    value = shown_value(verdict, one, reveal=reveal)
    return value if isinstance(value, str) else encode_value(value).decode()


def _conclusion(verdict: DossierVerdict) -> Iterator[str]:
    if verdict.verdict is Verdict.INVALID:
        broken = [_(CHECKS[one.name]) for one in verdict.checks if one.state == "BROKEN"]
        yield _("INVALID: {checks}. Nothing in this file may be believed.").format(checks=_listed(broken))
        return
    if verdict.verdict is Verdict.UNCHECKED:
        missing = [_(CHECKS[one.name]) for one in verdict.checks if one.state == "UNCHECKED"]
        yield _("COULD NOT CHECK: {checks}. What the file says is neither proved nor refuted.").format(
            checks=_listed(missing)
        )
        return
    yield _("VALID.") + " " + _extent(verdict)
    yield _word(verdict)
    yield _completeness(verdict)


def _extent(verdict: DossierVerdict) -> str:
    dossier = verdict.dossier
    assert dossier is not None  # it is valid
    place = {"log": dossier.log, "size": f"{dossier.heads.position:,}", "stream": dossier.stream}
    if not dossier.entries:
        return _("The first {size} entries of {log} have none of {stream}.").format(**place)
    text = _("{count} entries of {stream} stand in {log} among its first {size}, unchanged.")
    return text.format(count=len(dossier.entries), **place)


def _word(verdict: DossierVerdict) -> str:
    """Say whose word the checkpoint is."""
    if not verdict.cosigned_at:
        return _(
            "This rests on the key of the log alone: whoever holds it and the database can have written another "
            "history. A policy that names witnesses would show that."
        )
    witnesses = [f"{name} ({_moment(seconds)})" for name, seconds in sorted(verdict.cosigned_at.items())]
    return _("The checkpoint is cosigned by {witnesses}, who saw the log only ever grow.").format(
        witnesses=_listed(witnesses)
    )


def _completeness(verdict: DossierVerdict) -> str:
    if not verdict.attested_at:
        return _(
            "That nothing is left out is asserted by the bureau: nobody who replayed the log is named as attesting "
            "the map of its streams (--heads-policy)."
        )
    witnesses = [f"{name} ({_moment(seconds)})" for name, seconds in sorted(verdict.attested_at.items())]
    return _("That nothing is left out is attested by {witnesses}, who replayed every entry.").format(
        witnesses=_listed(witnesses)
    )


def _moment(seconds: int) -> str:
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def _listed(texts: list[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(texts)

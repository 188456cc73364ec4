"""A case's state as a JSON-ready document, and what one document says that another did not.

Keys are the field names of `domain.case_parts`; listed values are the words that are stored; money is integer fen;
days are `YYYY-MM-DD`; what nobody said, or what is sealed and was not opened, is null. Personal values are masked.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from domain.case import CaseState, entitlement_of
from domain.masking import masked

Document = dict[str, Any]
Changes = dict[str, list[Any]]

LAST_MONTH: Final = "9999-12"
"""A month by which everything that was decided has taken effect."""

_HIDDEN = frozenset({"position", "positions", "command", "rests_on"})
_KEYS = {"members": "member", "transfers": "transfer", "recoveries": "order", "appeals": "number"}
_COUNTERS = frozenset({"month", "events", "unopened", "erased"})


def describe(state: CaseState, month: str, *, reveal: bool = False) -> Document:
    """Return the state as a document; status, amount, head count, income and care grade are those of `month`."""
    entitlement = entitlement_of(state)
    names = frozenset() if reveal else people_of(state)
    return {
        "month": month,
        "status": entitlement.status_in(month).value,
        "since": entitlement.status_since(month),
        "due_fen": entitlement.due_fen(month),
        "persons": entitlement.persons(month),
        "income_fen": state.income_fen(month),
        "care_grade": state.care_grade(month),
        **{name: _part(part, names, reveal) for name, part in _single_parts(state).items()},
        "members": _parts(state.members.values(), names, reveal),
        "checks": _parts(state.checks, names, reveal),
        "surveys": _parts(state.surveys.values(), names, reveal),
        "publicity": _parts(state.publicity.values(), names, reveal),
        "county_visits": [visit.visited_on.isoformat() for visit in state.county_visits],
        "filings": _parts(state.filings, names, reveal),
        "recusals": _parts(state.recusals, names, reveal),
        "changes": _parts(state.changes, names, reveal),
        "reviews": _parts(state.reviews, names, reveal),
        "instructions": _parts(state.instructions, names, reveal),
        "transfers": _transfers(state, names, reveal),
        "credit_notices": _parts(state.credit_notices, names, reveal),
        "recoveries": _recoveries(state, names, reveal),
        "appeals": _parts(state.appeals.values(), names, reveal),
        "dispositions": _parts(state.dispositions, names, reveal),
        "entrustments": _parts(state.entrustments.values(), names, reveal),
        "completions": [
            {"stream": one.stream, "seq": one.seq, "columns": [column for column, _ in one.cells]}
            for one in state.completions
        ],
        "unknown_topics": list(state.unknown_topics),
        "events": state.events,
        "unopened": state.unopened,
        "erased": state.erased,
    }


def changes_between(before: Document, after: Document) -> Changes:
    """Return each path at which two documents differ with both values, in the order of the later document.

    A path names the place: `members.2.counted_until`, `transfers.NX20240410000031.status`, `due_fen`. Things that
    have a number of their own go by it, others by their place from 1. Counters of entries are left out.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return {path: [old.get(path), new.get(path)] for path in {**new, **old} if old.get(path) != new.get(path)}


def people_of(state: CaseState) -> frozenset[str]:
    """Return the names of the people of the case, which its free texts may hold."""
    found = {member.name for member in state.members.values()}
    found.add(state.application.head_name if state.application else None)
    found.add(state.payee.holder if state.payee else None)
    return frozenset(name for name in found if name and len(name) > 1)


# Private


def _single_parts(state: CaseState) -> Mapping[str, Any]:
    return {
        "application": state.application,
        "contact": state.contact,
        "payee": state.payee,
        "consent": state.consent,
        "decision": state.ruling,
        "grant": state.grant,
    }


def _part(part: Any, names: Collection[str], reveal: bool) -> Document | None:
    if part is None:
        return None
    listed = (field.name for field in fields(part) if field.name not in _HIDDEN)
    return {name: _value(name, getattr(part, name), names, reveal) for name in listed}


def _parts(parts: Collection[Any], names: Collection[str], reveal: bool) -> list[Document]:
    return [found for part in parts if (found := _part(part, names, reveal)) is not None]


def _value(name: str, value: Any, names: Collection[str], reveal: bool) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and not reveal and not _is_number(name):
        return masked(name, value, names)
    return value


def _is_number(name: str) -> bool:
    """Tell whether a field is an open number of a document, line or order, which holds long digits by nature."""
    return name in ("transfer", "original", "batch", "order", "number", "document", "region")


def _transfers(state: CaseState, names: Collection[str], reveal: bool) -> list[Document]:
    return [
        {**(_part(one, names, reveal) or {}), "kind": one.kind, "benefit_month": state.benefit_month(one)}
        for one in state.transfers.values()
    ]


def _recoveries(state: CaseState, names: Collection[str], reveal: bool) -> list[Document]:
    return [
        {**(_part(one, names, reveal) or {}), "outstanding_fen": one.outstanding_fen}
        for one in state.recoveries.values()
    ]


def _leaves(document: Document) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{path}", leaf) for path, leaf in _leaves(value))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from _items(name, value)
        elif value is not None and value != [] and name not in _COUNTERS:
            yield name, value


def _items(name: str, items: list[Document]) -> Iterator[tuple[str, Any]]:
    key = _KEYS.get(name, "")
    for place, item in enumerate(items, 1):
        label = item.get(key, place)
        yield from ((f"{name}.{label}.{path}", leaf) for path, leaf in _leaves(item) if path != key)

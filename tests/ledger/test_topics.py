"""Every event class that the ledger can record keeps the promises that all of them make."""

import datetime
import re
import types
from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from domain import fields
from domain.events.base import Event, FiledEvent
from ledger import canonical
from ledger.entry import check_topic
from ledger.topics import TOPICS

CLASSES = list(TOPICS.values())
OPEN_TEXTS = (
    fields.Month,
    fields.Region,
    fields.StaffNumber,
    fields.DocumentNumber,
    fields.Identifier,
    fields.KeyIdentifier,
    fields.Slug,
    fields.TreeRoot,
    fields.VerifierKey,
    fields.KeySignature,  # of one public key over another, nothing of a person
    fields.TextDigest,  # of a pool or a seed, whose text is made of open facts of the log alone
    fields.CosignatureText,
    fields.StratumName,
    fields.LoginName,
    fields.ActorName,
)
OPEN_NUMBERS = (fields.Fen, fields.Count, fields.Ordinal, fields.Hundredths)
PERSONAL_WORDS = ("name", "citizen", "account", "holder", "telephone", "address", "village", "health", "income", "text")
DIGEST_WORDS = ("sha", "hash", "digest", "checksum", "md5", "sm3", "crc")

every_class = pytest.mark.parametrize("event_class", CLASSES, ids=[one.TOPIC for one in CLASSES])


@every_class
def test_topic_is_one_that_an_entry_can_carry(event_class: type[Event]) -> None:
    """noun.past-participle/version, and its own: no two classes share one."""
    check_topic(event_class.TOPIC)
    assert event_class.TOPIC.endswith("/1")
    assert TOPICS[event_class.TOPIC] is event_class
    assert "TOPIC" in vars(event_class)


@every_class
def test_event_is_frozen_strict_and_never_subclassed(event_class: type[Event]) -> None:
    """A subclass would inherit the topic; an extra field would be lost."""
    config = event_class.model_config
    assert (config.get("frozen"), config.get("strict"), config.get("extra")) == (True, True, "forbid")
    assert event_class.__subclasses__() == []
    assert event_class.__doc__
    with pytest.raises(ValidationError):
        event_class.read({"no_such_field": 1})


def test_every_event_class_is_in_the_table() -> None:
    """No class with a topic was forgotten, and the table has no other."""
    assert {one for one in _descendants(Event) if "TOPIC" in vars(one)} - set(CLASSES) == _made_here()
    assert all(not hasattr(one, "TOPIC") for one in (Event, FiledEvent))


@every_class
def test_every_field_is_open_or_sealed_by_its_type(event_class: type[Event]) -> None:
    """Each field in exactly one part, its name one that the grammar takes; sealed ones may be absent."""
    names = set(event_class.model_fields)
    assert names == event_class.OPEN_FIELDS | event_class.SEALED_FIELDS
    assert not event_class.OPEN_FIELDS & event_class.SEALED_FIELDS
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in names)
    assert not any(event_class.model_fields[name].is_required() for name in event_class.SEALED_FIELDS)


@every_class
def test_open_part_holds_only_what_may_be_open(event_class: type[Event]) -> None:
    """Integers, booleans, closed lists, dates, months, ids, document and staff numbers, short regions, citations."""
    for name, hint in _open_hints(event_class):
        assert _may_be_open(hint), f"{event_class.TOPIC}: {name} is open as {hint}"


@every_class
def test_open_part_has_no_personal_field_and_no_digest(event_class: type[Event]) -> None:
    """The names of open fields promise nothing personal, and no hash of anything outside the log."""
    for name in event_class.OPEN_FIELDS:
        assert not any(word in name.split("_") for word in PERSONAL_WORDS), f"{event_class.TOPIC}: {name}"
        assert not any(name.startswith(word) or f"_{word}" in name for word in DIGEST_WORDS), name


def test_a_class_that_does_not_say_where_a_field_goes_cannot_be_made() -> None:
    """A bare str is neither open nor sealed: the class is refused when it is defined."""
    with pytest.raises(TypeError, match="open or sealed"):
        type("Undecided", (Event,), {"__module__": __name__, "__annotations__": {"what": str}})


def test_regions_of_twelve_digits_cannot_be_open() -> None:
    """A village is where somebody lives; a township of nine digits is not."""
    region = re.compile(fields.REGION_PATTERN)
    assert [bool(region.fullmatch("5" * digits)) for digits in (6, 9, 12)] == [True, True, False]


@every_class
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_event_comes_back_from_its_two_parts(event_class: type[Event], data: st.DataObject) -> None:
    """Written in canonical form and read again it is the same; without the sealed part, the same but for that."""
    event = event_class.model_validate(data.draw(_values_of(event_class)))
    open_part, sealed_part = event.open_part(), event.sealed_part()
    assert set(open_part) <= event_class.OPEN_FIELDS
    assert set(sealed_part) <= event_class.SEALED_FIELDS
    written = canonical.encode(open_part), canonical.encode(sealed_part)
    assert event_class.read(canonical.decode(written[0]), canonical.decode(written[1])) == event
    closed = event_class.read(open_part)
    assert closed.open_part() == open_part
    assert closed.sealed_part() == {}


# Private


class _Seen(Event):
    """A class of this test, to see that the walk over the subclasses sees it."""

    TOPIC: ClassVar[str] = "test.seen/1"


def _made_here() -> set[type[Event]]:
    return {_Seen}


def _descendants(event_class: type[Event]) -> Iterator[type[Event]]:
    for one in event_class.__subclasses__():
        yield one
        yield from _descendants(one)


def _hints(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Each field with its type, markers kept and "or None" taken off."""
    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        hint = hints[name]
        if get_origin(hint) in (Union, types.UnionType):
            (hint,) = (one for one in get_args(hint) if one is not types.NoneType)
        yield name, hint


def _open_hints(event_class: type[Event]) -> Iterator[tuple[str, Any]]:
    return ((name, hint) for name, hint in _hints(event_class) if name in event_class.OPEN_FIELDS)


def _may_be_open(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return all(isinstance(member.value, str) for member in hint)
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(base) is tuple:
        return _may_be_open(get_args(base)[0])
    if base is str:
        return hint in OPEN_TEXTS
    if base is int:
        return hint in OPEN_NUMBERS
    if isinstance(base, type) and issubclass(base, BaseModel) and base not in (fields.Citation, fields.Source):
        return all(_may_be_open(inner) for _, inner in _hints(base))
    return base in (bool, datetime.date, fields.Citation, fields.Source)


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cn")), max_size=20).filter(canonical.is_string)


def _values_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Members with which a model can be made; those that may be absent sometimes are."""
    required, optional = {}, {}
    for name, hint in _hints(model):
        place = required if model.model_fields[name].is_required() else optional
        place[name] = _values(hint)
    return st.fixed_dictionaries(required, optional=optional)


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(base) is tuple:
        return st.lists(_values(get_args(base)[0]), max_size=3).map(tuple)
    if isinstance(base, type) and issubclass(base, BaseModel):
        return _values_of(base).map(base.model_validate)
    if base is str:
        return _texts_of(hint)
    if base is int:
        least = 1 if base is hint or hint == fields.Ordinal else 0
        return st.integers(-fields.INTEGER_MAX if hint == fields.Hundredths else least, fields.INTEGER_MAX)
    return {bool: st.booleans(), datetime.date: st.dates()}[base]


def _texts_of(hint: Any) -> st.SearchStrategy[str]:
    limits = [one for one in getattr(hint, "__metadata__", ()) if hasattr(one, "pattern")]
    if not limits:
        return _TEXTS
    pattern = limits[0].pattern
    if pattern:
        return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).filter(lambda text: "\n" not in text)
    return _TEXTS.filter(lambda text: len(text) >= (limits[0].min_length or 0))

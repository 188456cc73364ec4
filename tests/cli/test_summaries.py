"""What an entry says, in one sentence: every topic, both languages, persons masked."""

import datetime
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel

from cli import words
from cli.case_labels import FIELDS, OPEN_POINTS, PARTS, path_label, path_value
from cli.summaries import DETAILS, HEADS, summary
from domain.case import CaseState
from domain.case_view import describe
from domain.events.application import ApplicationAccepted
from domain.events.base import Event
from domain.events.payment import PaymentInstructed, PaymentSettled
from domain.events.verification import ObjectionRaised
from domain.open_points import KINDS
from ledger.topics import TOPICS

SECRETS = {
    "name": "罗国强",
    "holder": "罗国强",
    "head_name": "罗国强",
    "relative_name": "罗国强",
    "citizen_id": "520121196203153012",
    "head_citizen_id": "520121196203153012",
    "relative_citizen_id": "520121196203153012",
    "subject_citizen_id": "520121196203153012",
    "account": "6299010000000000018",
    "telephone": "19912342345",
    "address": "白马镇小寨村1组",
    "village": "520121102207",
}


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    words.choose(request.param)
    yield request.param
    words.choose("en")


def filled(event_class: type[Event]) -> Event:
    """Return an event of the class that says everything it can say."""
    return event_class.model_construct(
        **{name: value_for(name, field.annotation) for name, field in event_class.model_fields.items()}
    )


def value_for(name: str, annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not types.NoneType)
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if name in SECRETS:
        return SECRETS[name]
    if typing.get_origin(annotation) is tuple:
        return ()
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if issubclass(annotation, BaseModel):
        return annotation.model_construct(
            **{key: value_for(key, field.annotation) for key, field in annotation.model_fields.items()}
        )
    samples = {int: 67600, bool: True, datetime.date: datetime.date(2024, 3, 5), str: "2024-03"}
    return samples[annotation]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_told_without_gaps_or_persons(topic: str, language: str) -> None:
    sentence = summary(topic, filled(TOPICS[topic]), datetime.date(2024, 3, 5))
    assert sentence.startswith("2024-03-05 ")
    assert "{" not in sentence and "None" not in sentence
    assert not any(secret in sentence for secret in SECRETS.values())
    assert ("，" in sentence) == (language == "zh" and len(DETAILS.get(topic, ())) > 0)


def test_phrases_are_those_of_known_topics_and_fields() -> None:
    assert set(HEADS) | set(DETAILS) <= set(TOPICS)
    for topic in [*HEADS, *DETAILS]:
        for text in (HEADS.get(topic, ""), *DETAILS.get(topic, ())):
            fields = {part.partition(".")[0].partition("}")[0] for part in text.split("{")[1:]}
            assert fields <= set(TOPICS[topic].model_fields), (topic, text)


def test_sentences_read_as_people_write_them() -> None:
    accepted = ApplicationAccepted(occurred_on=datetime.date(2024, 3, 5), officer="MZ0009")
    paid = PaymentSettled(
        transfer="NX1",
        batch="FF202404-01",
        cash_month="2024-04",
        occurred_on=datetime.date(2024, 4, 10),
        amount_fen=67600,
    )
    assert summary(accepted.TOPIC, accepted, accepted.occurred_on) == "2024-03-05 application accepted, officer MZ0009"
    words.choose("zh")
    try:
        assert summary(accepted.TOPIC, accepted, accepted.occurred_on) == "2024-03-05 受理申请，经办人 MZ0009"
        told = summary(paid.TOPIC, paid, paid.occurred_on)
        assert told == "2024-04-10 银行付款成功 676.00 元，批次 FF202404-01，流水 NX1"
    finally:
        words.choose("en")


def test_line_of_a_plan_begins_with_its_month() -> None:
    planned = PaymentInstructed(batch="FF1", pay_month="2024-05", month="2024-04", amount_fen=67600)
    assert summary(planned.TOPIC, planned) == "2024-05 payment of 676.00 yuan for 2024-04 instructed, batch FF1"


def test_people_of_the_case_are_masked_in_free_texts() -> None:
    raised = ObjectionRaised(opened_on=datetime.date(2024, 3, 5), objection="罗国强有车 {place}")
    assert summary(raised.TOPIC, raised, None, {"罗国强"}) == "objection raised, “罗**有车 {place}”"


def test_topic_of_a_later_version_has_its_name_alone() -> None:
    assert summary("note.made/9", None) == "note.made/9"


def test_every_part_field_and_open_point_has_a_label(language: str) -> None:
    document = describe(CaseState(), "2024-04")
    parts = {name for name, value in document.items() if isinstance(value, list | dict)}
    assert parts <= set(PARTS)
    assert set(OPEN_POINTS) == set(KINDS)
    for text in [*PARTS.values(), *FIELDS.values(), *OPEN_POINTS.values()]:
        assert (words._(text) == text) == (language == "en"), text


def test_paths_and_values_are_written_for_people() -> None:
    assert path_label("members.2.counted_until") == "household member 2: no longer from"
    assert path_label("due_fen") == "due (yuan)"
    assert path_value("due_fen", 67600) == "676.00"
    assert path_value("application.programme", "农村低保") == "rural dibao"
    assert (path_value("status", None), path_value("members.1.counted", True)) == ("—", "yes")

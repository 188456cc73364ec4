"""Whatever the open part of an entry holds, an event of the exports says it in one plain value."""

import datetime
from typing import Any

from audit.mining.activity import Scalar, activity
from domain.events.base import Event
from domain.events.inspection import DrawAnnounced, SampleDrawn
from domain.fields import Recusal, Stratum
from domain.recorded import Recorded
from domain.vocabulary import RecusalGround

AT = datetime.datetime(2024, 12, 3, tzinfo=datetime.UTC)


def test_strata_of_a_draw_are_said_in_words() -> None:
    strata = (
        Stratum(name="520121101 农村低保", cases=31, weight=40, sample=2),
        Stratum(name="-", cases=1, weight=1, sample=1),
    )
    said = "name=520121101 农村低保,cases=31,weight=40,sample=2 name=-,cases=1,weight=1,sample=1"
    assert _values(DrawAnnounced, strata=strata) == {"strata": said}


def test_recusals_of_a_drawn_case_are_said_in_words() -> None:
    recused = (Recusal(staff="MZ0007", ground=RecusalGround.HANDLED),)
    assert _values(SampleDrawn, recused=recused) == {"recused": "staff=MZ0007,ground=经办"}


# Private


def _values(event_class: type[Event], **facts: Any) -> dict[str, Scalar]:
    """Return the values of an event of which only these facts are looked at."""
    event = event_class.model_construct(**(dict.fromkeys(event_class.model_fields) | facts))
    recorded = Recorded(5, "inspection/CJ2024-01", 2, event.TOPIC, AT, "staff/MZ0005", "c", event, True)
    return activity(recorded, None).values

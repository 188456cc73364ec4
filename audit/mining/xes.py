"""The cases as an event log in XES (IEEE 1849-2016): a trace per case, an event per entry of its stream.

Written trace by trace; within a trace events stand in the order of their days, and those of one day as recorded.
"""

from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO, Final
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from audit.mining.activity import Activity, Scalar, activity, attribute_types
from domain.case import CaseState
from domain.case_fold import fold
from domain.entitlement import CONFIRMED
from domain.recorded import Recorded
from domain.world_days import world_days
from ledger.duties import DUTIES_OF
from ledger.entry import decode_name, format_time
from ledger.ledger import Ledger

Label = Callable[[str], str]

_EXTENSIONS: Final = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Organizational", "org"),
    ("Lifecycle", "lifecycle"),
)
_TAGS: Final = {"integer": "int", "boolean": "boolean", "time": "date", "string": "string"}


def write_xes(
    ledger: Ledger,
    stop: int,
    label: Label,
    stream: BinaryIO,
    is_wanted: Callable[[CaseState], bool] = lambda state: True,
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write the cases as they stood before position `stop`; return how many events were written.

    `label` names a topic; `is_wanted` chooses cases. Memory is that of one case.
    """
    out = XMLGenerator(stream, "utf-8", short_empty_elements=True)
    out.startDocument()
    _open(out, "log", {"xes.version": "1849.2016", "xes.features": "", "xmlns": "http://www.xes-standard.org/"})
    _header(out, ledger.origin)
    written = 0
    for name in ledger.store.stream_names("case/"):
        records = [r for r in ledger.stream(name, open_sealed=False) if r.position < stop]
        on_progress(len(records))
        state = fold(records)
        if records and is_wanted(state):
            written += len(records)
            _trace(out, decode_name(name)[1], state, records, label)
    out.characters("\n")
    out.endElement("log")
    out.endDocument()
    return written


def skipped_steps(state: CaseState) -> Iterator[str]:
    """Yield the steps that a confirmed case went without before its decision (民发〔2021〕57号 art 28)."""
    decided_on = state.ruling.decided_on if state.ruling else None
    if state.ruling is None or state.ruling.outcome != CONFIRMED or decided_on is None:
        return
    authorized_on = state.consent.authorized_on
    if authorized_on is None or authorized_on > decided_on:
        yield "authorization"
    for step, days in (("survey", state.surveys), ("publicity", state.publicity)):
        if not any(day <= decided_on for day in days):
            yield step


# Private


def _header(out: XMLGenerator, origin: str) -> None:
    for name, prefix in _EXTENSIONS:
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        _element(out, "extension", {"name": name, "prefix": prefix, "uri": uri}, 1)
    for scope, names in (("trace", ("concept:name",)), ("event", ("concept:name", "time:timestamp"))):
        out.characters("\n  ")
        _open(out, "global", {"scope": scope})
        for name in names:
            if name == "time:timestamp":
                _attribute(out, "date", name, "1970-01-01T00:00:00.000000Z", 2)
            else:
                _attribute(out, "string", name, "", 2)
        out.characters("\n  ")
        out.endElement("global")
    _element(out, "classifier", {"name": "Activity", "scope": "event", "keys": "concept:name"}, 1)
    _element(out, "classifier", {"name": "Officer", "scope": "event", "keys": "org:resource"}, 1)
    _attribute(out, "string", "concept:name", origin, 1)


def _trace(out: XMLGenerator, case: str, state: CaseState, records: Collection[Recorded], label: Label) -> None:
    out.characters("\n  ")
    _open(out, "trace", {})
    facts = {"concept:name": case, "skipped": " ".join(skipped_steps(state))}
    if state.application:
        facts |= {"programme": state.application.programme or "", "region": state.application.region or ""}
    if state.ruling:
        facts["outcome"] = state.ruling.outcome or ""
    for key, value in facts.items():
        _attribute(out, "string", key, value, 2)
    days = world_days(records)
    told = [activity(recorded, days[recorded.position]) for recorded in records]
    for one in sorted(told, key=lambda one: (one.time, one.position)):
        _event(out, one, label)
    out.characters("\n  ")
    out.endElement("trace")


def _event(out: XMLGenerator, one: Activity, label: Label) -> None:
    out.characters("\n    ")
    _open(out, "event", {})
    _attribute(out, "string", "concept:name", label(one.topic), 3)
    _attribute(out, "date", "time:timestamp", format_time(one.time), 3)
    _attribute(out, "string", "lifecycle:transition", "complete", 3)
    if one.officer is not None:
        _attribute(out, "string", "org:resource", one.officer, 3)
    duties = DUTIES_OF.get(one.topic, ())
    if len(duties) == 1:  # what several duties record says nothing about who did it
        _attribute(out, "string", "org:role", str(duties[0]), 3)
    types = attribute_types(one.topic)
    for name, value in one.values.items():
        _attribute(out, _TAGS[types.get(name, "string")], name, value, 3)
    _attribute(out, "int", "position", one.position, 3)
    _attribute(out, "string", "topic", one.topic, 3)
    _attribute(out, "date", "recorded_at", format_time(one.recorded_at), 3)
    out.characters("\n    ")
    out.endElement("event")


def _attribute(out: XMLGenerator, tag: str, key: str, value: Scalar, depth: int) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    _element(out, tag, {"key": key, "value": text}, depth)


def _element(out: XMLGenerator, name: str, attributes: dict[str, str], depth: int) -> None:
    out.characters("\n" + "  " * depth)
    _open(out, name, attributes)
    out.endElement(name)


def _open(out: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    out.startElement(name, AttributesImpl(attributes))

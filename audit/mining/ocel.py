"""The log as an object-centric event log, OCEL 2.0: every entry an event, every thing that entries touch an object.

Source: OCEL 2.0 specification (Berti et al., 2023), sections 3 (metamodel), 4 (relational) and 6 (JSON). Two forms,
JSON and SQLite, are written by `ocel_json` and `ocel_sqlite` from what is gathered here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from audit.mining.activity import Activity, Scalar, Thing, activities, attribute_types
from ledger.entry import format_time
from ledger.ledger import Ledger

Label = Callable[[str], str]
"""What a topic is called; no two topics are called the same."""

ENTRY_ATTRIBUTES: Final = {"position": "integer", "topic": "string", "recorded_at": "time"}
"""What every event says of its entry, beside what its topic says."""

BEGINNING: Final = "1970-01-01T00:00:00.000000Z"
"""The time of what a thing is from the first: OCEL 2.0 dates every value of an object."""

_PARTS: Final = {"member": "case"}
_DESCRIBED: Final = {
    "application.submitted/1": ("case", ("programme", "region", "channel")),
    "member.joined/1": ("member", ("relation", "counted")),
    "recovery.ordered/1": ("recovery", ("cause", "refund_fen")),
    "appeal.lodged/1": ("appeal", ("kind",)),
    "standard.adopted/1": ("standard", ("item",)),
}
"""Which activity describes a thing, and by which of its values."""


@dataclass(frozen=True, slots=True)
class OcelEvent:
    """One event: its id, type and time, its attributes, and the objects it relates to, each with a qualifier."""

    id: str
    type: str
    time: str
    attributes: dict[str, Scalar]
    relations: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class OcelObject:
    """One object: what it is, what is known of it from the first, and the objects it is part of."""

    thing: Thing
    attributes: dict[str, Scalar] = field(default_factory=dict)


class OcelWriter(Protocol):
    """Takes the events in the order of the log, then everything else."""

    def put_event(self, event: OcelEvent) -> None:
        """Write one event."""

    def finish(self, types: dict[str, dict[str, str]], objects: dict[Thing, OcelObject]) -> None:
        """Write the event types with their attributes' types, and the objects."""


def write_ocel(
    ledger: Ledger, stop: int, label: Label, writer: OcelWriter, on_progress: Callable[[int], None] = lambda _: None
) -> None:
    """Hand the entries before position `stop` to a writer; memory grows with the things, not with the entries."""
    types: dict[str, dict[str, str]] = {}
    objects: dict[Thing, OcelObject] = {}
    for activity in activities(ledger.events(0, stop, open_sealed=False)):
        types.setdefault(label(activity.topic), {**attribute_types(activity.topic), **ENTRY_ATTRIBUTES})
        _note_things(activity, objects)
        writer.put_event(_event(activity, label))
        on_progress(1)
    writer.finish(types, objects)


def object_attributes(kind: str) -> dict[str, str]:
    """Return what objects of a kind may say of themselves, and the type of each."""
    described = [(topic, names) for topic, (of, names) in _DESCRIBED.items() if of == kind]
    return {name: attribute_types(topic)[name] for topic, names in described for name in names}


def parts_of(objects: dict[Thing, OcelObject]) -> Iterator[tuple[Thing, Thing, str]]:
    """Yield each object that is part of another one, that other one, and the qualifier."""
    for thing in objects:
        whole = Thing(_PARTS.get(thing.kind, ""), thing.number.rpartition("/")[0])
        if whole in objects:
            yield thing, whole, "part of"


# Private


def _event(activity: Activity, label: Label) -> OcelEvent:
    entry: dict[str, Scalar] = {
        "position": activity.position,
        "topic": activity.topic,
        "recorded_at": format_time(activity.recorded_at),
    }
    relations = tuple(dict.fromkeys((thing.id, what) for thing, what in activity.touched))
    return OcelEvent(
        f"entry/{activity.position}",
        label(activity.topic),
        format_time(activity.time),
        {**activity.values, **entry},
        relations,
    )


def _note_things(activity: Activity, objects: dict[Thing, OcelObject]) -> None:
    kind, names = _DESCRIBED.get(activity.topic, ("", ()))
    for thing, _ in activity.touched:
        known = objects.get(thing)
        if known is None:
            known = objects[thing] = OcelObject(thing)
        if thing.kind == kind:
            known.attributes |= {name: activity.values[name] for name in names if name in activity.values}

"""OCEL 2.0 as JSON, written event by event (specification section 6)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from audit.mining.activity import Scalar, Thing
from audit.mining.ocel import BEGINNING, OcelEvent, OcelObject, object_attributes, parts_of


class OcelJson:
    """Writes one document to a stream of text; `finish` closes it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._separator = '{"events":[\n'

    def put_event(self, event: OcelEvent) -> None:
        """Write one event."""
        relations = [{"objectId": number, "qualifier": what} for number, what in event.relations]
        attributes = [{"name": name, "value": value} for name, value in event.attributes.items()]
        self._item({"id": event.id, "type": event.type, "time": event.time, "attributes": attributes}, relations)

    def finish(self, types: dict[str, dict[str, str]], objects: dict[Thing, OcelObject]) -> None:
        """Write objects and types."""
        if self._separator.startswith("{"):
            self._stream.write(self._separator)
        self._separator = '\n],\n"objects":[\n'
        wholes = {part: [{"objectId": whole.id, "qualifier": what}] for part, whole, what in parts_of(objects)}
        for thing, known in objects.items():
            described = [{"name": name, "time": BEGINNING, "value": value} for name, value in known.attributes.items()]
            self._item({"id": thing.id, "type": thing.kind, "attributes": described}, wholes.get(thing, []))
        kinds = sorted({thing.kind for thing in objects})
        listed = {
            "eventTypes": list(_types(types.items())),
            "objectTypes": list(_types((kind, object_attributes(kind)) for kind in kinds)),
        }
        closing = "\n],\n" if objects else '\n],\n"objects":[],\n'
        self._stream.write(closing + json.dumps(listed, ensure_ascii=False)[1:] + "\n")

    # Private

    def _item(self, members: dict[str, Any], relations: list[dict[str, str]]) -> None:
        text = json.dumps({**members, "relationships": relations}, ensure_ascii=False, separators=(",", ":"))
        self._stream.write(self._separator + text)
        self._separator = ",\n"


def _types(named: Iterable[tuple[str, dict[str, str]]]) -> Iterator[dict[str, Scalar | list[dict[str, str]]]]:
    for name, attributes in named:
        yield {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in attributes.items()]}

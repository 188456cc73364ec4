"""What every event is: a frozen fact with a topic, an open part and a sealed part."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from domain.fields import Openness, OpenSource, openness_of


class Event(BaseModel):
    """A fact that was recorded; frozen, strict, extra fields refused.

    A subclass with a `TOPIC` is never subclassed again. Fields whose type is sealed are None when the entry was read
    without its key, or when the key was destroyed; they are therefore optional in every class.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    TOPIC: ClassVar[str]
    OPEN_FIELDS: ClassVar[frozenset[str]]
    SEALED_FIELDS: ClassVar[frozenset[str]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        places = {
            name: openness_of(field.annotation, tuple(field.metadata)) for name, field in cls.model_fields.items()
        }
        cls.OPEN_FIELDS = frozenset(name for name, place in places.items() if place is Openness.OPEN)
        cls.SEALED_FIELDS = frozenset(name for name, place in places.items() if place is Openness.SEALED)

    def open_part(self) -> dict[str, Any]:
        """Return the members of the entry's open payload: JSON values, absent fields omitted."""
        return self._dumped(self.OPEN_FIELDS)

    def sealed_part(self) -> dict[str, Any]:
        """Return the members of the sealed object; empty when nothing personal was said."""
        fields = self.SEALED_FIELDS
        members = self.__dict__
        return self._dumped(fields) if any(members[name] is not None for name in fields) else {}

    @classmethod
    def read(cls, open_part: Mapping[str, Any], sealed_part: Mapping[str, Any] | None = None) -> Self:
        """Build the event again from its two parts; without the sealed one its fields are None.

        Raises pydantic.ValidationError when a part does not fit the class.
        """
        members = {**open_part, **sealed_part} if sealed_part else dict(open_part)
        return cls.model_validate_json(json.dumps(members))

    def _dumped(self, fields: frozenset[str]) -> dict[str, Any]:
        # What `model_dump` calls; of millions of events its own arguments would be a good part of the time.
        dumped: dict[str, Any] = self.__pydantic_serializer__.to_python(
            self, mode="json", include=set(fields), exclude_none=True
        )
        return dumped


class FiledEvent(Event):
    """An event that came from a row of a file handed over, or was recorded live (then without a source)."""

    source: OpenSource | None = None

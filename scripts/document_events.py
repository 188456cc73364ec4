"""Writes docs/events.md from the event classes, so that the page cannot say anything else than the code.

python scripts/document_events.py            writes the page
python scripts/document_events.py --check    exit code 1 when the page is not what would be written
"""

import datetime
import inspect
import sys
import types
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from domain import fields
from domain.events.base import Event
from ledger.topics import TOPICS

PAGE: Final = Path(__file__).parents[1] / "docs" / "events.md"


def page() -> str:
    """Return the whole page."""
    groups: dict[str, list[type[Event]]] = {}
    for event_class in TOPICS.values():
        groups.setdefault(event_class.__module__, []).append(event_class)
    parts = [_INTRODUCTION.format(count=len(TOPICS))]
    for module, classes in groups.items():
        heading = (inspect.getdoc(sys.modules[module]) or "").split("\n")[0]
        parts.append(f"## {heading.rstrip('.')}")
        parts += [_section(event_class) for event_class in classes]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the page, or say whether it is the one that would be written."""
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


# Private

_INTRODUCTION: Final = """\
# Events

Written by `scripts/document_events.py` from the classes in `domain/events/`; a test fails when it is stale. These are
the {count} topics that this version knows: an entry's `type`, the stream it stands in, what it means, and the members
of its open and its sealed part. The bytes are specified in [format.md](format.md).

A member marked *optional* is left out when it is absent; there is no `null`. Every sealed member is optional. Integers
are at most 2^53-1 either way. A *day* is `YYYY-MM-DD`, a *month* `YYYY-MM`. Amounts are in fen, 0.01 yuan. A *citation*
is `{{"seq":…,"stream":…}}` and names another entry. A *source* is `{{"file":citation,"row":…,"sheet":…}}`: the entry of
the file that was handed over, the row from 1 and, for a workbook, the sheet from 1. A topic's meaning never changes:
what means something else gets another version.

Streams: `case/` + number of the application · `batch/` + number of the disbursement batch, for money that names no
loaded case · `recovery/` + number of the order · `appeal/` + number of the appeal · `staff/` + staff number · `person/`
+ 32 hex digits made with a secret key, so that the open part names nobody · `standard/` + item · `import/` + number of
the delivery, six digits · `inspection/` + number of the draw · `temporary-aid/` + number of the grant · `reserve/` +
township · `ledger/main`."""

_CASE: Final = "`case/…`"
_STREAMS: Final = {
    "ledger": "`ledger/main`",
    "import": "`import/…`",
    "row": "the stream of the row that is completed",
    "standard": "`standard/…`",
    "staff": "`staff/…`",
    "relative": "`staff/…`",
    "relation": "`staff/…`",
    "kinship-scope": "`standard/kinship-scope`",
    "payment": "`case/…`, or `batch/…` when it names no loaded case",
    "return": "`case/…`, or `batch/…` when it names no loaded case",
    "recovery": "`recovery/…`",
    "appeal": "`appeal/…`",
    "appeal.received/1": _CASE,
    "appeal.applied/1": _CASE,
    "death": "`person/…`",
    "credit": "`person/…`",
    **dict.fromkeys(("draw", "sample", "finding", "rectification"), "`inspection/…`"),
    "temporary-aid": "`temporary-aid/…`",
    "reserve": "`reserve/…`",
}

_NAMED: Final = (
    (fields.Month, "month"),
    (fields.Region, "region of 6 or 9 digits"),
    (fields.StaffNumber, "staff number"),
    (fields.DocumentNumber, "document number"),
    (fields.Identifier, "id, 1 to 80 characters"),
    (fields.KeyIdentifier, "key id, 32 hex digits"),
    (fields.Slug, "word of `a-z 0-9 _ -`"),
    (fields.VerifierKey, "verifier key"),
    (fields.TextDigest, "SHA-256, 64 hex digits"),
    (fields.CosignatureText, "base64 of 64 bytes"),
    (fields.LoginName, "login, 1 to 63 of `a-z 0-9 _ . -`"),
    (fields.ActorName, "`staff/` + staff number, or `system/` + word"),
    (fields.Ordinal, "integer from 1"),
)
_PLAIN: Final = {str: "text", int: "integer", bool: "boolean", datetime.date: "day"}


def _section(event_class: type[Event]) -> str:
    topic = event_class.TOPIC
    stream = _STREAMS.get(topic) or _STREAMS.get(topic.partition(".")[0], _CASE)
    text = f"### `{topic}`\n\n{inspect.getdoc(event_class)}\n\nStream: {stream}."
    hints = get_type_hints(event_class, include_extras=True)
    rows = [
        f"| `{name}` | {'open' if name in event_class.OPEN_FIELDS else 'sealed'} | {_kind(name, hints[name])} |"
        for name in sorted(event_class.model_fields, key=lambda name: (name in event_class.SEALED_FIELDS, name))
    ]
    if not rows:
        return f"{text}\n\nNo members: the payload is `{{}}`."
    return "\n".join([f"{text}\n", "| member | part | value |", "|---|---|---|", *rows])


def _kind(name: str, hint: Any) -> str:
    """Describe the values of one member."""
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (one for one in get_args(hint) if one is not types.NoneType)
        return f"{_kind(name, inner)}, optional"
    for alias, description in _NAMED:
        if hint == alias:
            return description
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(base) is tuple:
        return f"list; each: {_kind(name, get_args(base)[0])}"
    if issubclass(base, Enum):
        return "one of " + " · ".join(str(member.value) for member in base)
    if issubclass(base, BaseModel):
        return _object(base)
    unit = " fen" if name.endswith("_fen") else " hundredths" if name.endswith("_hundredths") else ""
    return _PLAIN[base] + unit + (" from 0" if hint in (fields.Count, fields.Fen) else "")


def _object(model: type[BaseModel]) -> str:
    if model in (fields.Citation, fields.Source):
        return model.__name__.lower()
    return "object of " + ", ".join(f"`{name}`" for name in sorted(model.model_fields))


if __name__ == "__main__":
    sys.exit(main())

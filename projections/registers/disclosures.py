"""`register disclosures`: who had personal data shown unmasked, of what and when; what for is sealed in the log."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from domain.events.disclosure import PersonalDataViewed
from domain.recorded import Recorded
from ledger.entry import format_time
from projections.database import Database
from projections.register import Mark, Register, values_of
from projections.scope import Scope, open_view
from projections.table import Row, Table, integers, texts

Reason = Callable[[int], str | None]

_VIEWED: Final = Table(
    "viewed", (*texts("at", "viewed_by", "command", "case_id", "of_register"), *integers("shown"), *texts("duties"))
)
_NAMES: Final = ("position", "at", "by", "command", "case", "of_register", "rows", "duties")


def disclosures(database: Database, scope: Scope, reason: Reason | None = None) -> dict[str, Any]:
    """Return the disclosures in the order of the log; `case`, or the register and the number of rows, says of what.

    `reason(position)` opens what one was for; without it none is given. `as_of` hides what was shown after that day.
    """
    with open_view(database, scope) as view:
        rows = []
        for values in view.rows(_VIEWED, *_VIEWED.column_names()):
            if scope.as_of is not None and values[1][:10] > scope.as_of.isoformat():
                continue
            found = dict(zip(_NAMES, values, strict=True))
            rows.append({**found, **({"reason": reason(found["position"])} if reason else {})})
        return {"known_at": view.known_at, "rows": rows, **view.asked}


# Private

_fields = values_of("command", "case", "of_register", "rows")


def _viewed(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, PersonalDataViewed)
    duties = None if event.duties is None else ", ".join(event.duties)
    return (Row(_VIEWED, (format_time(recorded.at), recorded.by, *_fields(event), duties)),)


DISCLOSURES: Final = Register("disclosures", (_VIEWED,), {"personal-data.viewed/1": _viewed})

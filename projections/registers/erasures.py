"""The streams whose keys were erased: what was sealed in them is no longer there to be looked at."""

from collections.abc import Iterable
from typing import Final

from domain.recorded import Recorded
from ledger.entry import decode_name
from projections.register import Mark, Register
from projections.scope import View
from projections.table import Row, Table, texts

_WHENEVER: Final = 2**62

_ERASED: Final = Table("erased", texts("kind", "subject"))


def erased(view: View, kind: str) -> frozenset[str]:
    """Return the ids of the erased streams of a kind: case numbers of `case`, keyed stand-ins of `person`.

    What is gone is gone for every question, also for one about what was known before.
    """
    rows = view.database.rows(_ERASED.select("subject", where="kind = ?"), (_WHENEVER, kind))
    return frozenset(subject for (subject,) in rows)


# Private


def _requested(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    return (Row(_ERASED, decode_name(recorded.stream)),)


ERASURES: Final = Register("erasures", (_ERASED,), {"ledger.erasure-requested/1": _requested})

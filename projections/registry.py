"""The one list of what the follower keeps: a new register is one file and one line here.

`HANDLERS_VERSION` rises when a handler's meaning changes without its tables changing; either change rebuilds them all.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from projections.appeals import APPEALS
from projections.case_facts import CASE_FACTS
from projections.credit import CREDIT
from projections.deaths import DEATHS
from projections.delivery_facts import DELIVERY_FACTS
from projections.recoveries import RECOVERIES
from projections.register import Register
from projections.staff_facts import STAFF_FACTS
from projections.table import definitions
from projections.transfer_facts import TRANSFER_FACTS
from projections.verifications import VERIFICATIONS

HANDLERS_VERSION: Final = 1

REGISTERS: Final[tuple[Register, ...]] = (
    DELIVERY_FACTS,
    CASE_FACTS,
    VERIFICATIONS,
    STAFF_FACTS,
    TRANSFER_FACTS,
    RECOVERIES,
    APPEALS,
    CREDIT,
    DEATHS,
)


def schema_version(registers: Sequence[Register]) -> str:
    """Return what changes whenever a table, a handled topic or a handler's meaning changes: 32 hexadecimal digits."""
    parts = [str(HANDLERS_VERSION)]
    for register in registers:
        parts += [register.name, *sorted(register.handlers), *sorted(register.opens), *definitions(register.tables)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

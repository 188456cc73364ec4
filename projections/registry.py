"""What the follower keeps: the registers of the folder `registers`, found by their being there.

A file of that folder that defines a `Register` adds one. `HANDLERS_VERSION` rises when a handler's meaning changes
without its tables changing; either change rebuilds them all.
"""

import hashlib
import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Final

from projections import registers
from projections.register import Register
from projections.table import definitions

HANDLERS_VERSION: Final = 1


def registers_in(folder: ModuleType) -> tuple[Register, ...]:
    """Return the registers that the modules of a package define, in the order of their names.

    Raises ValueError when two of them have one name, or tables of one name.
    """
    modules = (import_module(f"{folder.__name__}.{found.name}") for found in pkgutil.iter_modules(folder.__path__))
    defined = {id(one): one for module in modules for one in vars(module).values() if isinstance(one, Register)}
    found = sorted(defined.values(), key=lambda register: register.name)
    for names in ([one.name for one in found], [table.name for one in found for table in one.tables]):
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(f"two registers of {folder.__name__} share a name: {', '.join(sorted(repeated))}")
    return tuple(found)


def schema_version(registers: Sequence[Register]) -> str:
    """Return what changes whenever a table, a handled topic or a handler's meaning changes: 32 hexadecimal digits."""
    parts = [str(HANDLERS_VERSION)]
    for register in registers:
        parts += [register.name, *sorted(register.handlers), *sorted(register.opens), *definitions(register.tables)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


REGISTERS: Final = registers_in(registers)

"""The registers (台账) that can be asked for by name: the files of the folder `registers`, found by their being there.

A file `temporary_aid.py` that defines a `REGISTER` is asked for as `temporary-aid`.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Final

from cli import registers
from cli.register_table import RegisterTable


def registers_in(folder: ModuleType) -> Mapping[str, RegisterTable]:
    """Return the registers of a package, in the order of their names; raises TypeError for a file without one."""
    found = {}
    for one in sorted(pkgutil.iter_modules(folder.__path__), key=lambda module: module.name):
        register = getattr(import_module(f"{folder.__name__}.{one.name}"), "REGISTER", None)
        if not isinstance(register, RegisterTable):
            raise TypeError(f"{folder.__name__}.{one.name}: expected a RegisterTable named REGISTER, found none")
        found[one.name.replace("_", "-")] = register
    return found


REGISTERS: Final = registers_in(registers)

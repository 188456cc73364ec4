"""Who may do what with the tables of a ledger in PostgreSQL, as grants, and as the catalogue shows them.

Only the six duties have rights, and only these. Nobody is granted the column of the sealed parts: they are read
through a view, by whoever has recorded an opening. Every duty appends; which topics, the table of duties says. The
registers belong to a role that those who record cases are members of, so that each of them may bring the registers up
to date; auditors read them.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.duties import Duty
from ledger.duties import OPENING, role_of
from ledger.postgres_guards import OPENED

REGISTER_ROLE: Final = "mingzhang_registers"
DUTY_ROLES: Final = tuple(role_of(duty) for duty in Duty)
ROLES: Final = (*DUTY_ROLES, REGISTER_ROLE)

_OPEN_COLUMNS: Final = ("position", "seq", "n", "stream", "type", "at", "by", "command", "entry")
_EVERYBODY: Final = tuple(Duty)

_TABLES: Final[Mapping[str, Mapping[str, tuple[Duty, ...]]]] = {
    "log": {"SELECT": _EVERYBODY},
    "entries": {"INSERT": _EVERYBODY},
    "heads": {"SELECT": _EVERYBODY, "INSERT": _EVERYBODY},
    "tiles": {"SELECT": _EVERYBODY, "INSERT": _EVERYBODY},
    "checkpoints": {"SELECT": _EVERYBODY, "INSERT": (Duty.ADMIN,)},
    "actors": {"SELECT": _EVERYBODY},
    "duties": {"SELECT": _EVERYBODY},
    "openings": {"SELECT": (Duty.AUDIT, Duty.ADMIN)},
    OPENED: {"SELECT": OPENING},
}
_FUNCTIONS: Final = {
    "tip(text)": _EVERYBODY,
    "may_stand_as(text)": _EVERYBODY,
    "apply_logins()": _EVERYBODY,
    "record_opening(text)": OPENING,
    "opening_is_recorded()": OPENING,
}


def grants() -> list[str]:
    """Return the statements that give the rights; the roles must be there. Whoever runs them owns the tables."""
    return [
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mingzhang FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA mingzhang, mingzhang_registers TO {_names(_EVERYBODY)}",
        f"GRANT SELECT ({', '.join(_OPEN_COLUMNS)}) ON mingzhang.entries TO {_names(_EVERYBODY)}",
        *(
            f"GRANT {right} ON mingzhang.{table} TO {_names(duties)}"
            for table, rights in _TABLES.items()
            for right, duties in rights.items()
        ),
        *(f"GRANT EXECUTE ON FUNCTION mingzhang.{name} TO {_names(duties)}" for name, duties in _FUNCTIONS.items()),
        f"GRANT USAGE, CREATE ON SCHEMA mingzhang_registers TO {REGISTER_ROLE}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {REGISTER_ROLE} IN SCHEMA mingzhang_registers"
        f" GRANT SELECT ON TABLES TO {role_of(Duty.AUDIT)}",
    ]


def expected() -> Iterator[str]:
    """Yield the name of each right besides those of the owner."""
    for duty in _EVERYBODY:
        yield f"privilege USAGE on schema mingzhang to {role_of(duty)}"
        for column in _OPEN_COLUMNS:
            yield f"privilege SELECT on column entries.{column} to {role_of(duty)}"
    for table, rights in _TABLES.items():
        for right, duties in rights.items():
            for duty in duties:
                yield f"privilege {right} on table {table} to {role_of(duty)}"
    for name, duties in _FUNCTIONS.items():
        for duty in duties:
            yield f"privilege EXECUTE on function {name.partition('(')[0]} to {role_of(duty)}"


# Private


def _names(duties: tuple[Duty, ...]) -> str:
    return ", ".join(role_of(duty) for duty in duties)

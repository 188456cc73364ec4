"""In whose name a command records that a person runs: the name given, or the one that his login has."""

import getpass
from typing import TYPE_CHECKING

from cli.errors import BadOption
from cli.words import _
from ledger.entry import encode_name
from ledger.store import Store
from ledger.stores import session_of

if TYPE_CHECKING:
    from ledger.postgres_logins import Session


def actor_of(session: "Session", by: str | None, otherwise: str) -> str:
    """Return the name given, else the staff name of this login, else another; BadOption when it has several."""
    own = [actor for actor in session.actors if actor.startswith("staff/")]
    if by is None and len(own) > 1:
        raise BadOption(_("This login has several names"), where="--by", expected=", ".join(own))
    return by or (own[0] if own else otherwise)


def recorder(store: Store, by: str | None) -> str:
    """Return whom an entry names that a person records: the name given, the login's own, the user of the machine."""
    session = session_of(store)
    if session is None:
        return by or encode_name("user", getpass.getuser())
    return actor_of(session, by, next(iter(session.actors), encode_name("login", session.login)))

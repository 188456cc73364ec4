"""In whose name a command records that a person runs: the option `--by`, and the name it comes to.

A person is named by staff number, `MZ0012` or in full `staff/MZ0012`; the program itself by such as `system/import`.
"""

import getpass
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Option
from cli.errors import BadOption
from cli.words import N_, _
from domain.fields import STAFF_NUMBER_PATTERN
from ledger.entry import encode_name, is_name
from ledger.store import Store
from ledger.stores import session_of

if TYPE_CHECKING:
    from ledger.postgres_logins import Session

WHO: Final = N_(
    "Who does it, such as MZ0012 or staff/MZ0012; the login's own name, or the user of this machine, unless given."
)
WHO_OR_PROGRAM: Final = N_(
    "Who does it, such as MZ0012 or staff/MZ0012; the login's own name, or in a file the program's, unless given."
)
WHO_ALONE: Final = N_("Who does it, such as MZ0012 or staff/MZ0012; it stands in every entry.")


def by_option(text: str = WHO, default: str | None = None) -> Callable[..., Any]:
    """Return the option `--by`, which a command gets as `by`: an actor's name in full, None where none was given."""
    return click.option(
        "--by",
        cls=Option,
        metavar="NAME",
        default=default,
        show_default=default is not None,
        callback=lambda _context, _parameter, value: None if value is None else actor_named(value),
        help=text,
    )


def actor_named(text: str) -> str:
    """Return the actor that a text names: `staff/MZ0012` for MZ0012; raises BadOption for what is no name."""
    name = f"staff/{text}" if re.fullmatch(STAFF_NUMBER_PATTERN, text) else text
    if not is_name(name):
        expected = _("a staff number such as MZ0012, or a name in full such as staff/MZ0012")
        raise BadOption(_("This is not a name"), where="--by", expected=expected, found=text)
    return name


def recorder(store: Store, by: str | None, otherwise: str | None = None) -> str:
    """Return whom an entry names that a person records: the name given, the staff name of this login, or another.

    Without `otherwise` that is another name of the login, in a file the user of the machine. Raises BadOption when a
    login has several staff names.
    """
    session = session_of(store)
    if session is None:
        return by or otherwise or encode_name("user", getpass.getuser())
    return by or _own_name(session) or otherwise or next(iter(session.actors), encode_name("login", session.login))


# Private


def _own_name(session: "Session") -> str | None:
    own = [actor for actor in session.actors if actor.startswith("staff/")]
    if len(own) > 1:
        raise BadOption(_("This login has several names"), where="--by", expected=", ".join(own))
    return own[0] if own else None

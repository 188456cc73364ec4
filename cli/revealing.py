"""The one place where personal data is let out unmasked: who asks for it says why, and the log says so first.

Every command that shows people takes `--reveal`, `--reason` and `--by` from `reveal_options`, makes all that it will
show, calls `Revealing.record` with what that is, and prints only then. What cannot be recorded is not shown.

    by        in PostgreSQL a name of the login, in a file the one given, else the user of the operating system
    duties    those of the login that open sealed facts; without one, nothing is revealed
    reason    sealed in the log, and about the occasion: a person's number in it is refused
"""

import datetime
import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

from cli.actors import by_option, recorder
from cli.command import Option
from cli.errors import BadOption
from cli.options import Context
from cli.output import print_note
from cli.words import N_, _
from domain.duties import Duty
from domain.events.disclosure import PersonalDataViewed
from domain.identity import holds_citizen_id
from ledger.duties import OPENING
from ledger.ledger import Command, Draft, Ledger
from ledger.store import Store
from ledger.stores import session_of

STREAM: Final = "ledger/disclosures"
REASON_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True)
class Shown:
    """What is about to be shown: of one case, or so many rows of a register, or so many cases."""

    case: str | None = None
    of_register: str | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Revealing:
    """What `--reveal`, `--reason` and `--by` said; false in a condition where everything stays masked."""

    wanted: bool
    reason: str | None
    by: str | None

    def __bool__(self) -> bool:
        return self.wanted

    def record(self, context: Context, shown: Shown) -> int | None:
        """Record what is about to be shown, and return the position; None where nothing is revealed.

        Raises BadOption, KeyFileError and StoreError, and then nothing may be shown.
        """
        if not self.wanted:
            return None
        with context.open_store(writing=True) as store:
            event = PersonalDataViewed(
                command=_command_name(),
                case=shown.case,
                of_register=shown.of_register,
                rows=shown.rows,
                duties=_duties(store),
                reason=self.reason,
            )
            with context.open_keys(store) as keys:
                command = Command(str(uuid.uuid4()), recorder(store, self.by), (Draft(STREAM, event),))
                recorded = Ledger(store, keys).record_command(command, _now)[0]
        print_note(_("Shown unmasked: recorded as entry {position:,}.").format(position=recorded.position))
        return recorded.position


MASKED: Final = Revealing(wanted=False, reason=None, by=None)
"""Nothing is revealed."""


def reveal_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--reveal`, `--reason` and `--by` to a command; it gets them as one Revealing named `revealing`."""
    flag = click.option(
        "--reveal", cls=Option, is_flag=True, help=N_("Show personal data whole, not masked; recorded in the ledger.")
    )
    return _with_reason(flag(_collected(function, lambda options: bool(options.pop("reveal")))))


def disclosing_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--reason` and `--by` to a command whose own options, by these names, let personal data out."""
    return lambda function: _with_reason(_collected(function, lambda options: any(options[name] for name in names)))


def checked_reason(reason: str | None) -> str:
    """Return a reason as it is recorded; raises BadOption for none, and for one that names somebody's number."""
    if reason is None or not reason.strip():
        mend = _("say with --reason what for: it is recorded with who did it")
        raise BadOption(_("This is done for a reason only"), where="--reason", mend=mend)
    if len(reason) > REASON_CHARACTERS_MAX or holds_citizen_id(reason):
        expected = _("up to {count} characters about the occasion, with nobody's number")
        text = expected.format(count=REASON_CHARACTERS_MAX)
        raise BadOption(_("This cannot be a reason"), where="--reason", expected=text)
    return reason.strip()


# Private


def _collected(function: Callable[..., Any], is_wanted: Callable[[dict[str, Any]], bool]) -> Callable[..., Any]:
    @functools.wraps(function)
    def with_revealing(*arguments: Any, reason: str | None, by: str | None, **options: Any) -> Any:
        return function(*arguments, revealing=_checked(is_wanted(options), reason, by), **options)

    return with_revealing


def _with_reason(function: Callable[..., Any]) -> Callable[..., Any]:
    reason = N_("What personal data is shown for; it is sealed in the ledger.")
    named = by_option()(function)
    decorated: Callable[..., Any] = click.option("--reason", cls=Option, metavar="TEXT", help=reason)(named)
    return decorated


def _checked(wanted: bool, reason: str | None, by: str | None) -> Revealing:
    if wanted:
        return Revealing(wanted=True, reason=checked_reason(reason), by=by)
    if reason is not None:
        mend = _("with --reveal it says what personal data is shown for")
        raise BadOption(_("A reason is given, and nothing is to be shown"), where="--reason", mend=mend)
    return MASKED


def _duties(store: Store) -> tuple[Duty, ...] | None:
    """Return the duties by which this login opens sealed facts; None in a file, which knows no logins."""
    if store.withholds_sealed:
        mend = _("use a login of one of these duties: {duties}").format(duties=", ".join(OPENING))
        raise BadOption(_("This login may not open sealed facts"), where="--reveal", mend=mend)
    session = session_of(store)
    return None if session is None else tuple(duty for duty in OPENING if str(duty) in session.duties)


def _command_name() -> str:
    """Return the command that runs, without the program: `case-show`."""
    return "-".join(click.get_current_context().command_path.split()[1:])


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

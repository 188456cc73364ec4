"""What is said of a case number that no case of the ledger has."""

from collections.abc import Sequence

from cli.errors import BadOption
from cli.words import _


def no_such_case(case: str, near: Sequence[str] = (), *, where: str = "CASE") -> BadOption:
    """Return the error; `near` are the numbers that come closest."""
    meant = _("did you mean {cases}?").format(cases=", ".join(near)) if near else ""
    mend = meant or _("`mingzhang case list` shows the cases there are")
    return BadOption(_("There is no such case in this ledger"), where=where, found=case, mend=mend)

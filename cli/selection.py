"""The options that select what is looked at: the day, what was known, the region, the programme."""

import re
from typing import Final

import click

from cli.command import Option
from cli.errors import BadOption
from cli.words import N_, _

month_as_of_option: Final = click.option(
    "--as-of",
    cls=Option,
    metavar="DATE",
    help=N_("The month of this day in the world; the latest closing date unless given."),
)
known_at_option: Final = click.option(
    "--known-at",
    cls=Option,
    metavar="POSITION|TIME",
    help=N_("What the ledger held then: the entries before a position, or at a time."),
)
region_option: Final = click.option(
    "--region", cls=Option, metavar="CODE", help=N_("Only regions whose code begins with these digits.")
)
programme_option: Final = click.option(
    "--programme",
    cls=Option,
    metavar="NAME",
    help=N_("Only this programme: 城市低保, 农村低保, 特困供养, or its English name."),
)


def check_region(text: str | None, digits_max: int) -> None:
    """Raise BadOption unless a text, where there is one, is digits that the code of a region can begin with."""
    if text is not None and not re.fullmatch(rf"[0-9]{{1,{digits_max}}}", text):
        expected = _("the first digits of a region's code, such as 520121 or 520121101")
        raise BadOption(_("This is no region"), where="--region", expected=expected, found=text)

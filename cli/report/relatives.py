"""The section on staff relatives: whose cases were filed, and whose were not."""

from cli.columns import columns_named
from cli.pages.tables import table_of
from cli.report.numbers import Numbers
from cli.report.section import KeyFigure, Section
from cli.words import _


def relatives_section(numbers: Numbers) -> Section:
    """Return the filings of relatives, the missing ones first."""
    found = numbers.filings
    rows = found["rows"]
    text = _("{filed:,} filed, {unfiled} not filed.").format(filed=found["filed"], unfiled=_count(numbers))
    if found.get("unchecked"):
        text += " " + _("Not everything could be compared: some relatives or members are sealed and were not opened.")
    shown = columns_named("status", "case", "staff", "relation", "filed_on", "visited_on")
    table = table_of(_("Cases of staff relatives"), shown, rows)
    return Section(_("Relatives of staff"), "relatives", text, (), [table], ["mingzhang register filings"])


def relatives_figure(numbers: Numbers) -> KeyFigure:
    """Return how many relatives' cases were not filed."""
    unfiled = numbers.filings["unfiled"]
    note = _("{count:,} filed").format(count=numbers.filings["filed"])
    return KeyFigure(_("relatives not filed"), _count(numbers), note, "good" if unfiled == 0 else "open")


# Private


def _count(numbers: Numbers) -> str:
    unfiled = numbers.filings["unfiled"]
    return _("could not be checked") if unfiled is None else f"{unfiled:,}"

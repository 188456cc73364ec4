"""A sheet as one page of HTML."""

from cli.forms.sheet import Sheet
from cli.pages.frame import render_register_page
from cli.pages.tables import table_of


def sheet_page(sheet: Sheet) -> str:
    """Return the page; it needs nothing beside itself."""
    first, *others = sheet.tables
    blocks = [table_of(one.title, one.columns, one.rows, one.totals) for one in others]
    return render_register_page(
        sheet.title, sheet.facts, first.columns, first.rows, first.totals, blocks=blocks, notes=sheet.notes
    )

"""The forms in which a register is given: printed, or handed up as a file."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from cli.command import Option
from cli.errors import BadOption
from cli.forms.sheet import Sheet
from cli.output import print_bytes, print_note
from cli.output_file import check_output, output_option, write_output
from cli.words import N_, _

FORMATS: Final = ("table", "csv", "json", "xlsx", "html")
_HANDED_UP: Final = frozenset({"xlsx", "html"})


@dataclass(frozen=True)
class Form:
    """The form that is wanted, and the file it goes to; without one it goes to stdout."""

    name: str
    output: Path | None

    @property
    def is_handed_up(self) -> bool:
        """Whether it is a document by itself, with its own title and date."""
        return self.name in _HANDED_UP

    def check(self, *, as_json: bool) -> None:
        """Raise BadOption for what does not go together, before anything is read."""
        if as_json and self.name not in ("table", "json"):
            raise BadOption(_("--json and another form do not go together"), where="--format", found=self.name)
        if self.output is not None and not self.is_handed_up:
            mend = _("send what is printed to a file: > FILE")
            raise BadOption(_("Only xlsx and html are written to a file"), where="--output", found=self.name, mend=mend)
        check_output(self.output)
        if self.output is None and self.name == "xlsx" and sys.stdout.isatty():
            raise BadOption(_("A workbook cannot be shown on a terminal"), where="--format", mend=_("add -o FILE"))

    def hand_up(self, sheet: Sheet) -> None:
        """Write the document to its file, whole or not at all, or to stdout."""
        data = _document(self.name, sheet)
        if self.output is None:
            print_bytes(data)
        else:
            write_output(self.output, data, 0o600)
            rows = len(sheet.tables[0].rows)
            print_note(_("{file}: {count:,} rows").format(file=self.output, count=rows))


def form_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format` and `--output` to a command; it gets them as one Form named `form`."""

    @functools.wraps(function)
    def with_form(*arguments: Any, format_name: str, output: Path | None, **options: Any) -> Any:
        return function(*arguments, form=Form(format_name, output), **options)

    decorated: Callable[..., Any] = with_form
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


# Private

_OPTIONS = (
    click.option(
        "--format",
        "format_name",
        cls=Option,
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help=N_(
            "A table for people, CSV for programs (rows only), JSON for machines, a workbook (xlsx) or a page (html) "
            "to hand up."
        ),
    ),
    output_option(N_("The file that a workbook or page is written to; stdout unless given.")),
)


def _document(name: str, sheet: Sheet) -> bytes:
    # Each form loads a library of its own, which the others do not need.
    if name == "xlsx":
        from cli.forms.spreadsheet import write_workbook

        return write_workbook(sheet)
    from cli.forms.page import sheet_page

    return sheet_page(sheet).encode()

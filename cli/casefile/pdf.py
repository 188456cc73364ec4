"""A case file as PDF on A4, with the characters that it uses embedded; the same file gives the same bytes.

Why fpdf2: docs/decisions/0024-case-files-as-pdf.md.
"""

import datetime
import logging
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode, XPos, YPos
from fpdf.fonts import FontFace

from cli.casefile.contents import CaseFile
from cli.casefile.fonts import Font
from cli.pages.frame import Facts
from cli.pages.tables import Cell, Table
from cli.words import _, language

MISSING: Final = "〓"  # the printers' mark for a character that the font does not have

_FAMILY: Final = "text"
_MARGIN: Final = 18  # mm
_INK, _MUTED, _SOFT, _ACCENT = (28, 37, 48), (90, 102, 117), (243, 245, 248), (29, 79, 124)
_SMALL, _TEXT, _HEADING, _TITLE = 7.5, 9.5, 13, 24  # points
_PLACE_WIDTH, _CELL_PADDING = 1.45, 3.0  # mm: half a Chinese character at _SMALL, and what surrounds a cell
_SHORT_PLACES, _LONG_PLACES = 22, 70


def pdf_of(file: CaseFile, font: Font, dated: datetime.datetime) -> tuple[bytes, int]:
    """Return the PDF and how many of its characters the font lacks; `dated` is the only time in it."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    sheet = _Sheet(file, font, dated)
    sheet.cover()
    sheet.contents()
    return bytes(sheet.output()), len(sheet.lacking)


# Private


class _Sheet(FPDF):
    """The pages as they are drawn, one part after the other."""

    def __init__(self, file: CaseFile, font: Font, dated: datetime.datetime) -> None:
        super().__init__(format="A4")
        self.lacking: set[str] = set()
        self._file = file
        self._characters = font.characters
        self.set_creation_date(dated)
        self.set_title(file.title)
        self.set_lang("zh-CN" if language() == "zh" else "en")
        self.set_creator("mingzhang")
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN)
        self.add_font(_FAMILY, fname=font.path, collection_font_number=font.face)
        self.set_font(_FAMILY, size=_TEXT)

    def header(self) -> None:
        """Write the title at the head of every page but the cover."""
        if self.page_no() > 1:
            self._small(self._file.title)
            self.ln(8)

    def footer(self) -> None:
        """Write the number at the foot of every page but the cover."""
        if self.page_no() > 1:
            self.set_y(-12)
            text = _("page {page} of {pages}").format(page=self.page_no(), pages="{nb}")
            self.set_font_size(_SMALL)
            self.set_text_color(*_MUTED)
            self.cell(0, 5, self._known(text), align="R")

    def cover(self) -> None:
        """Draw the cover: what it is, of which case, from which log."""
        self.add_page()
        self.set_y(62)
        self._line(_("Social assistance"), _HEADING, "C", _MUTED)
        self._line(_("Case file"), _TITLE, "C")
        self._line(self._file.case, _HEADING + 2, "C")
        self.ln(14)
        self._facts(self._file.facts)
        self.ln(6)
        for note in self._file.notes:
            self._line(note, _SMALL + 1, "L", _MUTED)

    def contents(self) -> None:
        """Draw everything after the cover."""
        file = self._file
        self.add_page()
        self._table(file.catalogue)
        self.add_page()
        self._heading(_("The case"))
        self._facts(file.summary)
        for table in file.tables:
            self._table(table)
        self._table(file.history)
        self._table(file.sources)
        self._heading(_("Proof"))
        self._proof()

    # Parts of pages

    def _proof(self) -> None:
        file = self._file
        if file.proof.note:
            self._line(_("The latest signed checkpoint of the log:"), _TEXT)
            self.set_fill_color(*_SOFT)
            self.set_font_size(_SMALL)
            self.multi_cell(0, 4, self._known(file.proof.note), fill=True, wrapmode=WrapMode.CHAR)
            self.set_fill_color(255, 255, 255)
            self.ln(3)
        else:
            self._line(_("No checkpoint is signed yet: nothing outside the ledger speaks for this file."), _TEXT)
        for step in file.steps:
            self._line(f"· {step}", _TEXT)
        self._table(file.proof.entries)

    def _heading(self, text: str) -> None:
        if self.will_page_break(30):
            self.add_page()
        self.ln(4)
        self._line(text, _HEADING)
        self.set_draw_color(*_ACCENT)
        self.set_line_width(0.5)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_line_width(0.1)
        self.ln(2)

    def _facts(self, facts: Facts) -> None:
        self.set_font_size(_TEXT)
        self.set_text_color(*_INK)
        self.set_draw_color(210, 216, 222)
        wide = self.epw
        with self.table(
            col_widths=(wide * 0.3, wide * 0.7),
            first_row_as_headings=False,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align="LEFT",
            line_height=5,
            padding=(1.2, 1.5),
            wrapmode=WrapMode.CHAR,
        ) as drawn:
            for name, value in facts.items():
                row = drawn.row()
                row.cell(self._known(name), style=FontFace(color=_MUTED))
                row.cell(self._known(value))

    def _table(self, table: Table) -> None:
        self._heading(table.title)
        self.set_text_color(*_INK)
        self.set_draw_color(210, 216, 222)
        self.set_font_size(_SMALL)
        if table.note:
            self._line(table.note, _SMALL, "L", _MUTED)
            self.ln(1)
        self.set_text_color(*_INK)
        if not table.lines:
            self._line(_("none"), _TEXT, "L", _MUTED)
            return
        with self.table(
            col_widths=tuple(_widths(table, self.epw)),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align=tuple("RIGHT" if side == "number" else "LEFT" for side in table.sides),
            headings_style=FontFace(emphasis="", fill_color=_SOFT),
            v_align="TOP",
            line_height=4,
            padding=(0.8, 1),
            wrapmode=WrapMode.CHAR,
        ) as drawn:
            for line in (table.headings, *table.lines, *([table.totals] if table.totals else [])):
                row = drawn.row()
                for cell in line:
                    row.cell(self._known(_text(cell)))

    def _small(self, text: str) -> None:
        self._line(text, _SMALL, "L", _MUTED)

    def _line(self, text: str, size: float, align: str = "L", color: tuple[int, int, int] = _INK) -> None:
        self.set_font_size(size)
        self.set_text_color(*color)
        self.multi_cell(
            0, size * 0.55, self._known(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=_wrapping()
        )

    def _known(self, text: str) -> str:
        """Return the text with the mark for a missing character in the place of those that the font lacks."""
        lacking = {one for one in text if ord(one) not in self._characters and one not in "\n\r"}
        self.lacking |= lacking
        return "".join(MISSING if one in lacking else one for one in text)


def _wrapping() -> WrapMode:
    return WrapMode.CHAR if language() == "zh" else WrapMode.WORD


def _widths(table: Table, room: float) -> Sequence[float]:
    """Return the widths of the columns in mm: short ones get what they need, the others share what is left."""
    longest = [
        max(_places(text) for text in (heading, *(_text(line[place]) for line in table.lines)))
        for place, heading in enumerate(table.headings)
    ]
    needs = [places * _PLACE_WIDTH + _CELL_PADDING for places in longest]
    short = [need if places <= _SHORT_PLACES else 0.0 for need, places in zip(needs, longest, strict=True)]
    rest, wanted = room - sum(short), sum(min(places, _LONG_PLACES) for places in longest if places > _SHORT_PLACES)
    if not wanted or rest < room / 4:
        return [need * room / sum(needs) for need in needs]
    return [fixed or min(places, _LONG_PLACES) * rest / wanted for fixed, places in zip(short, longest, strict=True)]


def _places(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text

"""A whole report: what its front page shows, and the pages of the flagged cases, as a folder or as one file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from audit.flags.rule import Rule
from audit.flags.search import Search
from audit.replay import stories
from audit.result import Verification
from cli.pages.case_page import CasePage, FlagCard, case_page, render_case
from cli.pages.frame import render_page
from cli.pages.provenance import Provenance
from cli.pages.writing import file_stem
from cli.report.ageing import ageing_figures, ageing_section, clocks_section
from cli.report.flags import Address, cards_by_case, flags_figures, flags_section
from cli.report.integrity import SignedSize, integrity_figure, integrity_section
from cli.report.money import caseload_section, exits_section, money_figures, money_section
from cli.report.numbers import Numbers
from cli.report.relatives import relatives_figure, relatives_section
from cli.report.section import KeyFigure, Section
from cli.words import _
from ledger.ledger import Ledger

INDEX: Final = "index.html"

Told = Callable[[int], None]
"""Is told how many pages were just made."""


@dataclass(frozen=True)
class Report:
    """Everything that a report says; the pages of its cases are read when they are made."""

    ledger: Ledger
    provenance: Provenance
    region: str | None
    numbers: Numbers
    search: Search
    rules: Mapping[str, Rule]
    verification: Verification | None
    signed: Sequence[SignedSize]
    townships: Mapping[str, str]

    @cached_property
    def cards(self) -> Mapping[str, Sequence[FlagCard]]:
        """The flags in words, by case in the order of case numbers."""
        return cards_by_case(self.search, self.rules)

    def key_figures(self) -> list[KeyFigure]:
        """Return what stands large at the head."""
        return [
            integrity_figure(self.verification),
            *flags_figures(self.search),
            *money_figures(self.numbers),
            *ageing_figures(self.numbers),
            relatives_figure(self.numbers),
        ]

    def sections(self, address: Address) -> list[Section]:
        """Return the sections in their order; `address` leads to the page of a case."""
        regions, townships = self.numbers.regions, self.townships
        return [
            integrity_section(self.verification, self.signed, self.provenance),
            flags_section(self.search, self.rules, regions, townships, address),
            caseload_section(self.numbers, townships),
            money_section(self.numbers),
            exits_section(self.numbers),
            clocks_section(self.numbers),
            ageing_section(self.numbers, townships),
            relatives_section(self.numbers),
        ]

    def cases(self) -> Iterator[CasePage]:
        """Yield the page of each flagged case, in the order of case numbers."""
        as_of, known_at = self.provenance.as_of, self.provenance.known_at
        for found in stories(self.ledger, list(self.cards), as_of, known_at):
            yield case_page(found, self.cards[found.case], self.townships)


def write_folder(report: Report, folder: Path, told: Told) -> int:
    """Write the front page and a page for each flagged case into a folder; return how many pages."""
    pages = 0
    for page in report.cases():
        text = render_case(page, report.provenance, back=INDEX)
        (folder / case_file(page.case)).write_text(text, encoding="utf-8")
        pages += 1
        told(1)
    (folder / INDEX).write_text(_front(report, case_file, ()), encoding="utf-8")
    return pages + 1


def one_page(report: Report, told: Told) -> str:
    """Return the whole report as one page, the cases at its end."""

    def pages() -> Iterator[CasePage]:
        for page in report.cases():
            yield page
            told(1)

    return _front(report, lambda case: f"#{_anchor(case)}", pages() if report.cards else ())


def broken_page(verification: Verification, signed: Sequence[SignedSize], provenance: Provenance) -> str:
    """Return the front page of a log that cannot be read: what the verification found, and nothing else."""
    return render_page(
        "report.html",
        title=_("Supervision report"),
        facts=provenance.facts(),
        tiles=[integrity_figure(verification)],
        sections=[integrity_section(verification, signed, provenance)],
        cases=(),
        anchor=_anchor,
    )


def case_file(case: str) -> str:
    """Return the name of the file of a case's page, which is another for every case on any file system."""
    return f"case-{file_stem(case)}.html"


# Private


def _front(report: Report, address: Address, cases: Iterable[CasePage]) -> str:
    return render_page(
        "report.html",
        title=_title(report),
        facts=report.provenance.facts(),
        tiles=report.key_figures(),
        sections=report.sections(address),
        cases=cases,  # an iterator is read as the page is made, and true before
        anchor=_anchor,
    )


def _title(report: Report) -> str:
    place = report.townships.get(report.region or "", report.region)
    return _("Supervision report, {region}").format(region=place) if report.region else _("Supervision report")


def _anchor(case: str) -> str:
    return f"case-{file_stem(case)}"

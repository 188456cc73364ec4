"""`mingzhang import`: a county's files go into the ledger, and the terminal says what became of every row."""

import datetime
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from cli.actors import WHO_ALONE, by_option
from cli.columns import columns_named, yuan
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode, NothingRead, ReportNotWritten
from cli.intake.deliveries import load_in_turn
from cli.intake.loader import load_delivery
from cli.intake.report import DeliveryReport, write_conflicts, write_rejects
from cli.options import Context, common_options
from cli.output import print_json, print_line, print_note, print_table, progress
from cli.words import N_, _, language, ngettext
from domain.formats.catalogue import FORMATS
from domain.formats.columns import CellType
from domain.formats.columns import Column as FormatColumn
from ledger.ledger import Ledger

SHOWN_MAX = 10


@click.command(
    "import",
    cls=Command,
    help=N_(
        "Load a delivery: folders or files.\n\n"
        "Every file is recognised by its name and header. Bad rows are reported and left out, the rest is loaded, all "
        "in one transaction: either the whole delivery is in the ledger or nothing of it. Importing the same files "
        "again adds nothing. Several folders that each describe themselves (资料说明) are deliveries, "
        "loaded in turn.\n\n"
        "Exit codes: 0 all loaded, 1 some rows rejected, held or in conflict, 2 nothing could be read."
    ),
    example="""
        mingzhang import county/
        mingzhang import county/ --rejects county-rejects.csv --conflicts county-conflicts.csv
        mingzhang import 银行回单-2024-12.csv 发放计划-2024-12.csv --by staff/MZ0012
    """,
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--rejects",
    cls=Option,
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("rejects.csv"),
    show_default=True,
    metavar="FILE",
    help=N_("Write the rows that were not loaded here, with reasons and remedies; only you can read it."),
)
@click.option(
    "--conflicts",
    cls=Option,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Also write the contradicting rows here, unmasked; only you can read it."),
)
@by_option(WHO_ALONE, "system/import")
@common_options
def import_command(context: Context, paths: Sequence[Path], rejects: Path, conflicts: Path | None, by: str) -> ExitCode:
    """Load, write the reports, and choose the exit code."""
    _check_options(paths, (rejects, conflicts))
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        ledger = Ledger(store, keys)
        with progress(_("Bytes read"), _bytes_in(paths)) as advance:

            def load(delivery: Sequence[Path]) -> DeliveryReport:
                return load_delivery(
                    ledger,
                    keys,
                    delivery,
                    by=by,
                    clock=lambda: datetime.datetime.now(datetime.UTC),
                    progress=lambda name, count: advance(count if name else 0),
                )

            report = load_in_turn(paths, load, lambda folder: print_note(_("Loaded: {folder}").format(folder=folder)))
    unwritten = _written(report, rejects, conflicts) if report.files else None
    if context.as_json:
        print_json(report.to_json())
    elif report.files:
        _tell(report, rejects)
    if unwritten is not None:
        raise unwritten
    if not report.files:
        for problem in _problems(report):
            print_note(_("Not read: {problem}").format(problem=problem))
        raise NothingRead(
            _("Nothing could be read"),
            where=", ".join(str(path) for path in paths),
            expected=_("files in the formats of the contract, such as 申请.xlsx or 银行回单-2024-12.csv"),
            found="" if report.unreadable else _("none"),
            mend=_("give the folder that holds the county's files"),
        )
    return ExitCode.SOUND if report.is_clean else ExitCode.FINDING


# Private


def _check_options(paths: Iterable[Path], outputs: Iterable[Path | None]) -> None:
    """Refuse before anything is read: a missing path or a report inside the delivery."""
    folders = {path.resolve() for path in paths if path.is_dir()}
    for path in paths:
        if not path.exists():
            raise BadOption(_("There is no such file or folder"), where=str(path), mend=_("check the path"))
    for output in outputs:
        if output is not None and output.resolve().parent in folders:
            raise BadOption(
                _("A report must not be written into the delivery"),
                where=str(output),
                mend=_("give another place with --rejects or --conflicts, or import from another folder"),
            )
        if output is not None:
            _check_writable(output)


def _check_writable(output: Path) -> None:
    """Refuse a place for a report that no file can be made in: after loading it would be too late to say so."""
    folder = output.resolve().parent
    if not folder.is_dir():
        raise BadOption(_("There is no such folder"), where=str(output.parent))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadOption(
            _("A report cannot be written here"),
            where=str(output),
            found=error.strerror or "",
            mend=_("give another place with --rejects or --conflicts"),
        ) from None


def _written(report: DeliveryReport, rejects: Path, conflicts: Path | None) -> ReportNotWritten | None:
    """Write the reports; return the error to end with when that fails, for the delivery is loaded all the same."""
    output = rejects
    try:
        write_rejects(output, report)
        if conflicts is not None:
            output = conflicts
            write_conflicts(output, report)
    except OSError as error:
        return ReportNotWritten(
            _("The delivery was loaded, but a report of it could not be written"),
            where=str(output),
            found=error.strerror or str(error),
            mend=_("import the same files again, with --rejects or --conflicts elsewhere: nothing is loaded twice"),
        )
    return None


def _bytes_in(paths: Iterable[Path]) -> int:
    files = [file for path in paths for file in (path.iterdir() if path.is_dir() else [path])]
    wanted = [file for file in files if file.suffix.lower() in (".xlsx", ".xlsm", ".csv") and file.is_file()]
    return sum(file.stat().st_size for file in wanted)


def _tell(report: DeliveryReport, rejects: Path) -> None:
    counts = ("rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")
    rows = [file.to_json() for file in report.files]
    total = {"file": _("total"), **{name: sum(row[name] for row in rows) for name in counts}}
    print_table(columns_named("file", *counts), [*rows, total], _("Files of the delivery"))
    print_line()
    _tell_rejects(report, rejects)
    _tell_conflicts(report)
    _tell_warnings(report)
    for problem in _problems(report):
        print_line(_("Not read: {problem}").format(problem=problem))
    if report.entries_added:
        added = ngettext("{count} entry added", "{count} entries added", report.entries_added)
        print_line(added.format(count=f"{report.entries_added:,}"))
    else:
        print_line(_("Nothing new: the ledger stays as it was."))
    print_line(_("The ledger holds {size} entries, root {root}").format(size=f"{report.size:,}", root=report.root))


def _tell_rejects(report: DeliveryReport, rejects: Path) -> None:
    if not report.rejects and not report.held:
        return
    document = report.to_json()["rejects"]
    for cell, masked in list(zip(report.rejects, document, strict=True))[:SHOWN_MAX]:
        reason = cell.fault.reason if language() == "zh" else cell.fault.reason_en or cell.fault.reason
        place = _place(masked)
        print_line(f"  {place}  {masked['column']}  {masked['code']}  {masked['value']}  {reason}")
    if len(report.rejects) > SHOWN_MAX:
        print_line("  " + _("… and {count} more").format(count=len(report.rejects) - SHOWN_MAX))
    rejected = sum(file.rejected for file in report.files)
    print_line(
        _("rows rejected: {rejected}, held: {held}; all of them, with remedies, in {file}").format(
            rejected=rejected, held=len(report.held), file=rejects
        )
    )


def _tell_conflicts(report: DeliveryReport) -> None:
    cells = report.to_json()["conflicts"]
    for found, cell in list(zip(report.conflicts, cells, strict=True))[:SHOWN_MAX]:
        column = FORMATS[found.kind].column(found.column)
        print_line(
            "  "
            + _("conflict: {second} says {other} for {column}; {first} says {kept} and stands").format(
                second=_place(cell["second"]),
                other=_shown(column, cell["other"]),
                column=cell["column"],
                first=_place(cell["first"]),
                kept=_shown(column, cell["kept"]),
            )
        )
    if len(cells) > SHOWN_MAX:
        print_line("  " + _("… and {count} more").format(count=len(cells) - SHOWN_MAX))


def _shown(column: FormatColumn, text: str) -> str:
    """Return a cell for people: a blank is a dash, an amount is in yuan."""
    return yuan(int(text)) if text and column.type is CellType.AMOUNT else text or "—"


def _tell_warnings(report: DeliveryReport) -> None:
    document = report.to_json()["warnings"]
    for warning, masked in list(zip(report.warnings, document, strict=True))[:SHOWN_MAX]:
        reason = warning.notice.reason if language() == "zh" else warning.notice.reason_en or warning.notice.reason
        line = _("loaded with a warning: {place}  {column}  {value}  {reason}")
        values = {"column": masked["column"], "value": masked["value"], "reason": reason}
        print_note("  " + line.format(place=_place(masked), **values))
    if len(document) > SHOWN_MAX:
        print_note("  " + _("… and {count} more").format(count=len(document) - SHOWN_MAX))


def _place(cell: dict[str, str | int]) -> str:
    sheet = f" {cell['sheet']}" if cell["sheet"] else ""
    return f"{cell['file']}{sheet}:{cell['row']}"


def _problems(report: DeliveryReport) -> list[str]:
    zh = language() == "zh"
    return [
        f"{u.file}: {u.reason if zh else getattr(u.reason, 'en', u.reason)} "
        f"({u.remedy if zh else getattr(u.remedy, 'en', u.remedy)})"
        for u in report.unreadable
    ]

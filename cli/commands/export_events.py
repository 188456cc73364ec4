"""`mingzhang export ocel` and `mingzhang export xes`: the log for the tools of process mining."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from audit.mining.ocel import OcelWriter, write_ocel
from audit.mining.ocel_json import OcelJson
from audit.mining.ocel_sqlite import OcelSqlite
from audit.mining.xes import write_xes
from cli.command import Command
from cli.errors import ExitCode
from cli.labels import programme_named
from cli.moments import size_known_at
from cli.options import Context, common_options
from cli.output import print_fields, print_json, progress
from cli.output_file import becoming, output_option
from cli.selection import known_at_option, programme_option, region_option
from cli.topic_labels import topic_label
from cli.words import N_, _
from domain.case import CaseState
from domain.case_parts import Application
from ledger.ledger import Ledger

_output = output_option(N_("The file to write; it appears when it is whole."), required=True)


@click.command(
    "ocel",
    cls=Command,
    help=N_(
        "Write every entry as an event of an object-centric event log (OCEL 2.0).\n\n"
        "A name that ends in .sqlite or .db is written as a database, any other as JSON. Objects are cases, members, "
        "officers, batches, recoveries, appeals and deliveries. Only the open part is read: nobody is named. An event "
        "has the day on which it happened; `recorded_at` says when the ledger learned it."
    ),
    example="""
        mingzhang export ocel -o county.ocel.json
        mingzhang export ocel -o county.sqlite --lang zh
    """,
)
@_output
@known_at_option
@common_options
def export_ocel_command(context: Context, output: Path, known_at: str | None) -> ExitCode:
    """Write the log in one of the two forms of OCEL 2.0."""
    with (
        _read(context, known_at) as (ledger, stop),
        becoming(output) as path,
        _writer(path, output.suffix) as writer,
        progress(_("Entries written"), stop) as advance,
    ):
        write_ocel(ledger, stop, topic_label, writer, advance)
    return _tell(context, output, stop)


@click.command(
    "xes",
    cls=Command,
    help=N_(
        "Write the cases as an event log in XES (IEEE 1849-2016): a trace for each, an event for each entry "
        "of its file.\n\n"
        "A trace says which steps were skipped before the decision. Only the open part is read: nobody is named."
    ),
    example="mingzhang export xes -o county.xes --programme 农村低保 --lang zh",
)
@_output
@known_at_option
@region_option
@programme_option
@common_options
def export_xes_command(
    context: Context, output: Path, known_at: str | None, region: str | None, programme: str | None
) -> ExitCode:
    """Write the cases as traces."""
    programme = None if programme is None else programme_named(programme)

    def is_wanted(state: CaseState) -> bool:
        applied = state.application or Application()
        return (applied.region or "").startswith(region or "") and programme in (None, applied.programme)

    with (
        _read(context, known_at) as (ledger, stop),
        becoming(output) as path,
        path.open("wb") as stream,
        progress(_("Entries read"), None) as advance,
    ):
        written = write_xes(ledger, stop, topic_label, stream, is_wanted, advance)
    return _tell(context, output, written)


# Private


@contextmanager
def _read(context: Context, known_at: str | None) -> Iterator[tuple[Ledger, int]]:
    """Open the log without its keys, and say before which position to stop."""
    with context.open_store() as store:
        stop = store.head().size if known_at is None else size_known_at(store, known_at)
        yield Ledger(store, None), stop


@contextmanager
def _writer(path: Path, suffix: str) -> Iterator[OcelWriter]:
    if suffix in (".sqlite", ".db"):
        with closing(sqlite3.connect(path)) as connection:
            yield OcelSqlite(connection)
    else:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield OcelJson(stream)


def _tell(context: Context, output: Path, events: int) -> ExitCode:
    if context.as_json:
        print_json({"file": str(output), "events": events})
    else:
        print_fields({_("file"): str(output), _("events"): f"{events:,}"})
    return ExitCode.SOUND

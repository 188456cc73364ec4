"""The one place that prints: tables, JSON and CSV on stdout; progress and messages on stderr.

On a terminal tables are drawn by rich. Elsewhere they are plain columns, two spaces apart, so that `grep` and `awk`
can read them. Nothing is ever cut short: an id that does not fit is printed whole.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from cli.columns import Column, Row
from cli.words import _

Advance = Callable[[int], None]
Report = Callable[[int, int], None]


def print_line(text: str = "") -> None:
    """Print one line on stdout; control characters are made visible, for texts may come from anywhere."""
    click.echo(_visible(text))


def print_text(text: str) -> None:
    """Print a text of several lines on stdout, byte for byte: a note, or a proof, that ends in its own line feed."""
    click.echo(text, nl=False)


def print_bytes(data: bytes) -> None:
    """Print a document on stdout as it is."""
    click.echo(data, nl=False)


def print_note(text: str) -> None:
    """Print one line on stderr: for people, not part of the result."""
    click.echo(_visible(text), err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on stdout, its keys in the order given, Chinese as it is."""
    indent = 2 if _is_terminal(sys.stdout) else None
    click.echo(json.dumps(document, ensure_ascii=False, indent=indent))


def print_csv(columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Print rows as CSV in UTF-8 with a byte order mark, under headings in the language in use."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.heading for column in columns)
    writer.writerows([column.plain(row) for column in columns] for row in rows)
    click.echo(text.getvalue().encode("utf-8-sig"), nl=False)


def print_table(columns: Sequence[Column], rows: Sequence[Row], title: str = "") -> None:
    """Print rows as a table under a title; a line says so when there are none."""
    if title:
        print_line(title)
    if not rows:
        print_line("  " + _("none"))
        return
    cells = [[_visible(column.cell(row)) for column in columns] for row in rows]
    headings = [column.heading for column in columns]
    rights = [column.is_right(rows) for column in columns]
    if _is_terminal(sys.stdout):
        _print_drawn(headings, rights, cells)
    else:
        _print_aligned(headings, rights, cells)


def print_fields(fields: Mapping[str, str]) -> None:
    """Print one line per name and value, the values under each other."""
    for line in field_lines(fields):
        print_line(line)


def field_lines(fields: Mapping[str, str]) -> list[str]:
    """Return one line per name and value, the values under each other."""
    width = max((_width(name) for name in fields), default=0)
    return [f"{name}{' ' * (width - _width(name))}  {value}" for name, value in fields.items()]


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Advance]:
    """Show on stderr how far a long step is; call what this yields with the number of things just done.

    Off a terminal only one final line is written.
    """
    if _is_terminal(sys.stderr):
        with _drawn_progress(description, total) as advance:
            yield advance
        return
    done = 0

    def count(number: int) -> None:
        nonlocal done
        done += number

    yield count
    print_note(f"{description}: {done:,}")


@contextmanager
def progress_of(description: str, total: int | None = None) -> Iterator[Report]:
    """As `progress`, for a step that tells each time how many things are done in all, and how many there are."""
    with progress(description, total) as advance:
        shown = 0

        def report(done: int, _total: int) -> None:
            nonlocal shown
            advance(max(done - shown, 0))
            shown = max(done, shown)

        yield report


# Private

_CONTROLS = {code: "�" for code in (*range(32), *range(127, 160)) if code != 10}
_CONTROLS |= dict.fromkeys((0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069), "�")


def _visible(text: str) -> str:
    return text.translate(_CONTROLS)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _print_aligned(headings: list[str], rights: list[bool], cells: list[list[str]]) -> None:
    lines = [headings, *cells]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(headings))]
    for line in lines:
        parts = []
        for text, width, right in zip(line, widths, rights, strict=True):
            gap = " " * (width - _width(text))
            parts.append(gap + text if right else text + gap)
        click.echo("  ".join(parts).rstrip())


def _print_drawn(headings: list[str], rights: list[bool], cells: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, right in zip(headings, rights, strict=True):
        table.add_column(Text(heading), justify="right" if right else "left", no_wrap=True)
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    console = Console(file=sys.stdout)
    # A table wider than the terminal is printed whole; the terminal folds its lines.
    unbounded = console.options.update(width=1_000_000)
    console.width = max(console.width, Measurement.get(console, unbounded, table).maximum)
    console.print(table, soft_wrap=False)


@contextmanager
def _drawn_progress(description: str, total: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    looks = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*looks, console=Console(file=sys.stderr), transient=False) as bar:
        task = bar.add_task(description, total=total)
        yield lambda number: bar.update(task, advance=number)

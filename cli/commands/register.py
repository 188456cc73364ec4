"""`mingzhang register NAME`: one register as a table, as JSON or as CSV."""

from dataclasses import replace

import click

from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.labels import value_label
from cli.options import Context, common_options
from cli.output import print_csv, print_fields, print_json, print_line, print_note, print_table
from cli.questions import Question, question_options, registers
from cli.register_answer import NARROWING, answered, asked_for
from cli.register_list import REGISTERS
from cli.register_table import Answer, RegisterTable
from cli.words import N_, _


def answer_question(context: Context, question: Question, table: RegisterTable, format_name: str) -> ExitCode:
    """Ask a register and print its answer in the form that is wanted; return how the command ends."""
    with registers(context) as (ledger, database):
        answer = answered(table, ledger, database, question.scope(ledger))
    rows = answer["rows"]
    if context.as_json or format_name == "json":
        print_json(answer)
    elif format_name == "csv":
        print_csv(table.columns_of(rows), rows)
    else:
        print_table(table.columns_of(rows), rows, _heading(table, answer))
        for block in table.blocks:
            print_line()
            if block.columns:
                print_table(block.columns, block.rows(answer), _(block.title))
            else:
                number = answer[block.key]
                print_fields({_(block.title): _("could not be checked") if number is None else f"{number:,}"})
    return _verdict(answer)


def format_option(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--format` to a command."""
    return click.option(
        "--format",
        "format_name",
        cls=Option,
        type=click.Choice(("table", "csv", "json")),
        default="table",
        show_default=True,
        help=N_("A table for people, CSV for spreadsheets (rows only), or JSON for machines."),
    )(function)


@click.command(
    "register",
    cls=Command,
    help=N_(
        "Print the register NAME (台账).\n\n"
        "Registers are made from the log alone. Money is in yuan in tables and CSV, in fen in JSON."
    ),
    example="""
        mingzhang register caseload --as-of 2024-12-31
        mingzhang register payments --month 2024-10 --programme 农村低保 --format csv > payments.csv
        mingzhang register decisions --known-at 1200 --json
    """,
)
@click.argument("name", metavar="NAME", type=click.Choice(tuple(REGISTERS)))
@question_options
@click.option("--kind", cls=Option, metavar="KIND", help=N_("Only rows of this kind, such as 停发 of changes."))
@format_option
@common_options
def register_command(context: Context, name: str, question: Question, kind: str | None, format_name: str) -> ExitCode:
    """Print one register."""
    if question.month is not None and not REGISTERS[name].months:
        raise BadOption(
            _("This register has no months to choose from"),
            where="--month",
            found=question.month,
            mend=_("use --as-of with a day of the month"),
        )
    table = REGISTERS[name]
    asked = question if kind is None else replace(question, kind=_kind(table, kind))
    return answer_question(context, asked, table, format_name)


# Private


def _kind(table: RegisterTable, text: str) -> str:
    """Return the word that tells rows apart, given as it is stored or as it is shown; raises BadOption."""
    for word in table.kinds:
        if text in (word, value_label(word, table.kind_vocabulary)):
            return word
    expected = ", ".join(value_label(word, table.kind_vocabulary) for word in table.kinds)
    raise BadOption(
        _("This register has no such kind of row"), where="--kind", expected=expected or _("none"), found=text
    )


def _verdict(answer: Answer) -> ExitCode:
    """Tell on stderr what the register could not look at for want of the keys, and end accordingly."""
    unchecked = answer.get("unchecked") or {}
    for thing, count in unchecked.items():
        text = _("Could not check {count:,} sealed {thing}: the keys that open them are not here.")
        print_note(text.format(count=count, thing=value_label(thing)))
    return ExitCode.UNCHECKED if unchecked else ExitCode.SOUND


def _heading(table: RegisterTable, answer: Answer) -> str:
    """Return the title with the day and the position that were asked about, where the answer says them."""
    parts = [_(table.title)]
    for key, text in (("month", "{}"), ("as_of", "{}"), ("known_at", _("as known at {}"))):
        if answer.get(key) is not None:
            parts.append(text.format(answer[key]))
    parts += [shown for shown in (asked_for(answer, key) for key in NARROWING) if shown]
    return "  ".join(parts)

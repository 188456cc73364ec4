"""`mingzhang register NAME`: one register, printed or handed up."""

from dataclasses import replace
from enum import StrEnum

import click

from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.forms.form import Form, form_options
from cli.forms.sheet import sheet_of
from cli.labels import value_label
from cli.options import Context, common_options
from cli.output import print_csv, print_fields, print_json, print_line, print_note, print_table
from cli.questions import Question, question_options, registers
from cli.register_answer import NARROWING, answered, asked_for
from cli.register_list import REGISTERS
from cli.register_table import Answer, RegisterTable, unchecked_notes
from cli.revealing import MASKED, Revealing, Shown, reveal_options
from cli.words import N_, _


def answer_question(
    context: Context,
    question: Question,
    table: RegisterTable,
    form: Form,
    *,
    name: str,
    revealing: Revealing = MASKED,
) -> ExitCode:
    """Ask a register and give its answer in the form that is wanted; return how the command ends.

    A disclosure is recorded under the register's `name`.
    """
    form.check(as_json=context.as_json)
    with registers(context) as (ledger, database):
        scope = question.scope(ledger)
        answer = answered(table, ledger, database, scope, reveal=revealing.wanted)
        sheet = sheet_of(ledger, table, question, scope, answer) if form.is_handed_up else None
    revealing.record(context, Shown(of_register=name, rows=len(answer["rows"])))
    if sheet is not None:
        form.hand_up(sheet)
    else:
        _print(context, table, answer, form.name, question.month)
    return _verdict(answer)


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
        mingzhang register caseload --format xlsx -o caseload.xlsx --lang zh
        mingzhang register decisions --known-at 1200 --json
    """,
)
@click.argument("name", metavar="NAME", type=click.Choice(tuple(REGISTERS)))
@question_options
@click.option("--kind", cls=Option, metavar="KIND", help=N_("Only rows of this kind, such as 停发 of changes."))
@form_options
@reveal_options
@common_options
def register_command(
    context: Context, name: str, question: Question, kind: str | None, form: Form, revealing: Revealing
) -> ExitCode:
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
    return answer_question(context, asked, table, form, name=name, revealing=revealing)


# Private


def _print(context: Context, table: RegisterTable, answer: Answer, format_name: str, month: str | None) -> None:
    rows = answer["rows"]
    if context.as_json or format_name == "json":
        print_json(answer)
    elif format_name == "csv":
        print_csv(table.columns_of(rows), rows)
    else:
        print_table(table.columns_of(rows), rows, _heading(table, answer, month))
        _print_blocks(table, answer)


def _print_blocks(table: RegisterTable, answer: Answer) -> None:
    """Print the tables below the rows, then what is one number each, one below the other."""
    for block in table.blocks:
        if block.columns:
            print_line()
            print_table(block.columns, block.rows(answer), _(block.title))
    numbers = {_(block.title): answer[block.key] for block in table.blocks if not block.columns}
    if numbers:
        print_line()
        unknown = _("could not be checked")
        print_fields({title: unknown if number is None else f"{number:,}" for title, number in numbers.items()})


def _kind(table: RegisterTable, text: str) -> str:
    """Return the word that tells rows apart, given as it is stored or as it is shown; raises BadOption."""
    for word in table.kinds:
        if text in (word, value_label(word, table.kind_vocabulary), _code(word, table.kind_vocabulary)):
            return word
    expected = ", ".join(value_label(word, table.kind_vocabulary) for word in table.kinds)
    raise BadOption(
        _("This register has no such kind of row"), where="--kind", expected=expected or _("none"), found=text
    )


def _code(word: str, vocabulary: type[StrEnum] | None) -> str | None:
    """Return the code that options of other commands take for a word, such as `urgent` of `record temporary-aid`."""
    return vocabulary(word).name.lower() if vocabulary is not None and word in set(vocabulary) else None


def _verdict(answer: Answer) -> ExitCode:
    """Tell on stderr what the register could not look at, and end accordingly."""
    unchecked = unchecked_notes(answer)
    for text in unchecked:
        print_note(text)
    return ExitCode.UNCHECKED if unchecked else ExitCode.SOUND


def _heading(table: RegisterTable, answer: Answer, month: str | None) -> str:
    """Return the title with month, day and position that were asked about, where the answer says them."""
    known_at = answer.get("known_at")
    parts = [_(table.title), month or answer.get("month"), answer.get("as_of")]
    parts.append(None if known_at is None else _("as known at {}").format(known_at))
    return "  ".join(part for part in (*parts, *(asked_for(answer, key) for key in NARROWING)) if part)

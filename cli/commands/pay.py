"""`mingzhang pay`: the money, month by month."""

from typing import Final

import click

from cli.columns import columns_named
from cli.command import Command, LazyGroup, Place
from cli.commands.register import answer_question
from cli.errors import ExitCode
from cli.forms.form import Form, form_options
from cli.options import Context, common_options
from cli.questions import Question, question_options
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.reconciliation import reconcile

RECONCILIATION: Final = RegisterTable(
    N_("Reconciliation"),
    plainly(reconcile),
    columns_named("case", "month", "class", "due_fen", "paid_fen"),
    (Block("classes", N_("Classes"), columns_named("class", "count", "due_fen", "paid_fen"), "class"),),
    sums=("due_fen", "paid_fen"),
    months=True,
)

PLACES = {
    "reconcile": Place("cli.commands.pay", "reconcile_command", N_("Compare what was due with what the bank did."))
}


@click.group("pay", cls=LazyGroup, places=PLACES, help=N_("Reconcile what was due with what the bank did."))
def pay_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "reconcile",
    cls=Command,
    help=N_(
        "Compare what was due with what the bank did.\n\n"
        "Every household and month with money due or sent has exactly one class; the classes add up to the totals of "
        "the bank's files, to the fen."
    ),
    example="""
        mingzhang pay reconcile
        mingzhang pay reconcile --month 2024-10 --region 520121101 --json
    """,
)
@question_options
@form_options
@common_options
def reconcile_command(context: Context, question: Question, form: Form) -> ExitCode:
    """Print the reconciliation."""
    return answer_question(context, question, RECONCILIATION, form, name="reconciliation")

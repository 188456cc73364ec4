"""`mingzhang audit finding`: what an inspection found, its deadline, and how it was put right."""

import datetime
from typing import Final

import click

from audit.draws.findings import answer, extend, find, report
from cli.command import Command, LazyGroup, Option, Place
from cli.errors import ExitCode
from cli.inspecting import acting, acting_options, now, word_option
from cli.moments import day_of
from cli.options import Context, common_options
from cli.output import print_fields, print_json
from cli.words import N_, _
from domain.events.inspection import (
    RectificationAccepted,
    RectificationExtended,
    RectificationReported,
    RectificationReturned,
)
from domain.vocabulary import EvidenceKind, FindingKind, FindingSeverity

_MODULE: Final = "cli.commands.finding"
PLACES: Final = {
    "record": Place(
        _MODULE, "record_command", N_("Record what is wrong with a drawn case, and until when to right it.")
    ),
    "rectify": Place(_MODULE, "rectify_command", N_("Record that a finding is said to be put right.")),
    "accept": Place(_MODULE, "accept_command", N_("Accept that a finding is put right, and close it.")),
    "return": Place(_MODULE, "return_command", N_("Send back what does not put a finding right.")),
    "extend": Place(_MODULE, "extend_command", N_("Give a finding a later deadline.")),
}
_finding = click.argument("finding", type=click.IntRange(min=1))
_number = click.argument("number")


@click.group("finding", cls=LazyGroup, places=PLACES, help=N_("Record findings and their rectification."))
def finding_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "record",
    cls=Command,
    help=N_(
        "Record what is wrong with the drawn case CASE of the draw NUMBER, and until when it is to be put right.\n\n"
        "The case must have been inspected. The finding gets the next number of this draw."
    ),
    example="""
        mingzhang audit finding record CJ2024-01 SQ52012120240300017 --kind 程序缺失 --severity 较重 --due 2025-01-15
        mingzhang audit finding record CJ2024-01 SQ52012120240300017 --kind "wrong amount" --due 2025-01-15
    """,
)
@_number
@click.argument("case")
@word_option(
    "--kind",
    FindingKind,
    N_(
        "What is wrong: wrongly aided, wrongly left out, wrong amount, procedure, papers, kinship, money held, other; "
        "or the Chinese word."
    ),
    required=True,
)
@word_option(
    "--severity", FindingSeverity, N_("How bad it is: minor, major, grave; or the Chinese word."), default="一般"
)
@click.option("--due", cls=Option, required=True, metavar="DATE", help=N_("The last day on which it may be put right."))
@click.option("--fact", cls=Option, metavar="TEXT", help=N_("What was found; it is sealed."))
@acting_options
@common_options
def record_command(
    context: Context,
    number: str,
    case: str,
    kind: FindingKind,
    severity: FindingSeverity,
    due: str,
    fact: str | None,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one finding."""
    due_on = day_of(due, "--due")
    with acting(context, by) as (ledger, actor):
        finding = find(ledger, number, case, kind, severity, day, due_on, fact, actor, now)
    return _told(context, number, finding, due_on)


@click.command(
    "rectify",
    cls=Command,
    help=N_("Record that the finding FINDING of the draw NUMBER is said to be put right, and what shows it."),
    example="mingzhang audit finding rectify CJ2024-01 1 --evidence 银行凭证 --on 2025-01-10",
)
@_number
@_finding
@word_option(
    "--evidence",
    EvidenceKind,
    N_("What shows it: document, record, bank, photograph, other; or the Chinese word."),
    required=True,
)
@click.option("--measures", cls=Option, metavar="TEXT", help=N_("What was done; it is sealed."))
@acting_options
@common_options
def rectify_command(
    context: Context,
    number: str,
    finding: int,
    evidence: EvidenceKind,
    measures: str | None,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one report."""
    event = RectificationReported(number=number, finding=finding, occurred_on=day, evidence=evidence, measures=measures)
    with acting(context, by) as (ledger, actor):
        report(ledger, event, actor, now)
    return _told(context, number, finding, day)


@click.command(
    "accept",
    cls=Command,
    help=N_("Accept that the finding FINDING of the draw NUMBER is put right, and close it."),
    example="mingzhang audit finding accept CJ2024-01 1",
)
@_number
@_finding
@acting_options
@common_options
def accept_command(context: Context, number: str, finding: int, day: datetime.date, by: str | None) -> ExitCode:
    """Close one finding."""
    with acting(context, by) as (ledger, actor):
        answer(ledger, RectificationAccepted(number=number, finding=finding, occurred_on=day), actor, now)
    return _told(context, number, finding, day)


@click.command(
    "return",
    cls=Command,
    help=N_("Send back what does not put the finding FINDING of the draw NUMBER right; its deadline stands."),
    example='mingzhang audit finding return CJ2024-01 1 --reason "no bank slip"',
)
@_number
@_finding
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("Why; it is sealed."))
@acting_options
@common_options
def return_command(
    context: Context, number: str, finding: int, reason: str | None, day: datetime.date, by: str | None
) -> ExitCode:
    """Send one report back."""
    event = RectificationReturned(number=number, finding=finding, occurred_on=day, reason=reason)
    with acting(context, by) as (ledger, actor):
        answer(ledger, event, actor, now)
    return _told(context, number, finding, day)


@click.command(
    "extend",
    cls=Command,
    help=N_("Give the finding FINDING of the draw NUMBER a later deadline."),
    example="mingzhang audit finding extend CJ2024-01 1 --due 2025-02-15",
)
@_number
@_finding
@click.option("--due", cls=Option, required=True, metavar="DATE", help=N_("The new deadline."))
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("Why; it is sealed."))
@acting_options
@common_options
def extend_command(
    context: Context, number: str, finding: int, due: str, reason: str | None, day: datetime.date, by: str | None
) -> ExitCode:
    """Move one deadline."""
    due_on = day_of(due, "--due")
    event = RectificationExtended(number=number, finding=finding, occurred_on=day, due_on=due_on, reason=reason)
    with acting(context, by) as (ledger, actor):
        extend(ledger, event, actor, now)
    return _told(context, number, finding, due_on)


# Private


def _told(context: Context, number: str, finding: int, day: datetime.date) -> ExitCode:
    if context.as_json:
        print_json({"number": number, "finding": finding, "on": day.isoformat()})
    else:
        print_fields({_("inspection"): number, _("finding"): str(finding), _("day"): day.isoformat()})
    return ExitCode.SOUND

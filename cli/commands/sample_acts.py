"""`mingzhang audit sample abandon`, `inspect` and `publish`: what is recorded of an inspection besides its draw."""

import datetime
import re

import click

from audit.draws.findings import inspect, publish
from audit.draws.making import abandon
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.inspecting import acting, acting_options, now, word_option
from cli.options import Context, common_options
from cli.output import print_fields, print_json
from cli.words import N_, _
from domain.events.inspection import DrawPublished, SampleInspected
from domain.fields import STAFF_NUMBER_PATTERN
from domain.vocabulary import AbandonGround, InspectionOutcome, PublicPlace


@click.command(
    "abandon",
    cls=Command,
    help=N_(
        "Give the announced draw NUMBER up, openly.\n\n"
        "The log and `mingzhang register inspections` show it for ever; another draw of the same plan counts as a "
        "further attempt."
    ),
    example="mingzhang audit sample abandon CJ2024-01 --ground 未取得见证",
)
@click.argument("number")
@word_option(
    "--ground", AbandonGround, N_("Why: no seed, wrong scope, inspectors, other; or the Chinese word."), required=True
)
@click.option("--remark", cls=Option, metavar="TEXT", help=N_("A remark; it is sealed."))
@acting_options
@common_options
def abandon_command(
    context: Context, number: str, ground: AbandonGround, remark: str | None, day: datetime.date, by: str | None
) -> ExitCode:
    """Record that a draw will not be made."""
    with acting(context, by) as (ledger, actor):
        abandon(ledger, number, ground, day, remark, actor, now)
    return _told(context, number, _("given up on"), day)


@click.command(
    "inspect",
    cls=Command,
    help=N_(
        "Record that the drawn case CASE of the draw NUMBER was inspected, and how it ended.\n\n"
        "The drawn inspectors went, unless others are named with --inspector and --substitution says why."
    ),
    example="""
        mingzhang audit sample inspect CJ2024-01 SQ52012120240300017 --outcome 未发现问题 --on 2024-12-03
        mingzhang audit sample inspect CJ2024-01 SQ52012120240300018 --outcome problem --inspector MZ0031
    """,
)
@click.argument("number")
@click.argument("case")
@word_option(
    "--outcome",
    InspectionOutcome,
    N_("How it ended: clean, problem, unreachable; or the Chinese word."),
    required=True,
)
@click.option(
    "--inspector",
    "inspectors",
    cls=Option,
    multiple=True,
    metavar="STAFF",
    help=N_("The staff number of an inspector who went; the drawn ones unless given."),
)
@click.option("--substitution", cls=Option, metavar="TEXT", help=N_("Why others went than were drawn; it is sealed."))
@acting_options
@common_options
def inspect_command(
    context: Context,
    number: str,
    case: str,
    outcome: InspectionOutcome,
    inspectors: tuple[str, ...],
    substitution: str | None,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one inspection."""
    for one in inspectors:
        if not re.fullmatch(STAFF_NUMBER_PATTERN, one):
            raise BadOption(_("This is no staff number"), where="--inspector", expected="MZ0012", found=one)
    event = SampleInspected(
        number=number, case=case, inspectors=inspectors, occurred_on=day, outcome=outcome, substitution=substitution
    )
    with acting(context, by) as (ledger, actor):
        inspect(ledger, event, actor, now)
    return _told(context, number, _("inspected on"), day)


@click.command(
    "publish",
    cls=Command,
    help=N_("Record that the result of the draw NUMBER was made public, and where."),
    example="mingzhang audit sample publish CJ2024-01 --place 政府网站 --on 2024-12-20",
)
@click.argument("number")
@word_option("--place", PublicPlace, N_("Where: website, office, village, other; or the Chinese word."), required=True)
@acting_options
@common_options
def publish_command(context: Context, number: str, place: PublicPlace, day: datetime.date, by: str | None) -> ExitCode:
    """Record one publication."""
    with acting(context, by) as (ledger, actor):
        publish(ledger, DrawPublished(number=number, place=place, occurred_on=day), actor, now)
    return _told(context, number, _("published on"), day)


# Private


def _told(context: Context, number: str, what: str, day: datetime.date) -> ExitCode:
    if context.as_json:
        print_json({"number": number, "on": day.isoformat()})
    else:
        print_fields({_("inspection"): number, what: day.isoformat()})
    return ExitCode.SOUND

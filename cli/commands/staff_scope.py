"""`mingzhang staff scope`: how far relatives are filed, by date and region, each with the document that says so."""

import datetime
import re
from typing import Any, Final

import click

from cli.columns import columns_named
from cli.command import Command, Option, Place, RunnableGroup
from cli.errors import ExitCode
from cli.kin_recording import SCOPES, acting, acting_options, tell
from cli.labels import value_label
from cli.live_recording import township_of
from cli.moments import day_of
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_table
from cli.words import N_, _
from domain.events.kinship import KinshipScopeAdopted
from domain.fields import DOCUMENT_NUMBER_PATTERN
from domain.kin_acts import adopt_scope
from domain.kinship import KinshipScope
from domain.kinship_scope import ScopeRule, scope_in_force
from domain.masking import masked
from domain.recorded import Recorded

_MODULE: Final = "cli.commands.staff_scope"
PLACES: Final = {
    "adopt": Place(_MODULE, "adopt_command", N_("Adopt a scope from a day on, by a document.")),
}
_region = click.option(
    "--region", cls=Option, metavar="CODE", help=N_("A county or township, 6 or 9 digits; everywhere unless given.")
)


@click.group(
    "scope",
    cls=RunnableGroup,
    places=PLACES,
    help=N_(
        "Show how far relatives of staff are filed: what was adopted, and what applies on a day.\n\n"
        "core: spouse, parents, children, siblings, grandparents, grandchildren. recusal: also the whole direct line, "
        "collateral relatives within three generations, and close in-laws. extended: also more distant ones. Where "
        "nothing was adopted, core applies."
    ),
    example="""
        mingzhang staff scope
        mingzhang staff scope --region 520121101 --as-of 2024-06-30
    """,
)
@_region
@click.option("--as-of", cls=Option, metavar="DATE", help=N_("The day that is asked about; today unless given."))
@common_options
def scope_group(context: Context, region: str | None, as_of: str | None) -> ExitCode:
    """Print the adoptions, and the scope in force."""
    if region is not None:
        township_of(region, "--region")
    day = day_of(as_of, "--as-of") or datetime.date.today()
    with opened_ledger(context) as ledger:
        rows = [_row(recorded) for recorded in ledger.stream(SCOPES)]
    scope = scope_in_force([row["rule"] for row in rows], region, day)
    shown = [{key: value for key, value in row.items() if key != "rule"} for row in rows]
    if context.as_json:
        print_json({"as_of": day.isoformat(), "region": region, "scope": scope, "rows": shown})
        return ExitCode.SOUND
    print_table(columns_named("scope", "effective_on", "region", "document", "position"), shown, _("Scopes adopted"))
    print_line()
    print_fields({_("in force on {day}").format(day=day): value_label(scope)})
    return ExitCode.SOUND


@click.command(
    "adopt",
    cls=Command,
    help=N_(
        "Adopt the scope SCOPE from a day on: core, recusal or extended.\n\n"
        "The smallest region that fits a case decides, there the latest day that is not after the decision."
    ),
    example="mingzhang staff scope adopt recusal --from 2024-07-01 --region 520121 --document 云民发〔2024〕15号",
)
@click.argument("scope", type=click.Choice([str(one) for one in KinshipScope]))
@click.option("--from", "effective_on", cls=Option, required=True, metavar="DATE", help=N_("The first day."))
@click.option("--document", cls=Option, required=True, metavar="NUMBER", help=N_("The document that adopts it."))
@_region
@acting_options
@common_options
def adopt_command(
    context: Context,
    scope: str,
    effective_on: str,
    document: str,
    region: str | None,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one adoption."""
    if region is not None:
        township_of(region, "--region")
    with acting(context, by, day) as work:
        numbered = re.fullmatch(DOCUMENT_NUMBER_PATTERN, document) is not None
        event = KinshipScopeAdopted(
            scope=KinshipScope(scope),
            effective_on=day_of(effective_on, "--from"),
            region=region,
            document=document if numbered else None,
            document_text=None if numbered else document.strip() or None,
        )
        position = work.record(SCOPES, lambda files: adopt_scope(files.scopes(), event))
    tell(context, position, scope=scope)
    return ExitCode.SOUND


# Private


def _row(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    assert isinstance(event, KinshipScopeAdopted)
    text = event.document_text
    return {
        "scope": event.scope,
        "effective_on": event.effective_on.isoformat(),
        "region": event.region,
        "document": event.document or (masked("document_text", text) if text is not None else None),
        "position": recorded.position,
        "rule": ScopeRule(event.scope, event.effective_on, event.region, recorded.position),
    }

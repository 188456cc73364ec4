"""`mingzhang record`: what no file of a delivery hands over, recorded by the office itself as it happens."""

import re
from typing import Any, Final

import click

from cli.actors import by_option
from cli.command import Command, LazyGroup, Option, Place
from cli.errors import BadOption, ExitCode
from cli.live_recording import (
    citizen_id_of,
    fen_of,
    number_of,
    on_option,
    only_township_of,
    record_live,
    refuse_before,
    said_before,
    staff_number_of,
)
from cli.moments import day_of
from cli.options import Context, common_options
from cli.words import N_, _
from domain.events.entrustment import EntrustmentFiled, PassbookEntrusted, PassbookReturned
from domain.events.temporary_aid import ReserveFunded, TemporaryAidDocumented, TemporaryAidGranted
from domain.fields import DOCUMENT_NUMBER_PATTERN
from domain.vocabulary import TemporaryAidKind
from ledger.entry import encode_name
from ledger.store import Store

_MODULE: Final = "cli.commands.record"
PLACES: Final = {
    "entrustment": Place(_MODULE, "entrustment_command", N_("A passbook or card goes into somebody's keeping.")),
    "entrustment-filed": Place(_MODULE, "filed_command", N_("The county keeps a copy of that agreement.")),
    "passbook-returned": Place(_MODULE, "returned_command", N_("The household has its passbook again.")),
    "temporary-aid": Place(_MODULE, "aid_command", N_("Temporary aid was granted.")),
    "temporary-aid-papers": Place(_MODULE, "papers_command", N_("The papers of an advance are complete.")),
    "reserve": Place(_MODULE, "reserve_command", N_("A reserve fund received money.")),
}
_DOCUMENT_NUMBER: Final = re.compile(DOCUMENT_NUMBER_PATTERN)
_KINDS: Final = {kind.name.lower(): kind for kind in TemporaryAidKind}

_agreed = click.option(
    "--agreed", cls=Option, required=True, metavar="DATE", help=N_("The day of the agreement that is meant.")
)
_amount = click.option("--amount", cls=Option, required=True, metavar="YUAN", help=N_("How much, in yuan."))


@click.group("record", cls=LazyGroup, places=PLACES, help=N_("Record live what no file hands over."))
def record_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "entrustment",
    cls=Command,
    help=N_(
        "Record that the passbook or card of CASE goes into somebody's keeping, by a written agreement.\n\n"
        "The keeper is given by --keeper, a staff number, or by --keeper-name; name and reason are sealed."
    ),
    example="""
        mingzhang record entrustment SQ52012120240300017 --keeper CG0007 --reason "户主不能自理" --on 2024-05-06
    """,
)
@click.argument("case")
@click.option("--keeper", cls=Option, metavar="NUMBER", help=N_("The staff number of whoever keeps it."))
@click.option("--keeper-name", cls=Option, metavar="NAME", help=N_("The name of a keeper without a staff number."))
@click.option("--reason", cls=Option, required=True, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@on_option
@by_option()
@common_options
def entrustment_command(
    context: Context, case: str, keeper: str | None, keeper_name: str | None, reason: str, day: str, by: str | None
) -> ExitCode:
    """Record one agreement."""
    if (keeper is None) == (keeper_name is None):
        raise BadOption(_("Give either --keeper or --keeper-name"), where="--keeper")
    event = PassbookEntrusted(
        occurred_on=day_of(day, "--on"),
        keeper=staff_number_of(keeper, "--keeper"),
        keeper_text=keeper_name,
        reason=reason,
    )
    stream = encode_name("case", case)

    def check(store: Store) -> None:
        if store.last_of(stream) is None:
            raise BadOption(_("There is no such case in this ledger"), where="CASE", found=case)
        _refuse_repeated(store, stream, PassbookEntrusted, day, occurred_on=event.occurred_on)

    return record_live(context, stream, event, by, check)


@click.command(
    "entrustment-filed",
    cls=Command,
    help=N_("Record that the county keeps a copy of the agreement by which CASE entrusted its passbook."),
    example="mingzhang record entrustment-filed SQ52012120240300017 --agreed 2024-05-06 --on 2024-05-20",
)
@click.argument("case")
@_agreed
@on_option
@by_option()
@common_options
def filed_command(context: Context, case: str, agreed: str, day: str, by: str | None) -> ExitCode:
    """Record the filing of one agreement."""
    event = EntrustmentFiled(agreed_on=day_of(agreed, "--agreed"), occurred_on=day_of(day, "--on"))
    return _step(context, case, event, agreed, by)


@click.command(
    "passbook-returned",
    cls=Command,
    help=N_("Record that the household of CASE has its passbook or card again."),
    example="mingzhang record passbook-returned SQ52012120240300017 --agreed 2024-05-06 --on 2024-11-30",
)
@click.argument("case")
@_agreed
@on_option
@by_option()
@common_options
def returned_command(context: Context, case: str, agreed: str, day: str, by: str | None) -> ExitCode:
    """Record the end of one agreement."""
    event = PassbookReturned(agreed_on=day_of(agreed, "--agreed"), occurred_on=day_of(day, "--on"))
    return _step(context, case, event, agreed, by)


@click.command(
    "temporary-aid",
    cls=Command,
    help=N_(
        "Record that temporary aid was granted, under NUMBER, a number of the office's own.\n\n"
        "With --advance it was paid first and its papers follow; with --reserve it came out of the reserve fund of the "
        "township. Name, id and reason are sealed under a key of this grant alone."
    ),
    example="""
        mingzhang record temporary-aid LS2024001 --kind urgent --region 520121101 --amount 800 --advance --reserve \\
          --ceiling 1000 --name 罗国强 --id 520121196203153012 --reason "房屋火灾" --on 2024-05-06
    """,
)
@click.argument("number")
@click.option("--kind", cls=Option, required=True, type=click.Choice(list(_KINDS)), help=N_("What the need was."))
@click.option("--region", cls=Option, required=True, metavar="CODE", help=N_("The township, 9 digits."))
@_amount
@click.option("--advance", cls=Option, is_flag=True, help=N_("Paid first, papers later."))
@click.option("--reserve", cls=Option, is_flag=True, help=N_("Out of the township's reserve fund."))
@click.option("--ceiling", cls=Option, metavar="YUAN", help=N_("What the township may approve alone."))
@click.option("--approver", cls=Option, metavar="NUMBER", help=N_("The staff number of whoever approved it."))
@click.option("--name", cls=Option, required=True, metavar="TEXT", help=N_("Who received it; sealed."))
@click.option("--id", "citizen_id", cls=Option, required=True, metavar="ID", help=N_("His citizen id; sealed."))
@click.option("--reason", cls=Option, required=True, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@on_option
@by_option()
@common_options
def aid_command(context: Context, number: str, day: str, by: str | None, **said: Any) -> ExitCode:
    """Record one grant."""
    event = TemporaryAidGranted(
        number=number_of(number, "NUMBER"),
        kind=_KINDS[said["kind"]],
        region=only_township_of(said["region"], "--region"),
        occurred_on=day_of(day, "--on"),
        amount_fen=fen_of(said["amount"], "--amount"),
        advance=said["advance"],
        reserve=said["reserve"],
        ceiling_fen=None if said["ceiling"] is None else fen_of(said["ceiling"], "--ceiling"),
        approver=staff_number_of(said["approver"], "--approver"),
        name=said["name"],
        citizen_id=citizen_id_of(said["citizen_id"], "--id"),
        reason=said["reason"],
    )
    stream = encode_name("temporary-aid", number)
    return record_live(
        context, stream, event, by, lambda store: _refuse_repeated(store, stream, TemporaryAidGranted, number)
    )


@click.command(
    "temporary-aid-papers",
    cls=Command,
    help=N_("Record that the papers of the advance NUMBER are complete: person, reason, amount and signatures."),
    example="mingzhang record temporary-aid-papers LS2024001 --on 2024-05-20",
)
@click.argument("number")
@on_option
@by_option()
@common_options
def papers_command(context: Context, number: str, day: str, by: str | None) -> ExitCode:
    """Record the papers of one grant."""
    event = TemporaryAidDocumented(number=number_of(number, "NUMBER"), occurred_on=day_of(day, "--on"))
    stream = encode_name("temporary-aid", number)

    def check(store: Store) -> None:
        granted = said_before(store, stream, TemporaryAidGranted)
        if granted is None:
            raise BadOption(_("No temporary aid was recorded under this number"), where="NUMBER", found=number)
        refuse_before(event.occurred_on, granted.occurred_on, "--on")
        _refuse_repeated(store, stream, TemporaryAidDocumented, number)

    return record_live(context, stream, event, by, check)


@click.command(
    "reserve",
    cls=Command,
    help=N_("Record that the reserve fund of the township REGION received money."),
    example="mingzhang record reserve 520121101 --amount 20000 --document 云民发〔2024〕3号 --on 2024-01-15",
)
@click.argument("region")
@_amount
@click.option("--document", cls=Option, metavar="NUMBER", help=N_("The document that assigns it."))
@on_option
@by_option()
@common_options
def reserve_command(
    context: Context, region: str, amount: str, document: str | None, day: str, by: str | None
) -> ExitCode:
    """Record money for one fund."""
    if document is not None and not _DOCUMENT_NUMBER.fullmatch(document):
        raise BadOption(
            _("This is no number of a document"), where="--document", expected="云民发〔2024〕3号", found=document
        )
    event = ReserveFunded(
        region=only_township_of(region, "REGION"),
        occurred_on=day_of(day, "--on"),
        amount_fen=fen_of(amount, "--amount"),
        document=document,
    )
    return record_live(context, encode_name("reserve", region), event, by)


# Private


def _step(
    context: Context, case: str, event: EntrustmentFiled | PassbookReturned, agreed: str, by: str | None
) -> ExitCode:
    stream = encode_name("case", case)

    def check(store: Store) -> None:
        if not said_before(store, stream, PassbookEntrusted, occurred_on=event.agreed_on):
            raise BadOption(_("No agreement of that day is recorded in this case"), where="--agreed", found=agreed)
        refuse_before(event.occurred_on, event.agreed_on, "--on")
        _refuse_repeated(store, stream, type(event), agreed, agreed_on=event.agreed_on)

    return record_live(context, stream, event, by, check)


def _refuse_repeated(store: Store, stream: str, event_class: type[Any], found: str, **fields: Any) -> None:
    if said_before(store, stream, event_class, **fields):
        raise BadOption(_("This is recorded already"), where=stream, found=found)

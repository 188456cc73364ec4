"""`mingzhang case retention`: how long case files are kept before they may be erased."""

import datetime
import re
import uuid

import click

from cli.actors import by_option, recorder
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json
from cli.words import N_, _
from domain.events.erasure import RetentionAdopted
from domain.fields import DOCUMENT_NUMBER_PATTERN
from domain.retention import AT_LEAST, Retention, retention_on
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger

STREAM = "ledger/erasures"


@click.command(
    "retention",
    cls=Command,
    help=N_(
        "Say how long case files are kept, or adopt it.\n\n"
        "A file is kept for the longer of two times after its case ended: that of the papers of approval, at least 3 "
        "years, and that of daily management, at least 5. A longer time is adopted from a day on, with its document."
    ),
    example="""
        mingzhang case retention
        mingzhang case retention --approval-years 5 --management-years 9 --effective-on 2026-01-01 --document 9号
    """,
)
@click.option("--approval-years", cls=Option, type=click.IntRange(1, 100), help=N_("Years for the papers of approval."))
@click.option(
    "--management-years", cls=Option, type=click.IntRange(1, 100), help=N_("Years for the papers of daily management.")
)
@click.option("--effective-on", cls=Option, metavar="DATE", help=N_("The day from which they apply."))
@click.option("--document", cls=Option, metavar="TEXT", help=N_("The document that says so."))
@by_option()
@common_options
def retention_command(
    context: Context,
    approval_years: int | None,
    management_years: int | None,
    effective_on: str | None,
    document: str | None,
    by: str | None,
) -> ExitCode:
    """Record what is to be adopted, if anything; then print what is in force."""
    given = (approval_years, management_years, effective_on, document)
    today = datetime.datetime.now(datetime.UTC).date()
    if any(one is not None for one in given):
        _adopt(context, _checked(*given), by)
    with context.open_store() as store:
        adopted = [one.event for one in Ledger(store, None).events_of_type(RetentionAdopted.TOPIC, open_sealed=False)]
    _tell(context, retention_on(today, [event for event in adopted if isinstance(event, RetentionAdopted)]))
    return ExitCode.SOUND


# Private


def _checked(
    approval_years: int | None, management_years: int | None, effective_on: str | None, document: str | None
) -> RetentionAdopted:
    if approval_years is None or management_years is None or effective_on is None or document is None:
        mend = _("give --approval-years, --management-years, --effective-on and --document together")
        raise BadOption(_("Something is missing"), where="--document", mend=mend)
    if approval_years < AT_LEAST.approval_years or management_years < AT_LEAST.management_years:
        expected = _("at least {approval} and {management} years").format(
            approval=AT_LEAST.approval_years, management=AT_LEAST.management_years
        )
        raise BadOption(_("Case files are kept longer than that"), where="--approval-years", expected=expected)
    try:
        day = datetime.date.fromisoformat(effective_on)
    except ValueError:
        where, expected = "--effective-on", "2026-01-01"
        raise BadOption(_("This is no day"), where=where, expected=expected, found=effective_on) from None
    numbered = re.fullmatch(DOCUMENT_NUMBER_PATTERN, document) is not None
    return RetentionAdopted(
        approval_years=approval_years,
        management_years=management_years,
        effective_on=day,
        document=document if numbered else None,
        document_text=None if numbered else document,
    )


def _adopt(context: Context, event: RetentionAdopted, by: str | None) -> None:
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        command = Recorded(str(uuid.uuid4()), recorder(store, by), (Draft(STREAM, event),))
        Ledger(store, keys).record_command(command, lambda: datetime.datetime.now(datetime.UTC))


def _tell(context: Context, retention: Retention) -> None:
    if context.as_json:
        print_json(
            {
                "approval_years": retention.approval_years,
                "management_years": retention.management_years,
                "adopted": retention.adopted,
            }
        )
        return
    print_fields(
        {
            _("papers of approval"): _("{years} years").format(years=retention.approval_years),
            _("papers of daily management"): _("{years} years").format(years=retention.management_years),
            _("by"): _("adopted in this ledger") if retention.adopted else _("the least that the archive notice wants"),
        }
    )

"""`mingzhang staff kin`: relations found out or ruled out, recusals, and filings that are closed."""

import datetime
from typing import Final

import click

from cli.command import Command, LazyGroup, Option, Place
from cli.errors import BadOption, ExitCode
from cli.kin_recording import acting, acting_options, person_meant, person_options, tell
from cli.options import Context, common_options
from cli.words import N_, _
from domain.kin_acts import close_filing, discover, recuse, reject

_MODULE: Final = "cli.commands.staff_kin"
PLACES: Final = {
    "discover": Place(_MODULE, "discover_command", N_("Confirm a relation that was not declared.")),
    "reject": Place(_MODULE, "reject_command", N_("Rule out a relation that facts imply.")),
    "recuse": Place(_MODULE, "recuse_command", N_("Record that an officer stands aside in a case.")),
    "close": Place(_MODULE, "close_command", N_("Close the filing of a relative.")),
}
_staff = click.argument("staff")


@click.group("kin", cls=LazyGroup, places=PLACES, help=N_("Record what was found out about relatives of staff."))
def kin_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "discover",
    cls=Command,
    help=N_(
        "Confirm that a person is a relative whom the staff member STAFF had not declared.\n\n"
        "`mingzhang register filings` treats the relation as a fact from then on. The person is named by a case, "
        "never by a citizen id on the command line, which others on this machine could read."
    ),
    example="""
        mingzhang staff kin discover MZ0012 --case SQ52012120240300017 --member 2 --relation 岳父 --by staff/MZ0001
        mingzhang staff kin discover MZ0012 --citizen-id-file - --relation 72
    """,
)
@_staff
@click.option(
    "--relation",
    cls=Option,
    required=True,
    metavar="WORD",
    help=N_("What the person is to the staff member: a word such as 岳父, or a code of GB/T 4761."),
)
@person_options
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("How it came out; it is sealed."))
@acting_options
@common_options
def discover_command(
    context: Context,
    staff: str,
    relation: str,
    case: str | None,
    member: int | None,
    file: str | None,
    reason: str | None,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one confirmed relation."""
    with acting(context, by, day) as work:
        person = person_meant(work, case, member, file)
        position = work.record_of_staff(
            staff,
            lambda files: discover(
                files.staff(staff), person.citizen_id, relation, day, work.today, person.name, reason
            ),
        )
    tell(context, position, staff=staff)
    return ExitCode.SOUND


@click.command(
    "reject",
    cls=Command,
    help=N_(
        "Record that a person is no relative of the staff member STAFF, though facts imply it.\n\n"
        "The register is silent about it from then on. Nobody does this in his own matter, and a relation that was "
        "declared cannot be ruled out."
    ),
    example="""
        mingzhang staff kin reject MZ0012 --case SQ52012120240300017 --member 2 --reason "户口簿记载有误"
    """,
)
@_staff
@person_options
@click.option("--reason", cls=Option, required=True, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@acting_options
@common_options
def reject_command(
    context: Context,
    staff: str,
    case: str | None,
    member: int | None,
    file: str | None,
    reason: str,
    day: datetime.date,
    by: str | None,
) -> ExitCode:
    """Record one relation that is none."""
    if not reason.strip():
        raise BadOption(_("A reason has words"), where="--reason", mend=_("say why, in a sentence"))
    with acting(context, by, day) as work:
        person = person_meant(work, case, member, file)
        position = work.record_of_staff(
            staff,
            lambda files: reject(files.staff(staff), person.citizen_id, day, work.today, work.by, reason.strip()),
        )
    tell(context, position, staff=staff)
    return ExitCode.SOUND


@click.command(
    "recuse",
    cls=Command,
    help=N_("Record that the staff member STAFF stands aside in the case CASE (公务员法 art 76)."),
    example="mingzhang staff kin recuse SQ52012120240300017 MZ0012 --reason 申请人系其岳父",
)
@click.argument("case")
@_staff
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@acting_options
@common_options
def recuse_command(
    context: Context, case: str, staff: str, reason: str | None, day: datetime.date, by: str | None
) -> ExitCode:
    """Record one recusal."""
    with acting(context, by, day) as work:
        position = work.record_in_case(
            case, lambda files: recuse(case, files.case(case), files.staff(staff), day, work.today, reason)
        )
    tell(context, position, case=case, staff=staff)
    return ExitCode.SOUND


@click.command(
    "close",
    cls=Command,
    help=N_("Close the filing of a relative of STAFF in the case CASE: nothing further is due for it."),
    example="mingzhang staff kin close SQ52012120240300017 MZ0012 --reason 已停发",
)
@click.argument("case")
@_staff
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@acting_options
@common_options
def close_command(
    context: Context, case: str, staff: str, reason: str | None, day: datetime.date, by: str | None
) -> ExitCode:
    """Record that one filing is closed."""
    with acting(context, by, day) as work:
        position = work.record_in_case(
            case,
            lambda files: close_filing(case, files.case(case), files.staff(staff), day, work.today, work.by, reason),
        )
    tell(context, position, case=case, staff=staff)
    return ExitCode.SOUND

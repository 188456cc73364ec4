"""`mingzhang audit flags`: every rule put to every case, what it found in plain words, and what could not be tested."""

from pathlib import Path

import click

from audit.flags.search import Search
from cli.command import Command, Option
from cli.errors import ExitCode
from cli.flag_list import flags_document, print_flags
from cli.flag_search import Asked, chosen_rules, rule_options, searched
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_json, print_note
from cli.selection import known_at_option, programme_option, region_option
from cli.words import N_, _


@click.command(
    "flags",
    cls=Command,
    help=N_(
        "Look for red flags in the cases.\n\n"
        "Each rule reads the log itself and tells case, month, the money at stake and the entries that prove it. A "
        "flag is a lead, not a finding: somebody must look. One that was disposed of is silent until new facts come. "
        "The exit code is 1 when there is a flag, 3 when there is none and something could not be checked. What does "
        "not apply here, such as a limit that the county never adopted, is told and changes no exit code."
    ),
    example="""
        mingzhang audit flags --rule RF01 --rule RF09 --region 520121102
        mingzhang audit flags --as-of 2024-06-30 --json
    """,
)
@click.option(
    "--rule", "names", cls=Option, multiple=True, metavar="RULE", help=N_("Only this rule; give it once for each.")
)
@region_option
@programme_option
@click.option("--case", cls=Option, metavar="CASE", help=N_("Only this case."))
@rule_options
@known_at_option
@click.option("--all", "with_silent", cls=Option, is_flag=True, help=N_("Show flags that were disposed of, too."))
@common_options
def flags_command(
    context: Context,
    names: tuple[str, ...],
    folder: Path | None,
    with_silent: bool,
    region: str | None,
    programme: str | None,
    case: str | None,
    as_of: str | None,
    known_at: str | None,
) -> ExitCode:
    """Print the flags of a scope."""
    rules = chosen_rules(folder, names)
    with opened_ledger(context) as ledger:
        scope = Asked(as_of, known_at, region, programme, case).scope(ledger)
        found = searched(ledger, rules, scope)
    loud = [flag for flag in found.flags if not found.is_silent(flag)]
    shown = found.flags if with_silent else loud
    if context.as_json:
        print_json(flags_document(found, shown, rules))
    else:
        print_flags(found, shown, rules)
        if len(shown) < len(found.flags):
            text = _("{count} more were disposed of: --all shows them.")
            print_note(text.format(count=len(found.flags) - len(shown)))
    return _exit_code(found, bool(loud))


# Private


def _exit_code(found: Search, is_flagged: bool) -> ExitCode:
    if is_flagged:
        return ExitCode.FINDING
    return ExitCode.UNCHECKED if found.untested else ExitCode.SOUND

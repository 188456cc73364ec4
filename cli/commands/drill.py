"""`mingzhang audit drill`: would it be noticed? Every act of tampering, committed on copies and looked for."""

import tempfile
from pathlib import Path
from typing import Final

import click

from audit.drill import DrillResult, Tally, drill
from audit.drill_acts import ACTS, Finder
from cli.columns import Column, Row
from cli.command import Command, Option
from cli.errors import ExitCode
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_json, print_line, print_table, progress
from cli.words import N_, _

NAMES: Final = {
    "edited payload": N_("edited payload"),
    "edited index column": N_("edited index column"),
    "deleted tail": N_("deleted tail"),
    "removed entry, later ones renumbered": N_("removed entry, later ones renumbered"),
    "inserted entry": N_("inserted entry"),
    "swapped entries": N_("swapped entries"),
    "replayed entry": N_("replayed entry"),
    "back-dated command": N_("back-dated command"),
    "re-chained and re-signed with the true key": N_("re-chained and re-signed with the true key"),
    "forked view": N_("forked view"),
    "restored old backup": N_("restored old backup"),
    "sealed data swapped": N_("sealed data swapped"),
    "key destroyed without an erasure entry": N_("key destroyed without an erasure entry"),
    "event never recorded": N_("event never recorded"),
}
"""The acts as people are shown them."""

FINDERS: Final = {
    Finder.VERIFIER: N_("the verifier alone"),
    Finder.CHECKPOINT: N_("a previous checkpoint"),
    Finder.WITNESS: N_("leaf hashes of a witness"),
    Finder.NOBODY: N_("nothing in a ledger: bank lines, lists of other offices, visits"),
}
"""Who finds an act, as people are told."""

LOCATED: Final = N_("a previous checkpoint; which entries: leaf hashes of a witness")
_LOCATED_ACTS: Final = ("re-chained and re-signed with the true key", "forked view")


@click.command(
    "drill",
    cls=Command,
    help=N_(
        "Commit every act of tampering on copies of the ledger, and see whether it is found.\n\n"
        "The ledger itself is only read. Copies are made in a temporary folder, signed with a key made for the "
        "drill, and gone afterwards. One act is in the table that no ledger can find, with what finds it instead.\n\n"
        "Exit codes: 0 everything found and named and no false alarm, 1 otherwise, 3 could not check."
    ),
    example="""
        mingzhang audit drill
        mingzhang audit drill --rounds 20 --seed 7 --json
    """,
)
@click.option(
    "--rounds",
    cls=Option,
    type=click.IntRange(1, 10_000),
    default=5,
    show_default=True,
    help=N_("How often each act is committed, each time at another place."),
)
@click.option("--seed", cls=Option, type=int, default=1, show_default=True, help=N_("The same seed, the same places."))
@common_options
def drill_command(context: Context, rounds: int, seed: int) -> ExitCode:
    """Drill in a temporary folder and print the table."""
    with (
        opened_ledger(context) as ledger,
        tempfile.TemporaryDirectory(prefix="mingzhang-drill-") as scratch,
        ledger.store.snapshot() as reader,
        progress(_("Acts committed and looked for"), rounds * len(ACTS)) as advance,
    ):
        result = drill(reader, Path(scratch), ledger.keys, rounds=rounds, seed=seed, on_progress=advance)
    if context.as_json:
        print_json(_document(result, rounds, seed))
    else:
        _tell(result)
    return ExitCode.SOUND if result.passed else ExitCode.FINDING


# Private


def _document(result: DrillResult, rounds: int, seed: int) -> dict[str, object]:
    return {
        "passed": result.passed,
        "rounds": rounds,
        "seed": seed,
        "acts": [
            {
                "act": one.act.name,
                "tried": one.tried,
                "detected": one.detected,
                "named": one.named,
                "by": one.act.finder.value,
                "missed_rounds": one.missed,
            }
            for one in result.tallies
        ],
        "untouched": result.untouched,
        "false_alarms": result.false_alarms,
    }


def _tell(result: DrillResult) -> None:
    columns = [Column(key) for key in ("act", "tried", "detected", "named", "found_by")]
    print_table(columns, [_row(one) for one in result.tallies])
    print_line(
        _("Untouched copies: {count}, false alarms: {alarms}.").format(
            count=result.untouched, alarms=result.false_alarms
        )
    )
    if any(one.tried == 0 and one.act.finder is not Finder.NOBODY for one in result.tallies):
        print_line(_("An act with 0 had nothing here to be committed upon, or needs the sealing keys."))


def _row(one: Tally) -> Row:
    by = LOCATED if one.act.name in _LOCATED_ACTS else FINDERS[one.act.finder]
    counts = {"tried": one.tried, "detected": one.detected, "named": one.named}
    return {"act": _(NAMES[one.act.name]), **counts, "found_by": _(by)}

"""`mingzhang audit disposition`: record what a red flag came to, so that it stays silent until new facts come."""

import datetime
import uuid
from collections.abc import Sequence
from pathlib import Path

import click

from audit.flags.disposition import Standing, basis
from audit.flags.flag import Flag
from cli.actors import by_option, recorder
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.flag_search import Asked, chosen_rules, rule_options, searched
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_json, print_line
from cli.words import N_, _
from domain.events.flag import FlagDisposed
from domain.vocabulary import DispositionOutcome
from ledger.entry import encode_name
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger

_OUTCOMES = {outcome.name.lower(): outcome for outcome in DispositionOutcome}


@click.command(
    "disposition",
    cls=Command,
    help=N_(
        "Record what the red flag of RULE in CASE came to.\n\n"
        "The flag is silent from then on, until an entry changes what it rests on: the money at stake, the entries "
        "that prove it, or its facts. Reference and reason are sealed in the case's own stream."
    ),
    example="""
        mingzhang audit disposition RF09 SQ52012120240300017 --month 2024-05 --outcome explained --reason 已说明来源
    """,
)
@click.argument("rule")
@click.argument("case")
@click.option("--month", cls=Option, metavar="MONTH", help=N_("The month of the flag, where it has one."))
@click.option("--ref", cls=Option, metavar="TEXT", help=N_("The reference of the flag, as `audit flags` shows it."))
@click.option(
    "--outcome", cls=Option, required=True, type=click.Choice(list(_OUTCOMES)), help=N_("What the flag came to.")
)
@click.option("--reason", cls=Option, required=True, metavar="TEXT", help=N_("Why, in a sentence; it is sealed."))
@by_option()
@rule_options
@common_options
def disposition_command(
    context: Context,
    rule: str,
    case: str,
    month: str | None,
    ref: str | None,
    outcome: str,
    reason: str,
    by: str | None,
    folder: Path | None,
    as_of: str | None,
) -> ExitCode:
    """Record one disposition."""
    if not reason.strip():
        raise BadOption(_("A reason has words"), where="--reason", mend=_("say why, in a sentence"))
    rules = chosen_rules(folder, [rule])
    with opened_ledger(context) as ledger:
        found = searched(ledger, rules, Asked(as_of=as_of, case=case).scope(ledger))
    flag = _one(found.flags, case, month, ref)
    _refuse_repeated(found.standing(flag), _OUTCOMES[outcome], reason.strip())
    event = FlagDisposed(
        rule=flag.rule,
        outcome=_OUTCOMES[outcome],
        occurred_on=datetime.date.today(),
        month=flag.month,
        reference=flag.reference,
        reason=reason.strip(),
        rests_on=basis(flag),
    )
    position = _record(context, encode_name(rules[flag.rule].subject, flag.case), event, by)
    if context.as_json:
        print_json({"rule": flag.rule, "case": flag.case, "position": position})
    else:
        text = _("Recorded as entry {position:,}: the flag is silent until new facts come.")
        print_line(text.format(position=position))
    return ExitCode.SOUND


# Private


def _one(flags: Sequence[Flag], case: str, month: str | None, reference: str | None) -> Flag:
    """Return the one flag that is meant; raises BadOption with those there are."""
    meant = [
        flag
        for flag in flags
        if (month is None or flag.month == month)
        and (reference is None or reference in (flag.reference, flag.shown_reference))
    ]
    if len(meant) == 1:
        return meant[0]
    there = ", ".join(" ".join(filter(None, (flag.month, flag.shown_reference))) or "-" for flag in meant or flags)
    title = _("There is no such flag") if not meant else _("There are several such flags")
    mend = _("say which one with --month and --ref; `mingzhang audit flags` lists them")
    raise BadOption(title, where=case, expected=there or _("a flag of this rule in this case"), mend=mend)


def _refuse_repeated(standing: Standing | None, outcome: DispositionOutcome, reason: str) -> None:
    """Raise BadOption when a disposition that still holds says the same already."""
    made = standing.disposition if standing and standing.holds else None
    if made is not None and (made.outcome, made.reason) == (outcome, reason):
        raise BadOption(
            _("This is recorded already"),
            where=_("entry {position}").format(position=made.positions[0]),
            mend=_("give another --outcome or another --reason when there is more to say"),
        )


def _record(context: Context, stream: str, event: FlagDisposed, by: str | None) -> int:
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        command = Recorded(str(uuid.uuid4()), recorder(store, by), (Draft(stream, event),))
        return Ledger(store, keys).record_command(command, _now)[0].position


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

"""`mingzhang case erase`: what is sealed of cases is made unreadable for ever, after their time is over.

    (1) nothing seals with the keys any more                      durable in the key folder
    (2) the erasure is ordered, and asked for each key            one command of the log
    (3) the keys are destroyed                                    ledger/key_erasure.py
    (4) it is recorded for each key that it is gone               one command of the log
    (5) the registers are made anew, without what only the keys could tell

Interrupted anywhere, the same command goes on: (2) says which keys, and what is gone already is gone.
"""

import datetime
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from audit.case_records import CaseUnknown
from audit.erasure import Examined, Reach, Sealed, examine, outstanding, reach_of
from cli.actors import by_option, recorder
from cli.command import Command, Option
from cli.erasure_words import hindrance_text
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.questions import registers
from cli.revealing import checked_reason
from cli.unknown_case import no_such_case
from cli.words import N_, _
from domain.events.erasure import ErasureOrdered
from domain.events.ledger import ErasureEffective, ErasureRequested
from ledger.key_erasure import erase_keys
from ledger.keystore import KeyStore
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger
from ledger.store import Store
from projections.databases import open_to_look
from projections.follower import Follower

STREAM = "ledger/erasures"


class ErasureRefused(CommandError):
    """A case may not be erased, or not yet."""


@click.command(
    "erase",
    cls=Command,
    help=N_(
        "Erase what is sealed of the case CASE.\n\n"
        "The keys of its names, ids, accounts and texts are destroyed; nobody can undo that. Dates, amounts, "
        "decisions, proofs and totals stay. It is refused before the time that case files are kept is over "
        "(`mingzhang case retention`), and while money, a recovery, an appeal or a red flag is open. The request and "
        "its effect are recorded. Destroy older copies of the key folder yourself: docs/erasure.md says what is "
        "reached, and what is not. A run that was interrupted is continued by the same command, or without CASE."
    ),
    example="""
        mingzhang case erase SQ52012120160300017 --dry-run
        mingzhang case erase SQ52012120160300017 --reason 保管期满 --by staff/MZ0001
    """,
)
@click.argument("cases", metavar="[CASE]...", nargs=-1)
@click.option("--reason", cls=Option, metavar="TEXT", help=N_("Why it is erased; it is sealed in the ledger."))
@by_option()
@click.option("--dry-run", cls=Option, is_flag=True, help=N_("Only say what would be erased, or what forbids it."))
@common_options
def erase_command(
    context: Context, cases: tuple[str, ...], reason: str | None, by: str | None, dry_run: bool
) -> ExitCode:
    """Look, record the request, destroy, record the effect."""
    wanted = tuple(dict.fromkeys(cases))
    given = "" if dry_run or not wanted else checked_reason(reason)
    with _opened(context, writing=not dry_run) as (store, ledger, keys):
        unfinished = outstanding(ledger)
        open_cases = [case for case in wanted if not _is_under_way(ledger, case)]
        if not open_cases and not unfinished:
            raise BadOption(
                _("There is nothing to erase"),
                where="CASE",
                expected=_("a case that was not erased before, or an erasure that was interrupted"),
                found=", ".join(wanted) or _("none"),
            )
        looked = [_looked_at(ledger, case) for case in open_cases]
        reach = reach_of(ledger, keys, open_cases)
        if not dry_run:
            actor = recorder(store, by)
            _order(ledger, keys, looked, reach, given, actor)
            unfinished = outstanding(ledger)
            _destroy(ledger, keys, unfinished, actor)
    if not dry_run:
        _renew_registers(context)
    _tell(context, wanted, reach, unfinished, dry_run=dry_run)
    return ExitCode.SOUND


# Private


@contextmanager
def _opened(context: Context, *, writing: bool) -> Iterator[tuple[Store, Ledger, KeyStore]]:
    with context.open_store(writing=writing) as store:
        if store.withholds_sealed:
            mend = _("use a login that holds the duty admin and one that opens sealed facts")
            raise BadOption(_("This login may not open sealed facts"), where="--db", mend=mend)
        with context.open_keys(store) as keys:
            yield store, Ledger(store, keys), keys


def _is_under_way(ledger: Ledger, case: str) -> bool:
    ordered = ledger.events_of_type(ErasureOrdered.TOPIC, open_sealed=False)
    return any(isinstance(one.event, ErasureOrdered) and one.event.case == case for one in ordered)


def _looked_at(ledger: Ledger, case: str) -> Examined:
    """Return what was found about a case that may be erased; raises ErasureRefused, and BadOption for no case."""
    try:
        found = examine(ledger, case, _now().date())
    except CaseUnknown:
        raise no_such_case(case) from None
    if found.hindrances:
        raise ErasureRefused(
            _("This case may not be erased"),
            where=case,
            expected=_("a case that ended at least {years} years ago, with nothing open").format(
                years=found.retention.years
            ),
            found="; ".join(hindrance_text(one) for one in found.hindrances),
            mend=_("settle what is open, or wait; the case stays as it is"),
        )
    return found


def _order(ledger: Ledger, keys: KeyStore, looked: Sequence[Examined], reach: Reach, reason: str, actor: str) -> None:
    if not looked:
        return
    for one in reach.keys:
        keys.retire(one.kid)
    orders = [_ordered(one, reach, reason) for one in looked]
    requests = [Draft(stream, ErasureRequested(kid=kid)) for stream, kid in reach.keys]
    drafts = (*(Draft(STREAM, order) for order in orders), *requests)
    ledger.record_command(Recorded(str(uuid.uuid4()), actor, drafts), _now)


def _ordered(found: Examined, reach: Reach, reason: str) -> ErasureOrdered:
    assert found.ended_on is not None
    assert found.kept_until is not None
    return ErasureOrdered(
        case=found.case,
        ended_on=found.ended_on,
        retained_until=found.kept_until,
        keys=len(reach.keys),
        reason=reason,
    )


def _destroy(ledger: Ledger, keys: KeyStore, unfinished: Sequence[Sealed], actor: str) -> None:
    erase_keys(keys, [one.kid for one in unfinished])
    drafts = tuple(Draft(stream, ErasureEffective(kid=kid)) for stream, kid in unfinished)
    if drafts:
        ledger.record_command(Recorded(str(uuid.uuid4()), actor, drafts), _now)


def _renew_registers(context: Context) -> None:
    """Make registers anew that were made before: they hold keyed stand-ins of persons that nobody can make again."""
    with context.open_store() as store:
        database = open_to_look(context.url)
        try:
            made = Follower(Ledger(store, None), database).status().position
        finally:
            database.close()
    if made:
        with registers(context, rebuild=True):
            pass


def _tell(context: Context, cases: Sequence[str], reach: Reach, destroyed: Sequence[Sealed], *, dry_run: bool) -> None:
    keys = len(reach.keys) if dry_run else len(destroyed)
    if context.as_json:
        print_json(
            {
                "cases": list(cases),
                "erased": not dry_run,
                "keys": keys,
                "rows_kept": reach.rows_kept,
                "persons_kept": reach.persons_kept,
            }
        )
        return
    print_line(
        _("Nothing forbids it. Nothing was erased.")
        if dry_run
        else _("Erased. Destroy older copies of the key folder.")
    )
    print_fields(
        {
            _("case"): ", ".join(cases) or _("those of an interrupted run"),
            _("sealing keys"): f"{keys:,}",
            _("rows that stay, for they share a key with others"): f"{reach.rows_kept:,}",
            _("persons who stay, for they are in another case"): f"{reach.persons_kept:,}",
        }
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

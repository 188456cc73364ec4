"""`mingzhang audit sample`: double-random inspection (双随机一公开), and the announcement that lays a draw down."""

import csv
import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from audit.draws.making import Plan, announce
from audit.draws.pool import Selection
from audit.draws.seed import check_witness
from audit.draws.weights import flag_weights
from audit.flags.rule import Rule
from audit.replay import window
from cli.columns import columns_named
from cli.command import Command, LazyGroup, Option, Place
from cli.commands.sample_seed import sign_announcement
from cli.errors import BadOption, ExitCode
from cli.flag_search import chosen_rules, rules_folder
from cli.inspecting import acting, acting_options, now, word_option
from cli.labels import programme_named
from cli.moments import day_of
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_note, print_table, progress
from cli.selection import month_as_of_option, programme_option
from cli.trust import verifier_of
from cli.words import N_, _
from domain.events.inspection import DrawAnnounced
from domain.fields import STAFF_NUMBER_PATTERN, Stratum
from domain.months import month_of
from domain.vocabulary import CaseStatus, Post, Programme, SampleSize, Stratification, Weighting
from ledger.ledger import Ledger
from ledger.note import NoteError

_MODULE = "cli.commands.sample"
PLACES = {
    "announce": Place(_MODULE, "announce_command", N_("Lay a draw down before anybody can know what it gives.")),
    "sign": Place("cli.commands.sample_seed", "sign_command", N_("Sign the checkpoint that gives a draw its seed.")),
    "request": Place("cli.commands.sample_seed", "request_command", N_("Write what a witness needs to give a seed.")),
    "draw": Place("cli.commands.sample_draw", "draw_command", N_("Draw cases and inspectors from the seed.")),
    "show": Place("cli.commands.sample_draw", "show_command", N_("Show a draw, what came out, and what was found.")),
    "verify": Place("cli.commands.sample_draw", "verify_command", N_("Repeat a draw, and name what was bent.")),
    "export": Place("cli.commands.sample_draw", "export_command", N_("Write what a stranger needs to repeat a draw.")),
    "abandon": Place("cli.commands.sample_acts", "abandon_command", N_("Give an announced draw up, openly.")),
    "inspect": Place("cli.commands.sample_acts", "inspect_command", N_("Record that a drawn case was inspected.")),
    "publish": Place("cli.commands.sample_acts", "publish_command", N_("Record that the result was made public.")),
}
_RULES = {"cases": SampleSize.TOTAL, "percent": SampleSize.PERCENT, "stratum_cases": SampleSize.EACH}
_STRATA = columns_named("stratum", "cases", "weight", "sample")


@click.group("sample", cls=LazyGroup, places=PLACES, help=N_("Draw cases and inspectors by lot, and inspect them."))
def sample_group() -> None:
    """Hold the commands; the text of the help stands above."""


def _size_option(name: str, text: str, most: int | None = None) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(name, cls=Option, type=click.IntRange(1, most), metavar="NUMBER", help=text)


@click.command(
    "announce",
    cls=Command,
    help=N_(
        "Lay the draw NUMBER down before anybody can know what it gives.\n\n"
        "The log says from then on which cases and inspectors there are to draw from, how many, by which method, and "
        "whose signatures give the seed: every witness named, each under the one checkpoint that ends with this "
        "announcement. That checkpoint is signed at once where the signing key is at hand."
    ),
    example="""
        mingzhang audit sample announce CJ2024-01 --plan dibao-2024 --percent 5 --stratify township \\
            --witness w1-draws.vkey --witness w2-draws.vkey
        mingzhang audit sample announce CJ2024-02 --plan tk-2024 --programme 特困供养 --percent 30 \\
            --post 监督 --post 调查 --witness w1-draws.vkey
    """,
)
@click.argument("number")
@click.option(
    "--plan",
    cls=Option,
    required=True,
    metavar="NAME",
    help=N_("The item of the inspection plan that the draw serves; draws of one plan are counted."),
)
@click.option(
    "--witness",
    "witnesses",
    cls=Option,
    multiple=True,
    required=True,
    metavar="FILE|TEXT",
    help=N_("The key for draws of a witness (`mingzhang witness draws`); once for each, and all are needed."),
)
@_size_option("--percent", N_("Draw so many of a hundred cases, rounded up in each stratum."), 100)
@_size_option("--cases", N_("Draw so many cases in all, shared out among the strata in proportion."))
@_size_option("--stratum-cases", N_("Draw so many cases from each stratum."))
@word_option(
    "--stratify",
    Stratification,
    N_("Draw apart by: none, township, programme, both."),
    default="不分层",
)
@click.option("--region", cls=Option, metavar="CODE", help=N_("Only regions of this code, 6 or 9 digits."))
@programme_option
@month_as_of_option
@click.option(
    "--status",
    "statuses",
    cls=Option,
    multiple=True,
    type=click.Choice([str(one) for one in CaseStatus]),
    default=("active", "grace"),
    show_default=True,
    help=N_("Only cases of this status; may be given several times."),
)
@click.option(
    "--weights",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("A CSV of case numbers and whole weights from 1 to 1000; a case that is not in it has weight 1."),
)
@click.option(
    "--by-flags",
    cls=Option,
    is_flag=True,
    help=N_("Weigh cases by risk: one ticket, and one more for each red flag that nobody has disposed of."),
)
@click.option(
    "--rule",
    "rules",
    cls=Option,
    multiple=True,
    metavar="RULE",
    help=N_("With --by-flags, count only flags of this rule; give it once for each."),
)
@rules_folder
@word_option(
    "--post",
    Post,
    N_("Officers of this post inspect; may be given several times. 监督 unless given."),
    multiple=True,
    default=("监督",),
)
@click.option(
    "--without",
    cls=Option,
    multiple=True,
    metavar="STAFF",
    help=N_("The staff number of an officer who does not inspect this time; may be given several times."),
)
@_size_option("--inspectors", N_("How many inspectors to draw; all there are unless given."))
@click.option(
    "--per-case",
    "each",
    cls=Option,
    type=click.IntRange(1, 10),
    default=2,
    show_default=True,
    metavar="NUMBER",
    help=N_("How many inspectors go to each case."),
)
@click.option("--remark", cls=Option, metavar="TEXT", help=N_("A remark; it is sealed."))
@acting_options
@common_options
def announce_command(
    context: Context,
    number: str,
    plan: str,
    witnesses: tuple[str, ...],
    stratify: Stratification,
    region: str | None,
    programme: str | None,
    as_of: str | None,
    statuses: tuple[str, ...],
    weights: Path | None,
    by_flags: bool,
    rules: tuple[str, ...],
    folder: Path | None,
    post: tuple[Post, ...],
    without: tuple[str, ...],
    inspectors: int | None,
    each: int,
    remark: str | None,
    day: datetime.date,
    by: str | None,
    **sizes: int | None,
) -> ExitCode:
    """Compute the pool, record, sign."""
    rule, size = _size(sizes)
    if weights is not None and by_flags:
        raise BadOption(_("Give --weights or --by-flags, not both"), where="--by-flags")
    chosen = chosen_rules(folder, rules) if by_flags else None
    with acting(context, by) as (ledger, actor):
        weighed_on = _as_of(ledger, as_of)
        selection = Selection(
            known_at=ledger.size,
            month=month_of(weighed_on),
            statuses=tuple(one for one in CaseStatus if one in statuses),
            region=_region(region),
            programme=Programme(programme_named(programme)) if programme is not None else None,
            stratification=stratify,
        )
        weighting, weighted = _weighting(ledger, selection, weighed_on, weights, chosen)
        wanted = Plan(
            number=number,
            plan=plan,
            occurred_on=day,
            selection=selection,
            weighting=weighting,
            weights=weighted,
            weighed_on=weighed_on if chosen is not None else None,
            rules=tuple(chosen) if chosen is not None else None,
            size_rule=rule,
            size=size,
            posts=tuple(one for one in Post if one in post),
            stood_down=tuple(sorted(map(_staff, without))),
            team_size=inspectors,
            each=each,
            witnesses=tuple(sorted(set(map(_witness, witnesses)))),
            remark=remark,
        )
        recorded = announce(ledger, wanted, actor, now)
        checkpoint_size = recorded[-1].position + 1
        signed = sign_announcement(context, ledger, checkpoint_size)
    event = recorded[0].event
    assert isinstance(event, DrawAnnounced)
    _tell(context, event, recorded[0].position, checkpoint_size, signed=signed)
    return ExitCode.SOUND


# Private


def _size(sizes: Mapping[str, int | None]) -> tuple[SampleSize, int]:
    given = [(_RULES[name], size) for name, size in sizes.items() if size is not None]
    if len(given) != 1:
        raise BadOption(_("Say in one way how many cases to draw"), where="--percent, --cases, --stratum-cases")
    return given[0]


def _as_of(ledger: Ledger, text: str | None) -> datetime.date:
    day = day_of(text, "--as-of") or window(ledger)[1]
    if day is None:
        raise BadOption(_("No delivery has said its closing date: say which month is meant"), where="--as-of")
    return day


def _weighting(
    ledger: Ledger, selection: Selection, day: datetime.date, weights: Path | None, rules: Mapping[str, Rule] | None
) -> tuple[Weighting, dict[str, int]]:
    """Return where the weights come from, and those that are not 1."""
    if weights is not None:
        return Weighting.LIST, _listed(weights)
    if rules is None:
        return Weighting.EQUAL, {}
    with progress(_("Entries searched"), ledger.size) as advance:
        return Weighting.FLAGS, flag_weights(ledger, rules.values(), selection, day, advance)


def _region(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isdigit() and len(text) in (6, 9)):
        raise BadOption(_("This is no region"), where="--region", expected="520121, 520121101", found=text)
    return text


def _staff(text: str) -> str:
    if not re.fullmatch(STAFF_NUMBER_PATTERN, text):
        raise BadOption(_("This is no staff number"), where="--without", expected="MZ0012", found=text)
    return text


def _witness(text: str) -> str:
    """Return the verifier key that `--witness` names."""
    vkey = verifier_of(text, "--witness").text
    try:
        check_witness(vkey)
    except NoteError:
        mend = _("`mingzhang witness draws` shows the key of a witness that gives seeds")
        raise BadOption(_("This key gives no seeds"), where="--witness", found=vkey, mend=mend) from None
    return vkey


def _listed(path: Path) -> dict[str, int]:
    """Return the weights of a CSV file: the number of a case, and a whole number."""
    found: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.reader(stream), 1):
            if not row:
                continue
            if len(row) != 2 or not row[1].strip().isdigit() or row[0].strip() in found:
                expected = _("a case number that did not come before, a comma, a whole number")
                raise BadOption(_("This is no weight"), where=f"{path}, {line}", expected=expected, found=",".join(row))
            found[row[0].strip()] = int(row[1])
    return {case: weight for case, weight in found.items() if weight != 1}


def _tell(context: Context, event: DrawAnnounced, position: int, checkpoint_size: int, *, signed: bool) -> None:
    if context.as_json:
        document = event.open_part() | {"position": position, "checkpoint_size": checkpoint_size, "signed": signed}
        print_json(document)
        return
    print_fields(
        {
            _("inspection"): event.number,
            _("plan"): _("{plan}, attempt {attempt}").format(plan=event.plan, attempt=event.attempt),
            _("cases to draw from"): f"{sum(one.cases for one in event.strata):,}",
            _("digest of the pool"): event.pool_fingerprint,
            _("inspectors"): f"{len(event.inspectors):,}",
            _("recorded as entry"): f"{position:,}",
            _("checkpoint needed"): _("of {size:,} entries").format(size=checkpoint_size),
        }
    )
    print_line()
    print_table(_STRATA, _rows(event.strata))
    if signed:
        print_note(_("The checkpoint is signed. Next: `mingzhang audit sample request`, then the witnesses."))
    else:
        print_note(
            _("Whoever keeps the signing key runs `mingzhang audit sample sign` before anything else is signed.")
        )


def _rows(strata: Sequence[Stratum]) -> list[dict[str, object]]:
    return [{"stratum": one.name, "cases": one.cases, "weight": one.weight, "sample": one.sample} for one in strata]

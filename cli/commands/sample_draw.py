"""`mingzhang audit sample draw`, `show`, `verify` and `export`: the draw made, looked at, repeated, handed out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from audit.draws.making import inspection_of, make
from audit.draws.publication import publication
from audit.draws.verification import Check, Question, Verdict, is_bent, verify_draw
from audit.flags.rulebook import load_rules
from cli.actors import WHO_OR_PROGRAM, by_option
from cli.columns import RECTIFIED, columns_named
from cli.command import Command, Option
from cli.commands.sample_seed import announcement_of
from cli.errors import ExitCode
from cli.flag_search import rules_folder
from cli.inspecting import acting, now
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_note, print_table, print_text, progress
from cli.output_file import check_output, output_option, write_output
from cli.trust import log_keys
from cli.words import N_, _
from domain.events.inspection import DrawAnnounced, DrawMade
from domain.inspection import Inspection
from domain.vocabulary import FindingKind, FindingSeverity, InspectionOutcome
from ledger.policy import parse_policy

QUESTIONS: Final[Mapping[Question, str]] = {
    Question.ORDER: N_("announced once, drawn once"),
    Question.PLAN: N_("draws of this plan are counted"),
    Question.METHOD: N_("a method that is known"),
    Question.MOMENT: N_("the pool was fixed before"),
    Question.POOL: N_("the pool comes out again"),
    Question.WEIGHTS: N_("the red flags give these weights"),
    Question.SIZES: N_("the sample sizes follow"),
    Question.INSPECTORS: N_("the inspectors come out again"),
    Question.HISTORY: N_("the entries lead to the root"),
    Question.CHECKPOINT: N_("the checkpoint is the one that ends with the announcement"),
    Question.WITNESSES: N_("every named witness signed it"),
    Question.POLICY: N_("they are witnesses that you trust"),
    Question.SEED: N_("the seed follows"),
    Question.CASES: N_("the cases follow"),
    Question.RECUSALS: N_("kin and handlers stay away"),
    Question.PARTIES: N_("who goes where follows"),
}
VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.SOUND: N_("sound"),
    Verdict.BENT: N_("BENT"),
    Verdict.UNCHECKED: N_("could not be checked"),
}
_SAMPLES: Final = columns_named(
    "rank", "case", "inspectors", "recused", "inspected_on", "result", result=InspectionOutcome
)
_FINDINGS: Final = (
    *columns_named(
        *("finding_number", "case", "problem", "severity", "due_on"), problem=FindingKind, severity=FindingSeverity
    ),
    RECTIFIED,
)


@click.command(
    "draw",
    cls=Command,
    help=N_(
        "Draw the cases and inspectors of the announced draw NUMBER.\n\n"
        "Nothing is chosen here: the checkpoint, the witnesses and the method were laid down before, and everything "
        "follows from them. Who is kin in a drawn case, or handled it, is not sent there."
    ),
    example="mingzhang audit sample draw CJ2024-01 --by staff/MZ0031",
)
@click.argument("number")
@by_option(WHO_OR_PROGRAM)
@common_options
def draw_command(context: Context, number: str, by: str | None) -> ExitCode:
    """Make the draw and record it."""
    with acting(context, by) as (ledger, actor):
        make(ledger, number, log_keys(context, ledger.store, ledger.store), actor, now)
        state = inspection_of(ledger, number)
    _print_state(context, state)
    return ExitCode.SOUND


@click.command(
    "show",
    cls=Command,
    help=N_("Show the draw NUMBER: what was announced, what came out, what was inspected and found."),
    example="mingzhang audit sample show CJ2024-01",
)
@click.argument("number")
@common_options
def show_command(context: Context, number: str) -> ExitCode:
    """Print one inspection."""
    with opened_ledger(context) as ledger:
        announcement_of(ledger, number)
        state = inspection_of(ledger, number)
    _print_state(context, state)
    return ExitCode.SOUND


@click.command(
    "verify",
    cls=Command,
    help=N_(
        "Repeat the draw NUMBER from the log, and name what was bent.\n\n"
        "With --policy, a file that names the draws keys of witnesses that you trust, it is asked too whether enough "
        "of them gave the seed; without it the witnesses are those that the announcement names. `audit verify` looks "
        "at the whole log.\n\n"
        "Exit codes: 0 nothing bent, 1 something bent, 3 something could not be checked."
    ),
    example="mingzhang audit sample verify CJ2024-01 --policy draws.policy",
)
@click.argument("number")
@click.option(
    "--policy",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Your own policy: the log, and the draws keys of the witnesses whose word you take."),
)
@rules_folder
@common_options
def verify_command(context: Context, number: str, policy: Path | None, folder: Path | None) -> ExitCode:
    """Ask every question and tell the answers."""
    trusted = parse_policy(policy.read_bytes()) if policy is not None else None
    with opened_ledger(context) as ledger:
        keys = log_keys(context, ledger.store, ledger.store)
        with progress(_("Reading the entries"), ledger.size) as advance:
            checks = verify_draw(ledger, number, keys, trusted, load_rules(folder), advance)
        drawn = bool(inspection_of(ledger, number).draws)
    if context.as_json:
        document = {"number": number, "drawn": drawn, "bent": is_bent(checks)}
        print_json(document | {"checks": [one.to_json() for one in checks]})
    else:
        _print_checks(checks, drawn=drawn)
    if drawn and policy is None:
        print_note(_("Whether these witnesses are independent is for you to say: --policy names those you trust."))
    return _exit_code(checks)


@click.command(
    "export",
    cls=Command,
    help=N_(
        "Write what a stranger needs to repeat the draw NUMBER.\n\n"
        "One JSON document of open facts: case numbers, staff numbers, the checkpoint, the witnesses' signatures, the "
        "proof that the announcement came before. It names nobody. docs/draws.md says how to repeat it."
    ),
    example="mingzhang audit sample export CJ2024-01 -o CJ2024-01.json",
)
@click.argument("number")
@output_option(N_("Write the document to this file; otherwise it is printed."))
@common_options
def export_command(context: Context, number: str, output: Path | None) -> ExitCode:
    """Write the publication."""
    check_output(output)
    with opened_ledger(context) as ledger:
        announcement_of(ledger, number)
        document = publication(ledger, number)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        print_text(text)
        return ExitCode.SOUND
    write_output(output, text.encode())
    if context.as_json:
        print_json({"number": number, "file": str(output)})
    else:
        print_fields({_("inspection"): number, _("file"): str(output)})
    return ExitCode.SOUND


# Private


def _exit_code(checks: list[Check]) -> ExitCode:
    if is_bent(checks):
        return ExitCode.FINDING
    unchecked = any(one.verdict is Verdict.UNCHECKED for one in checks)
    return ExitCode.UNCHECKED if unchecked else ExitCode.SOUND


def _print_checks(checks: list[Check], *, drawn: bool) -> None:
    print_fields({_(QUESTIONS[one.question]): _(VERDICTS[one.verdict]) for one in checks})
    for one in checks:
        if one.verdict is not Verdict.SOUND:
            print_line()
            print_line(f"{_(QUESTIONS[one.question])}: {_(VERDICTS[one.verdict])}")
            print_fields({"  " + _("expected"): one.expected, "  " + _("found"): one.found})
    if not drawn:
        print_note(_("The draw was not made yet: only what was announced could be repeated."))


def _print_state(context: Context, state: Inspection) -> None:
    announced, made = state.announced, state.made
    assert announced is not None
    samples = [_sample_row(state, rank) for rank in range(len(state.samples))]
    findings = [
        {
            "finding_number": number,
            "case": one.finding.case,
            "problem": one.finding.kind.value,
            "severity": one.finding.severity.value,
            "due_on": one.due_on.isoformat(),
            "accepted_on": one.accepted_on.isoformat() if one.accepted_on else None,
        }
        for number, one in sorted(state.findings.items())
    ]
    if context.as_json:
        print_json(_document(state, announced, made, samples, findings))
        return
    print_fields(_head(state, announced, made))
    for title, columns, rows in ((_("Drawn cases"), _SAMPLES, samples), (_("Findings"), _FINDINGS, findings)):
        if made is not None:
            print_line()
            print_table(columns, rows, title)


def _head(state: Inspection, announced: DrawAnnounced, made: DrawMade | None) -> dict[str, str]:
    head = {
        _("inspection"): announced.number,
        _("plan"): _("{plan}, attempt {attempt}").format(plan=announced.plan, attempt=announced.attempt),
        _("announced on"): announced.occurred_on.isoformat(),
        _("cases to draw from"): f"{sum(one.cases for one in announced.strata):,}",
        _("digest of the pool"): announced.pool_fingerprint,
    }
    if state.abandoned is not None:
        head[_("given up on")] = state.abandoned.occurred_on.isoformat()
    if made is not None:
        head |= {_("seed"): made.seed, _("from checkpoint of"): _("{size:,} entries").format(size=made.size)}
        head[_("inspectors drawn")] = ", ".join(made.team)
    return head


def _sample_row(state: Inspection, index: int) -> dict[str, Any]:
    sample = state.samples[index]
    inspected = state.inspected.get(sample.case)
    return {
        "rank": sample.rank,
        "case": sample.case,
        "inspectors": list(inspected.inspectors if inspected else sample.inspectors),
        "recused": [one.staff for one in sample.recused],
        "inspected_on": inspected.occurred_on.isoformat() if inspected else None,
        "result": inspected.outcome.value if inspected else None,
    }


def _document(
    state: Inspection,
    announced: DrawAnnounced,
    made: DrawMade | None,
    samples: list[dict[str, Any]],
    findings: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "announced": announced.open_part(),
        "abandoned": state.abandoned.open_part() if state.abandoned else None,
        "made": made.open_part() if made else None,
        "samples": samples,
        "findings": findings,
        "published": [one.open_part() for one in state.published],
    }

"""`mingzhang audit verify-dossier`: a dossier checked offline, with the file and the verifier's own policy."""

import base64
from pathlib import Path
from typing import Any

import click

from audit.dossier_check import DossierVerdict, Verdict, check_dossier
from cli.command import Command, Option
from cli.commands.verify import verifier_of
from cli.dossier_sheet import history_rows, print_dossier, shown_value
from cli.errors import BadOption, ExitCode
from cli.options import offline_options
from cli.output import print_json
from cli.words import N_, _
from ledger.policy import Policy

_EXITS = {Verdict.VALID: ExitCode.SOUND, Verdict.INVALID: ExitCode.FINDING, Verdict.UNCHECKED: ExitCode.UNCHECKED}
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "verify-dossier",
    cls=Command,
    help=N_(
        "Check a dossier with nothing but the file.\n\n"
        "Neither ledger nor keys nor network are needed. Bring the policy yourself: it names the key of the log and "
        "the witnesses whom you believe. What the file says is believed as far as those signatures reach, and the "
        "result says how far that is.\n\n"
        "Exit codes: 0 valid, 1 invalid, 3 could not check."
    ),
    example="""
        mingzhang audit verify-dossier case.json --policy province.policy
        mingzhang audit verify-dossier case.json --policy province.policy --heads-policy replay.policy --json
    """,
)
@click.argument("file", type=_file)
@click.option(
    "--policy",
    cls=Option,
    type=_file,
    metavar="FILE",
    help=N_("The policy: keys of logs and witnesses, and the quorum (c2sp.org/tlog-policy)."),
)
@click.option(
    "--vkey",
    cls=Option,
    metavar="FILE|TEXT",
    help=N_("In place of a policy, the log's verifier key alone: no witness is asked for."),
)
@click.option(
    "--heads-policy",
    cls=Option,
    type=_file,
    metavar="FILE",
    help=N_("A policy of the keys with which witnesses attest the map of streams after replaying the log."),
)
@click.option("--reveal", cls=Option, is_flag=True, help=N_("Show disclosed personal data whole, not masked."))
@offline_options
def verify_dossier_command(
    file: Path, policy: Path | None, vkey: str | None, heads_policy: Path | None, reveal: bool, as_json: bool
) -> ExitCode:
    """Check, print one line per check, the history, and what it is worth."""
    if policy is not None and vkey is not None:
        raise BadOption(_("Give a policy or the key of the log, not both"), where="--vkey")
    key = None if vkey is None else Policy((verifier_of(vkey),))
    given = key if policy is None else policy.read_bytes()
    verdict = check_dossier(file.read_bytes(), given, None if heads_policy is None else heads_policy.read_bytes())
    if as_json:
        print_json(_document(verdict, reveal=reveal))
    else:
        print_dossier(verdict, reveal=reveal)
    return _EXITS[verdict.verdict]


# Private


def _document(verdict: DossierVerdict, *, reveal: bool) -> dict[str, Any]:
    """Return the shape of `--json`; what an invalid dossier tells is left out."""
    dossier, stated = verdict.dossier, verdict.checkpoint
    told = dossier is not None and verdict.verdict is not Verdict.INVALID
    return {
        "verdict": str(verdict.verdict),
        "checks": [{"check": name, "state": state, "detail": detail} for name, state, detail in verdict.checks],
        "log": dossier.log if dossier else None,
        "stream": dossier.stream if dossier else None,
        "suite": dossier.suite.name if dossier else None,
        "checkpoint": {"size": stated.size, "root": base64.b64encode(stated.root).decode()} if stated else None,
        "cosigned_at": verdict.cosigned_at,
        "completeness": "attested" if verdict.attested else "asserted",
        "attested_at": verdict.attested_at,
        "entries": history_rows(verdict) if told else [],
        "disclosed": [
            {"position": one.position, "field": one.field, "value": shown_value(verdict, one, reveal=reveal)}
            for one in verdict.disclosed
            if told
        ],
    }

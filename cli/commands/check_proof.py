"""`mingzhang audit check-proof`: checks a proof with no ledger, by a policy or key that the verifier brings."""

from pathlib import Path
from typing import Any

import click

from audit.finding import base64
from audit.proofs import Checked, check_consistency, check_inclusion
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.output import print_fields, print_json, print_line, print_note
from cli.trust import policy_of
from cli.verdict import said
from cli.words import LANGUAGES, N_, _
from ledger.policy import Policy
from ledger.proof_text import parse_consistency, parse_inclusion

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "check-proof",
    cls=Command,
    help=N_(
        "Check the proof in FILE with no ledger.\n\n"
        "An inclusion proof needs the entry's bytes (--entry), a consistency proof the older checkpoint (--old). "
        "--policy or --vkey says whose signatures are believed: bring your own.\n\n"
        "Exit codes: 0 valid, 1 invalid, 3 could not check, as when the policy's witnesses are missing."
    ),
    example="""
        mingzhang audit check-proof entry.tlog-proof --entry entry.tlog-proof.entry --policy inspector.policy
        mingzhang audit check-proof request.txt --old county-2026-10.checkpoint --vkey county.vkey
    """,
)
@click.argument("file", metavar="FILE", type=_file)
@click.option("--entry", cls=Option, type=_file, metavar="FILE", help=N_("The bytes of the entry that is proved."))
@click.option("--old", cls=Option, type=_file, metavar="FILE", help=N_("The older checkpoint of a consistency proof."))
@click.option("--policy", cls=Option, type=_file, metavar="FILE", help=N_("Logs, witnesses and quorum to believe."))
@click.option("--vkey", cls=Option, metavar="FILE|TEXT", help=N_("The log's verifier key; asks for no witness."))
@click.option("--json", "as_json", cls=Option, is_flag=True, help=N_("Print one JSON document for machines."))
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help=N_("The language of headings and messages; that of the locale unless given."),
)
def check_proof_command(
    file: Path, entry: Path | None, old: Path | None, policy: Path | None, vkey: str | None, as_json: bool
) -> ExitCode:
    """Check, and say what was checked and by whose word."""
    believed = policy_of(policy, vkey)
    if believed is None:
        raise BadOption(
            _("Give --policy or --vkey: a proof is worth what its checkpoint's signer is"), where="--policy"
        )
    checked, facts = _checked(file.read_bytes(), entry, old, believed)
    document = {**facts, **_facts(checked, believed)}
    if as_json:
        print_json(document)
    else:
        _tell(document)
    if not checked.valid:
        return ExitCode.FINDING
    if checked.judgement is None or not checked.judgement.satisfied:
        missing = ", ".join(document["missing"])
        text = _("Not checked: the policy asks for cosignatures of {quorum}; missing are {missing}.")
        print_note(text.format(quorum=believed.quorum_text(), missing=missing))
        return ExitCode.UNCHECKED
    return ExitCode.SOUND


# Private


def _checked(proof: bytes, entry: Path | None, old: Path | None, policy: Policy) -> tuple[Checked, dict[str, Any]]:
    if proof.startswith(b"old "):
        if old is None or entry is not None:
            raise BadOption(_("A consistency proof is checked with --old"), where="--old")
        consistency = parse_consistency(proof)
        checked = check_consistency(consistency, old.read_bytes(), policy)
        return checked, {"proof": "consistency", "old_size": consistency.old_size}
    inclusion = parse_inclusion(proof)
    if entry is None or old is not None:
        raise BadOption(_("An inclusion proof is checked with --entry"), where="--entry")
    checked = check_inclusion(inclusion, entry.read_bytes(), policy)
    facts = {
        "proof": "inclusion",
        "position": inclusion.index,
        "stream": checked.entry.stream if checked.entry else None,
        "seq": checked.entry.seq if checked.entry else None,
        "leaf": base64(checked.leaf) if checked.leaf else None,
    }
    return checked, facts


def _facts(checked: Checked, policy: Policy) -> dict[str, Any]:
    """Return the members that both kinds of proof have; those of the checkpoint are null unless a log signed it."""
    judgement = checked.judgement
    checkpoint = judgement.checkpoint if judgement else None
    fault = {"part": checked.fault, "expected": checked.expected, "found": checked.found}
    return {
        "valid": checked.valid,
        "log": checkpoint.origin if checkpoint else None,
        "size": checkpoint.size if checkpoint else None,
        "root": base64(checkpoint.root) if checkpoint else None,
        "signed_by": judgement.log.text if judgement else None,
        "quorum": policy.quorum_text(),
        "quorum_satisfied": judgement is not None and judgement.satisfied,
        "cosigned_at": judgement.cosigned_at if judgement else {},
        "missing": list(judgement.missing) if judgement else [],
        "fault": None if checked.valid else fault,
    }


def _tell(document: dict[str, Any]) -> None:
    valid = _("valid") if document["quorum_satisfied"] else _("COULD NOT CHECK")
    fields = {_("proof"): valid if document["valid"] else _("INVALID")}
    if "position" in document:
        fields[_("entry")] = f"{document['position']:,}"
    if document.get("stream"):
        fields[_("stream")] = f"{document['stream']} {document['seq']}"
    if "old_size" in document:
        fields[_("begins with")] = f"{document['old_size']:,}"
    if document["log"]:
        fields |= {_("log"): document["log"], _("checkpoint of"): f"{document['size']:,}", _("root"): document["root"]}
        fields[_("signed by")] = document["signed_by"]
        fields[_("cosigned by")] = ", ".join(document["cosigned_at"]) or _("none")
    print_fields(fields)
    if document["fault"]:
        print_line()
        print_line(_("This does not fit: {part}").format(part=said(document["fault"]["part"])))
        fault = {_("expected"): document["fault"]["expected"], _("found"): document["fault"]["found"]}
        print_fields({f"  {name}": text for name, text in fault.items()})

"""`mingzhang audit prove`: what an entry's place in the log is, and that a newer log begins with an older one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from audit.case_records import near_cases
from audit.finding import base64
from audit.proofs import prove_consistency, prove_inclusion
from audit.signed_checkpoint import SignedCheckpoint, accepted, latest_checkpoint
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_text
from cli.output_file import check_output, write_output
from cli.trust import log_keys
from cli.words import N_, _
from ledger.entry import encode_name
from ledger.errors import FormatError
from ledger.ledger import Ledger
from ledger.note import Verifier
from ledger.proof_text import format_consistency, format_inclusion
from ledger.store import Reader, Record, Store

SUFFIX = ".tlog-proof"
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Wanted(NamedTuple):
    """What the options ask for."""

    target: str | None
    since: Path | None
    checkpoint: Path | None
    output: Path | None
    with_entry: bool


@click.command(
    "prove",
    cls=Command,
    help=N_(
        "Prove that entries are in the log, or with --since that it only grew.\n\n"
        "A case, or any stream, gives one proof for each of its entries, a position gives one, in the form of "
        "c2sp.org/tlog-proof@v1 against a signed checkpoint. With --since: the consistency proof from that "
        "checkpoint, as the request that is put to a witness. `mingzhang audit check-proof` checks both, with no "
        "ledger.\n\n"
        "Exit codes: 0 proved, 1 the checkpoint is not one of this log as it stands, 3 nothing signed covers it."
    ),
    example="""
        mingzhang audit prove 1200 --with-entry -o entry.tlog-proof
        mingzhang audit prove SQ52012120240300017 --with-entry -o proofs
        mingzhang audit prove --since county-2026-10.checkpoint -o request.txt
    """,
)
@click.argument("target", metavar="[CASE|STREAM|POSITION]", required=False)
@click.option(
    "--since",
    cls=Option,
    type=_file,
    metavar="FILE",
    help=N_("Prove instead that the log still begins with the history that this checkpoint signs."),
)
@click.option(
    "--checkpoint",
    cls=Option,
    type=_file,
    metavar="FILE",
    help=N_("Prove against this signed checkpoint; the latest one in the ledger unless given."),
)
@click.option(
    "-o",
    "--output",
    cls=Option,
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help=N_("Write the proof to this file; the proofs of a case into this folder."),
)
@click.option("--with-entry", cls=Option, is_flag=True, help=N_("Also write the entry's bytes, to FILE.entry."))
@common_options
def prove_command(context: Context, **options: Any) -> ExitCode:
    """Prove, and write or print."""
    wanted = _Wanted(**options)
    _check_usage(wanted)
    with context.open_store() as store, store.snapshot() as reader:
        keys = log_keys(context, store, reader)
        against = _against(reader, wanted.checkpoint, keys)
        if wanted.since is not None:
            return _consistency(context, reader, wanted.since, wanted.output, keys, against)
        records = _records(store, reader, wanted.target or "")
        return _inclusion(context, reader, wanted, records, against)


# Private


def _check_usage(wanted: _Wanted) -> None:
    if (wanted.target is None) == (wanted.since is None):
        raise BadOption(_("Give a case, a stream or a position, or --since"), where="CASE|STREAM|POSITION, --since")
    if wanted.with_entry and (wanted.output is None or wanted.since is not None):
        raise BadOption(_("--with-entry goes with -o and an entry to prove"), where="--with-entry")
    check_output(wanted.output)


def _against(reader: Reader, checkpoint: Path | None, keys: Sequence[Verifier]) -> SignedCheckpoint:
    if checkpoint is None:
        return latest_checkpoint(reader, keys)
    return accepted(reader, checkpoint.read_bytes(), keys, str(checkpoint))


def _records(store: Store, reader: Reader, target: str) -> list[Record]:
    """Return the rows to prove: of a position, of a stream, or of the stream of a case."""
    if target.isascii() and target.isdigit() and len(target) <= 16:
        record = reader.record(int(target))
        if record is None:
            size = f"{reader.head().size:,}"
            expected = _("a position below {size}").format(size=size)
            raise BadOption(_("There is no such entry"), where="POSITION", expected=expected, found=target)
        return [record]
    try:
        name = target if "/" in target else encode_name("case", target)
    except FormatError:
        name = ""
    records = list(reader.stream(name))
    if not records:
        near = ", ".join(near_cases(Ledger(store, None), target.removeprefix("case/")))
        mend = (
            _("did you mean {cases}?").format(cases=near)
            if near
            else _("`mingzhang case list` shows the cases there are")
        )
        raise BadOption(_("There is no such case or stream in this ledger"), where="CASE", found=target, mend=mend)
    return records


def _inclusion(
    context: Context, reader: Reader, wanted: _Wanted, records: Sequence[Record], against: SignedCheckpoint
) -> ExitCode:
    output, as_folder = wanted.output, not (wanted.target or "").isdigit()
    if output is None and len(records) > 1 and not context.as_json:
        mend = _("give a folder with -o")
        raise BadOption(_("There are several proofs"), where="--output", found=str(len(records)), mend=mend)
    proofs = prove_inclusion(reader, against, [record.position for record in records])
    rows = []
    for record, proof in zip(records, proofs, strict=True):
        text = format_inclusion(proof)
        file = None if output is None else _place(output, record, as_folder=as_folder)
        entry_file = file.with_name(f"{file.name}.entry") if file is not None and wanted.with_entry else None
        if file is not None:
            file.parent.mkdir(exist_ok=True)
            write_output(file, text)
        if entry_file is not None:
            write_output(entry_file, record.entry)
        rows.append(
            {
                "position": record.position,
                "stream": record.stream,
                "seq": record.seq,
                "leaf": base64(reader.suite.leaf(record.entry)),
                "proof": text.decode(),
                "file": None if file is None else str(file),
                "entry_file": None if entry_file is None else str(entry_file),
            }
        )
    _tell(context, against, {"proofs": rows}, output, [str(row["proof"]) for row in rows])
    return ExitCode.SOUND


def _place(output: Path, record: Record, *, as_folder: bool) -> Path:
    if not as_folder and not output.is_dir():
        return output
    return output / f"{record.stream.replace('/', '-')}-{record.seq}{SUFFIX}"


def _consistency(
    context: Context,
    reader: Reader,
    since: Path,
    output: Path | None,
    keys: Sequence[Verifier],
    against: SignedCheckpoint,
) -> ExitCode:
    old = accepted(reader, since.read_bytes(), keys, str(since))
    text = format_consistency(prove_consistency(reader, old, against))
    if output is not None:
        write_output(output, text)
    facts = {
        "old_size": old.checkpoint.size,
        "old_root": base64(old.checkpoint.root),
        "proof": text.decode(),
        "file": None if output is None else str(output),
    }
    _tell(context, against, facts, output, [text.decode()])
    return ExitCode.SOUND


def _tell(
    context: Context, against: SignedCheckpoint, facts: dict[str, Any], output: Path | None, texts: Sequence[str]
) -> None:
    checkpoint = against.checkpoint
    root = base64(checkpoint.root)
    if context.as_json:
        print_json({"log": checkpoint.origin, "size": checkpoint.size, "root": root, **facts})
    elif output is None:
        print_text(texts[0])
    else:
        print_fields(
            {
                _("log"): checkpoint.origin,
                _("checkpoint of"): f"{checkpoint.size:,}",
                _("root"): root,
                _("proofs"): f"{len(texts):,}",
                _("written to"): str(output),
            }
        )

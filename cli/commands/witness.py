"""`mingzhang witness`: cosigning checkpoints on a machine of one's own, with no network and no database."""

import base64
import functools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from audit.finding import Finding
from audit.held_leaves import altered_since
from cli.command import Command, LazyGroup, Option, Place
from cli.errors import BadOption, ExitCode
from cli.options import PASSPHRASE_VARIABLE, ask_passphrase, is_interactive, read_passphrase
from cli.output import print_fields, print_json, print_line, print_note
from cli.output_file import check_output, output_option, write_output
from cli.trust import verifier_of
from cli.verdict import finding_lines
from cli.words import LANGUAGES, N_, _
from ledger.hashing import HASH_BYTES
from ledger.keyfile import PassphraseNeeded
from ledger.note import NoteError
from ledger.tile_folder import TileFolder
from ledger.witness import Answer, cosign
from ledger.witness_attest import attest_tiles
from ledger.witness_errors import ContradictionRefused
from ledger.witness_folder import WitnessFolder
from ledger.witness_replay import Comparison, compare_tiles, cosign_tiles

PLACES: Final = {
    "init": Place("cli.commands.witness", "init_command", N_("Make a witness and its key.")),
    "trust": Place("cli.commands.witness", "trust_command", N_("Name a log that this witness will cosign.")),
    "cosign": Place("cli.commands.witness", "cosign_command", N_("Cosign a checkpoint that goes on from the last.")),
    "compare": Place("cli.commands.witness", "compare_command", N_("Name the entries that were altered since.")),
    "draws": Place("cli.commands.witness", "draws_command", N_("Show the key that seeds of draws are signed with.")),
    "status": Place("cli.commands.witness", "status_command", N_("Say what this witness cosigned last.")),
}
DEFAULT_FOLDER: Final = "mingzhang.witness"
SHOWN_MAX: Final = 100
CLOCK_BEHIND_SECONDS_MAX: Final = 300


@dataclass(frozen=True)
class WitnessContext:
    """What the shared options of the witness commands say."""

    directory: Path
    as_json: bool
    passphrase_file: Path | None

    def open(self) -> WitnessFolder:
        """Find the witness, asking for the passphrase of its key only when `unlocked` is called."""
        return WitnessFolder.open(self.directory, self.passphrase())

    def unlocked(self) -> WitnessFolder:
        """Find the witness with a key that opens; asks for the passphrase when it is needed."""
        folder = self.open()
        try:
            folder.signer()
        except PassphraseNeeded:
            if not is_interactive():
                raise
            folder = WitnessFolder.open(self.directory, ask_passphrase())
        return folder

    def passphrase(self) -> str | None:
        """Return the passphrase that was given: in a file, else in the environment; None when there is neither."""
        if self.passphrase_file is not None:
            return read_passphrase(self.passphrase_file)
        return os.environ.get(PASSPHRASE_VARIABLE)


def witness_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options of the witness commands; the command gets them as one context, its first argument."""

    @functools.wraps(function)
    def with_context(
        *, directory: Path, as_json: bool, lang: str | None, passphrase_file: Path | None, **rest: Any
    ) -> Any:
        return function(WitnessContext(directory, as_json, passphrase_file), **rest)

    decorated: Callable[..., Any] = with_context
    for option in reversed(_SHARED):
        decorated = option(decorated)
    return decorated


_SHARED: Final = (
    click.option(
        "--dir",
        "directory",
        cls=Option,
        type=click.Path(file_okay=False, path_type=Path),
        envvar="MINGZHANG_WITNESS",
        default=DEFAULT_FOLDER,
        show_default=True,
        metavar="DIR",
        help=N_("The folder of the witness: its key and what it cosigned; also MINGZHANG_WITNESS."),
    ),
    click.option(
        "--passphrase-file",
        cls=Option,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help=N_("The passphrase of the keys is this file's first line; also MINGZHANG_PASSPHRASE."),
    ),
    click.option("--json", "as_json", cls=Option, is_flag=True, help=N_("Print one JSON document for machines.")),
    click.option(
        "--lang",
        cls=Option,
        type=click.Choice(LANGUAGES),
        help=N_("The language of headings and messages; that of the locale unless given."),
    ),
)


@click.group("witness", cls=LazyGroup, places=PLACES, help=N_("Cosign the checkpoints of a log, from outside."))
def witness_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "init",
    cls=Command,
    help=N_(
        "Make a witness and its key.\n\n"
        "NAME is the name of the witness for ever, such as inspection.example/witness-1. The folder must be new; it "
        "belongs to the witness alone, on a machine that the bureau does not run. Back it up after each cosignature."
    ),
    example="mingzhang witness init inspection.example/witness-1 --dir witness-1",
)
@click.argument("name")
@click.option(
    "--passphrase", "ask", cls=Option, is_flag=True, help=N_("Ask for a passphrase to protect the keys with.")
)
@witness_options
def init_command(context: WitnessContext, name: str, ask: bool) -> ExitCode:
    """Make the folder and print the verifier key."""
    passphrase = ask_passphrase(confirm=True) if ask else context.passphrase()
    try:
        folder = WitnessFolder.create(context.directory, name, passphrase)
    except NoteError as error:
        raise BadOption(_("This cannot be the name of a witness"), where="NAME", found=error.reason) from None
    if context.as_json:
        print_json({"name": name, "dir": str(context.directory), **_keys(folder)})
    else:
        print_fields({_("witness"): name, _("folder"): str(context.directory), **_key_fields(folder)})
        print_note(_("Hand the verifier key to those who verify the ledger, yourself and not through the bureau."))
    return ExitCode.SOUND


@click.command(
    "trust",
    cls=Command,
    help=N_(
        "Name a log that this witness will cosign.\n\n"
        "VKEY is the log's verifier key, as a text or in a file. Make sure that it is the bureau's before you name it:"
        " the witness believes it from now on. A log that changed its key has several; name each."
    ),
    example="mingzhang witness trust county.vkey --dir witness-1",
)
@click.argument("vkey")
@witness_options
def trust_command(context: WitnessContext, vkey: str) -> ExitCode:
    """Add a log."""
    log = verifier_of(vkey)
    try:
        fresh = context.open().trust(log)
    except NoteError as error:
        raise BadOption(_("This key cannot be trusted as a log's"), where="VKEY", found=error.reason) from None
    if context.as_json:
        print_json({"log": log.name, "key_id": log.key_id.hex(), "new": fresh})
    else:
        print_fields({_("log"): log.name, _("key id"): log.key_id.hex()})
        if not fresh:
            print_note(_("This key was trusted already."))
    return ExitCode.SOUND


@click.command(
    "cosign",
    cls=Command,
    help=N_(
        "Cosign a checkpoint that goes on from the last.\n\n"
        "REQUEST is a file of `mingzhang audit checkpoint request`. With --tiles, a folder of `mingzhang export tiles`,"
        " the witness reads every new entry itself and keeps its hash, so that it can later name altered entries. What"
        " it is about to cosign is written down first. A checkpoint that contradicts the last one is refused, with the"
        " evidence in a file.\n\n"
        "With --attest-heads it also computes the map of streams from all entries, and says with its second key that "
        "the one in the log is true: nobody then needs the bureau's word that a dossier is complete. It "
        "needs the tiles as they are right after `mingzhang audit checkpoint --heads`.\n\n"
        "With --seed it signs with its third key too, which gives a draw its seed: there is one such signature for "
        "each checkpoint, however often one asks."
    ),
    example="""
        mingzhang witness cosign county.request -o county.answer --dir witness-1
        mingzhang witness cosign --tiles county-tiles -o county.answer --dir witness-1
        mingzhang witness cosign --tiles county-tiles --attest-heads -o county.answer --dir witness-1
        mingzhang witness cosign draw.request --seed -o draw.answer --dir witness-1
    """,
)
@click.argument("request", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--tiles",
    cls=Option,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help=N_("Read checkpoint and entries from this folder instead of a request."),
)
@click.option(
    "--attest-heads",
    "heads",
    cls=Option,
    is_flag=True,
    help=N_("With --tiles, compute the map of streams as well and attest it with the second key."),
)
@click.option(
    "--seed",
    cls=Option,
    is_flag=True,
    help=N_("Sign with the third key too: the seed of the draw that this checkpoint ends with."),
)
@output_option(N_("Write the answer to this file; otherwise it is printed."))
@witness_options
def cosign_command(
    context: WitnessContext, request: Path | None, tiles: Path | None, heads: bool, seed: bool, output: Path | None
) -> ExitCode:
    """Check, write down, sign, and only then hand out."""
    if (request is None) == (tiles is None):
        raise BadOption(_("Give either a request or --tiles"), where="REQUEST")
    if heads and tiles is None:
        raise BadOption(_("A map can be attested from a folder of tiles only"), where="--attest-heads")
    if heads and seed:
        raise BadOption(_("Give --attest-heads or --seed, not both"), where="--seed")
    check_output(output)
    folder, now = context.unlocked(), int(time.time())
    try:
        if tiles is not None:
            answer = attest_tiles(folder, tiles, now) if heads else cosign_tiles(folder, tiles, now, seed=seed)
        else:
            assert request is not None
            answer = cosign(folder, request.read_bytes(), now, seed=seed)
    except ContradictionRefused as refusal:
        _hand_out_evidence(refusal.evidence, output)
        raise
    if output is not None:
        write_output(output, answer.lines)
    _tell_answer(context, answer, output, heads=heads)
    if answer.cosigned_at - now > CLOCK_BEHIND_SECONDS_MAX:
        print_note(_("This machine's clock is behind the last cosignature; the time of that one was taken. Set it."))
    return ExitCode.SOUND


@click.command(
    "compare",
    cls=Command,
    help=N_(
        "Name the entries that were altered since.\n\n"
        "Each entry in the folder is compared with the hash that the witness kept when it read it. Whoever rebuilt the "
        "log above an altered entry cannot change what is kept here.\n\n"
        "Exit codes: 0 nothing altered, 1 altered entries, 3 could not check."
    ),
    example="mingzhang witness compare --tiles county-tiles --dir witness-1",
)
@click.option(
    "--tiles",
    cls=Option,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help=N_("The folder of `mingzhang export tiles` to compare with."),
)
@witness_options
def compare_command(context: WitnessContext, tiles: Path) -> ExitCode:
    """Name what was altered; entries that were only chained anew are told as what follows from it."""
    folder = context.open()
    comparison, differences = compare_tiles(folder, tiles)
    different = {one.position: one for one in differences}
    findings = _altered(folder, tiles, comparison) if different else []
    acts = [one for one in findings if one.consequence_of is None]
    if context.as_json:
        named = [different[one.position] for one in acts if one.position in different]
        altered = [{"position": one.position, "held": _base64(one.held), "found": _base64(one.found)} for one in named]
        document = {"log": comparison.origin, "compared": comparison.compared, "altered": altered}
        print_json({**document, "findings": [one.to_json() for one in findings]})
        return ExitCode.FINDING if different else ExitCode.SOUND
    for one in acts[:SHOWN_MAX]:
        print_line("\n".join(finding_lines(one)))
        print_line()
    if len(acts) > SHOWN_MAX:
        print_line(_("… and {count:,} more; --json lists all").format(count=len(acts) - SHOWN_MAX))
    print_line(
        _("{compared:,} entries compared, {altered:,} altered or gone, {chained:,} only chained anew.").format(
            compared=comparison.compared, altered=len(acts), chained=len(findings) - len(acts)
        )
    )
    return ExitCode.FINDING if different else ExitCode.SOUND


@click.command(
    "draws",
    cls=Command,
    help=N_(
        "Show the key that seeds of draws are signed with.\n\n"
        "It is made when it is first asked for, and signs nothing else. Hand it yourself to those who announce draws "
        "and to those who verify them."
    ),
    example="mingzhang witness draws --dir witness-1 > witness-1-draws.vkey",
)
@witness_options
def draws_command(context: WitnessContext) -> ExitCode:
    """Print the third verifier key."""
    folder = context.unlocked()
    vkey = folder.draws_signer().verifier.text
    if context.as_json:
        print_json({"name": folder.verifier.name, "draws_vkey": vkey})
    else:
        print_line(vkey)
    return ExitCode.SOUND


@click.command(
    "status",
    cls=Command,
    help=N_("Say what this witness cosigned last.\n\nThe size is what the bureau needs for the next request."),
    example="mingzhang witness status --dir witness-1",
)
@witness_options
def status_command(context: WitnessContext) -> ExitCode:
    """Print the verifier key, and of each log what was cosigned last."""
    folder = context.open()
    state = folder.state()
    origins = dict.fromkeys([*(one.name for one in folder.trusted()), *state.logs])
    logs = [
        {
            "log": origin,
            "size": last.size if (last := state.logs.get(origin)) else 0,
            "root": _base64(last.root) if last else "",
            "held": last.held if last else 0,
        }
        for origin in origins
    ]
    if context.as_json:
        print_json({**_keys(folder), "cosigned_at": state.clock, "logs": logs})
        return ExitCode.SOUND
    print_fields({**_key_fields(folder), _("last cosignature"): _moment(state.clock)})
    for log in logs:
        print_line()
        print_fields(
            {
                _("log"): str(log["log"]),
                _("cosigned"): _("{size:,} entries").format(size=log["size"]),
                _("root"): str(log["root"]),
                _("hashes kept"): f"{log['held']:,}",
            }
        )
    return ExitCode.SOUND


# Private


def _altered(folder: WitnessFolder, tiles: Path, comparison: Comparison) -> list[Finding]:
    """Return what was done to the entries whose hashes are kept, acts first."""
    kept = folder.leaves_path(comparison.origin).read_bytes()
    held = [kept[at : at + HASH_BYTES] for at in range(0, comparison.compared * HASH_BYTES, HASH_BYTES)]
    return altered_since(TileFolder(tiles), held)


def _keys(folder: WitnessFolder) -> dict[str, str | None]:
    second = folder.heads_verifier
    return {"vkey": folder.verifier.text, "heads_vkey": second.text if second else None}


def _key_fields(folder: WitnessFolder) -> dict[str, str]:
    second = folder.heads_verifier
    shown = second.text if second else _("made by the first --attest-heads")
    return {_("verifier key"): folder.verifier.text, _("key for maps"): shown}


def _hand_out_evidence(evidence: Path, output: Path | None) -> None:
    """Say where the evidence lies; beside the answer lies a copy, for the folder of the witness is its own."""
    copy = evidence
    if output is not None:
        with suppress(OSError):
            beside = output.with_name(evidence.name)
            write_output(beside, evidence.read_bytes())
            copy = beside
    print_note(_("Nothing was cosigned. Evidence written to {file}").format(file=copy))


def _tell_answer(context: WitnessContext, answer: Answer, output: Path | None, *, heads: bool) -> None:
    checkpoint = answer.checkpoint
    if context.as_json:
        print_json(
            {
                "log": checkpoint.origin,
                "size": checkpoint.size,
                "root": _base64(checkpoint.root),
                "old_size": answer.old_size,
                "cosigned_at": answer.cosigned_at,
                "heads_attested": heads,
                "answer": answer.lines.decode(),
            }
        )
    elif output is None:
        print_line(answer.lines.decode().removesuffix("\n"))
    else:
        print_fields(
            {
                _("log"): checkpoint.origin,
                _("entries"): f"{checkpoint.size:,}",
                _("before"): f"{answer.old_size:,}",
                _("root"): _base64(checkpoint.root),
                _("cosigned at"): _moment(answer.cosigned_at),
                _("map of streams"): _("attested") if heads else _("not attested"),
            }
        )


def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else _("never")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()

"""The command `mingzhang`: finds the command that is asked for, shows errors, and ends with an exit code."""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any, Final, TextIO

import click

from cli.command import LazyGroup, Option, Place
from cli.errors import ExitCode
from cli.failures import is_ours, show
from cli.output import print_note
from cli.words import LANGUAGES, N_, _, choose, language_of

PLACES: Final = {
    "init": Place("cli.commands.init", "init_command", N_("Make an empty ledger and its keys.")),
    "status": Place("cli.commands.status", "status_command", N_("Say what the ledger holds.")),
    "simulate": Place("cli.simulation.command", "simulate_command", N_("Make the files of a synthetic county.")),
    "import": Place("cli.commands.import_delivery", "import_command", N_("Load a delivery: folders or files.")),
    "case": Place("cli.commands.case", "case_group", N_("List cases; show, tell and replay one.")),
    "record": Place("cli.commands.record", "record_group", N_("Record live what no file hands over.")),
    "register": Place("cli.commands.register", "register_command", N_("Print a register (台账).")),
    "pay": Place("cli.commands.pay", "pay_group", N_("Reconcile what was due with what the bank did.")),
    "audit": Place("cli.commands.audit", "audit_group", N_("Verify the log; sign a checkpoint of it.")),
    "export": Place("cli.commands.export", "export_group", N_("Write the log in forms that others read.")),
    "backup": Place("cli.commands.backup", "backup_command", N_("Copy the ledger, and verify the copy.")),
    "restore": Place("cli.commands.restore", "restore_command", N_("Put a backup in the place of the ledger.")),
    "upgrade": Place("cli.commands.upgrade", "upgrade_command", N_("Bring the tables to this version.")),
    "projection": Place("cli.commands.projection", "projection_group", N_("Look at and rebuild the registers.")),
    "staff": Place("cli.commands.staff", "staff_group", N_("Admit and dismiss the logins of officers.")),
    "witness": Place("cli.commands.witness", "witness_group", N_("Cosign the checkpoints of a log, from outside.")),
    "key": Place("cli.commands.key", "key_group", N_("Show and change the key that checkpoints are signed with.")),
}


class Root(LazyGroup):
    """The outermost group: every error of every command ends here."""

    def main(  # type: ignore[override]  # it returns the exit code instead of Any
        self, args: Sequence[str] | None = None, prog_name: str | None = None, standalone_mode: bool = True, **rest: Any
    ) -> int:
        """Run the command line; exit with its code, or return it when not standalone."""
        arguments = list(sys.argv[1:] if args is None else args)
        choose(language_of(arguments, os.environ))
        run = functools.partial(super().main, arguments, prog_name or "mingzhang", standalone_mode=False, **rest)
        code = _run(run)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, telling a closed pipe from a failure."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_stdout()
            return ExitCode.PIPE_CLOSED
        return result


@click.group(
    "mingzhang",
    cls=Root,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_(
        "A social-assistance ledger that nobody can quietly rewrite.\n\n"
        "Exit codes: 0 sound, 1 a finding, 2 wrong usage or bad input, 3 could not check."
    ),
)
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help=N_("The language of headings and messages; that of the locale unless given."),
)
@click.version_option(package_name="mingzhang", message="mingzhang %(version)s")
def mingzhang() -> None:
    """Hold the commands; the text of the help stands above."""


def main() -> None:
    """Run the command line of this process, in UTF-8 wherever the locale allows no Chinese."""
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    mingzhang.main()


# Private


def _run(command: Callable[[], Any]) -> int:
    """Return the exit code of a command; show the error that ends it, if any."""
    try:
        result = command()
    except click.Abort:
        print_note(_("Interrupted. Nothing was half written."))
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return show(error)
    except Exception as error:
        if not is_ours(error):
            raise
        return show(error)
    return int(result) if isinstance(result, int) else ExitCode.SOUND


def _write_utf8(stream: TextIO) -> None:
    """Make a stream write UTF-8 unless it is a terminal whose own encoding has Chinese."""
    if not isinstance(stream, TextIOWrapper):
        return
    try:
        "明账".encode(stream.encoding)
        capable = True
    except UnicodeEncodeError:
        capable = False
    if not (capable and stream.isatty()):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _abandon_stdout() -> None:
    """Let nothing more be written to a pipe that its reader has closed, not even when Python ends."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)

"""What the command line refuses, as one tree of errors, and the exit codes it ends with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends: for scripts, and never one for the other."""

    SOUND = 0
    FINDING = 1
    USAGE = 2
    UNCHECKED = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells write it
    PIPE_CLOSED = 141  # 128 + SIGPIPE


class CommandError(Exception):
    """A command cannot go on. The parts are texts in the language in use; empty ones are not shown."""

    exit_code = ExitCode.USAGE

    def __init__(self, title: str, *, where: str = "", expected: str = "", found: str = "", mend: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend


class BadOption(CommandError):
    """An option or argument has a value that cannot be meant."""


class NothingRead(CommandError):
    """What was handed over holds nothing that could be read."""


class NotChecked(CommandError):
    """A check could not be made, which says nothing about what it would have found."""

    exit_code = ExitCode.UNCHECKED


class ReportNotWritten(CommandError):
    """The delivery is in the ledger, and what was left out of it could not be written down."""

    exit_code = ExitCode.UNCHECKED

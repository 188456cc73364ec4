"""The root of the errors that an audit raises."""

from domain.errors import ExplainedError


class AuditError(Exception):
    """An audit could not do its work; what it finds wrong with a log is a finding, not an error."""


class CouldNotCheck(AuditError, ExplainedError):
    """Nothing can be said about the log, neither good nor bad: it could not be read, or a question was ill put.

    `where` names what could not be checked, `expected` and `found` differ, `mend` says what to do.
    """

    def __str__(self) -> str:
        return f"could not check {super().__str__()}"

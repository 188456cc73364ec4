"""The root of the errors that an audit raises."""


class AuditError(Exception):
    """An audit could not do its work; what it finds wrong with a log is a finding, not an error."""


class CouldNotCheck(AuditError):
    """Nothing can be said about the log, neither good nor bad: it could not be read, or a question was ill put.

    `where` names what could not be checked, `expected` and `found` differ, `mend` says what to do.
    """

    def __init__(self, where: str, expected: str, found: str, mend: str) -> None:
        super().__init__(where, expected, found, mend)
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend

    def __str__(self) -> str:
        return (
            f"could not check {self.where}\n  expected: {self.expected}\n"
            f"  found:    {self.found}\n  mend:     {self.mend}"
        )

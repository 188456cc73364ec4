"""The root of the errors that the ledger raises."""


class LedgerError(Exception):
    """Something about the log, its keys or its stores is not as it must be."""


class ExplainedError(LedgerError):
    """Something could not be done; the four parts are for people and for programs alike."""

    def __init__(self, *, where: str, expected: str, found: str, mend: str) -> None:
        super().__init__(where, expected, found, mend)
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.where}\n  expected: {self.expected}\n  found:    {self.found}\n  mend:     {self.mend}"


class FormatError(LedgerError):
    """Bytes, or a value that should become bytes, break the grammar of the format.

    `where` names the part: a header field ("prev", "at", …), "payload", "entry", "line 3", "blob", "note" …
    `reason` says what is wrong there. It never quotes the text of a payload, which may be personal data.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"

"""The root of the errors that the ledger raises."""


class LedgerError(Exception):
    """Something about the log, its keys or its stores is not as it must be."""


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

"""The root of the errors that the rules of the domain raise, and the form in which every layer explains one."""


class ExplainedError(Exception):
    """Something could not be done; the four parts are for people and for programs alike.

    The tree of errors of each layer takes its form from here.
    """

    def __init__(self, where: str, expected: str, found: str, mend: str) -> None:
        super().__init__(where, expected, found, mend)
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.where}\n  expected: {self.expected}\n  found:    {self.found}\n  mend:     {self.mend}"


class DomainError(ExplainedError):
    """Something must not happen, or cannot have happened."""


class InspectionRefused(DomainError):
    """A step of an inspection that must not follow what was recorded before it."""

"""What can go wrong with the registers; nothing here ever endangers the log, from which they are made again."""


class ProjectionError(Exception):
    """The registers cannot answer, or cannot be brought up to date."""


class RegistersMissing(ProjectionError):
    """The register tables are absent, half made, or of another version."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "registers: expected tables made from the log by this version\n"
            f"  found: {found}\n"
            "  mend:  run `mingzhang projection rebuild`; the log itself is not concerned"
        )


class KnownAtTooFar(ProjectionError):
    """A position was asked about that the registers have not followed yet."""

    def __init__(self, known_at: int, followed: int) -> None:
        super().__init__(
            f"known-at {known_at}: expected a position the registers have reached, 0 … {followed}\n"
            f"  found: they have followed {followed} entries\n"
            "  mend:  give an earlier position, or bring the registers up to date first"
        )


class RegistersNotWritable(ProjectionError):
    """The database does not let the registers be written."""

    def __init__(self, where: str, found: str) -> None:
        super().__init__(
            f"{where}: expected a database in which the registers can be kept\n"
            f"  found: {found}\n"
            "  mend:  let this user write the file and its folder, and wait for other commands to end"
        )

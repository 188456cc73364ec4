"""What can go wrong with the registers; nothing here ever endangers the log, from which they are made again."""

from domain.errors import ExplainedError


class ProjectionError(ExplainedError):
    """The registers cannot answer, or cannot be brought up to date."""


class RegistersMissing(ProjectionError):
    """There are no register tables to ask."""

    def __init__(self) -> None:
        super().__init__(
            where="registers",
            expected="tables made from the log",
            found="none in this database",
            mend="run `mingzhang projection rebuild`; the log itself is not concerned",
        )


class KnownAtTooFar(ProjectionError):
    """A position was asked about that the registers have not followed yet."""

    def __init__(self, known_at: int, followed: int) -> None:
        super().__init__(
            where=f"known-at {known_at}",
            expected=f"a position from 0 to {followed}",
            found=f"registers that have followed {followed} entries",
            mend="give an earlier position, or bring the registers up to date first",
        )


class RegionTooFine(ProjectionError):
    """A region was asked about that is smaller than a township: which village a case is in is sealed."""

    def __init__(self, region: str) -> None:
        super().__init__(
            where=f"region {region}",
            expected="at most 9 digits: a county or a township",
            found=f"{len(region)} digits; the village of a case is sealed",
            mend=f"ask for the township {region[:9]}",
        )


class WorkerLost(ProjectionError):
    """A process that read the log for the registers ended before its work: killed, or out of memory."""

    def __init__(self) -> None:
        super().__init__(
            where="registers",
            expected="every process of --jobs at work until the end",
            found="one of them ended early, as if it was killed or had no memory",
            mend="run the command again, with fewer --jobs if memory is short; the registers go on where they stood",
        )


class RegistersNotWritable(ProjectionError):
    """The database does not let the registers be written."""

    def __init__(self, where: str, found: str) -> None:
        super().__init__(
            where=where,
            expected="a database in which the registers can be kept",
            found=found,
            mend="let this user write the file and its folder, and wait for other commands to end",
        )

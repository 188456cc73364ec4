"""The refusals of the simulator."""


class SimulationError(Exception):
    """A county cannot be simulated as asked."""


class DirectoryNotEmpty(SimulationError):
    """The target directory already holds something; the simulator never overwrites."""

"""The refusals of the simulator."""

from cli.errors import CommandError


class SimulationError(CommandError):
    """A county cannot be simulated as asked: a number makes no sense."""


class DirectoryNotEmpty(SimulationError):
    """The target directory already holds something; the simulator never overwrites."""

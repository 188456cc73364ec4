"""The order in which a simulated county comes into being."""

from __future__ import annotations

from cli.simulation.households import found_households
from cli.simulation.kin import declare_relatives, double_people
from cli.simulation.life import live
from cli.simulation.offices import open_offices
from cli.simulation.plants.plan import plant_irregularities
from cli.simulation.procedure import handle_application
from cli.simulation.standards import publish_standards
from cli.simulation.stories import assign_stories, plant_quirks
from cli.simulation.world import World


def build_world(seed: int, first_month: str, months: int, households: int, spoiled: int) -> World:
    """Return a county with everything that happened up to its closing date.

    `spoiled` households come on top: lawful cases whose papers are damaged when they are written down.
    """
    world = World(seed, first_month, months, households)
    open_offices(world)
    publish_standards(world)
    found_households(world, spoiled)
    plant_quirks(world)
    double_people(world)
    for case in world.cases:
        handle_application(world, case)
    declare_relatives(world)
    assign_stories(world)
    live(world)
    plant_irregularities(world)
    return world

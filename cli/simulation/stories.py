"""What happens to which case: quotas of stories, each a few actions in the months of the window."""

from __future__ import annotations

from typing import NamedTuple

from cli.simulation.world import Case, World
from domain.months import add_months, month_of


class Story(NamedTuple):
    """A story: the rate of households it befalls, at least so many, whom, and (months later, action)."""

    rate: float
    least: int
    whom: str  # alone, single (alone and not 特困), family, any or care
    steps: tuple[tuple[int, str], ...]


STORIES = (
    Story(0.006, 1, "any", ((0, "stop 骗取"), (1, "recover 骗取"))),
    Story(0.006, 1, "alone", ((0, "die"), (2, "bury"), (3, "recover 误发"))),
    Story(0.006, 1, "any", ((0, "stop 收入超标"), (1, "appeal 对停发决定不服"), (2, "revoke stop"))),
    Story(0.006, 1, "any", ((0, "raise income"), (1, "appeal 对减发决定不服"), (2, "change decrease"))),
    Story(0.006, 1, "alone", ((0, "die"),)),
    Story(0.01, 1, "any", ((0, "grace"), (3, "stop 渐退期满"))),
    Story(0.01, 1, "any", ((0, "suspend"), (2, "resume"))),
    Story(0.02, 2, "family", ((0, "die"), (0, "bury"))),
    Story(0.012, 1, "alone", ((0, "die"), (0, "bury"))),
    Story(0.01, 1, "care", ((0, "reassess"),)),
    Story(0.015, 1, "family", ((0, "leave"),)),
    Story(0.015, 1, "any", ((0, "join"),)),
    Story(0.02, 2, "any", ((0, "raise income"),)),
    Story(0.02, 2, "any", ((0, "lower income"),)),
    Story(0.006, 1, "any", ((0, "raise income"), (2, "appeal 对减发决定不服"), (4, "uphold"))),
    Story(0.01, 1, "any", ((0, "stop 收入超标"),)),
    Story(0.006, 1, "any", ((0, "buy car"), (0, "stop 财产超标"))),
    Story(0.008, 1, "any", ((0, "stop 迁出"),)),
    Story(0.006, 0, "any", ((0, "stop 主动放弃"),)),
    Story(0.004, 0, "single", ((0, "stop 转特困"),)),
    Story(0.006, 0, "any", ((0, "grace"),)),
    Story(0.004, 0, "any", ((0, "suspend"),)),
    Story(0.006, 0, "family", ((0, "die"),)),
    Story(0.004, 0, "any", ((0, "raise income"), (1, "appeal 对减发决定不服"))),
)


def plant_quirks(world: World) -> None:
    """Mark cases whose papers will be irregular from the start; before the procedure is run."""
    able = [case for case in world.cases if case.decision == "确认" and not case.spoiled]
    poor = [case for case in able if case.programme != "特困供养"]
    world.rng.shuffle(able)
    world.rng.shuffle(poor)
    for quirk, rate, least in (
        ("short publicity", 0.008, 1),
        ("car", 0.006, 1),
        ("aid car", 0.008, 1),
        ("no consent", 0.006, 1),
        ("wrong decision", 0.006, 1),
        ("neglected", 0.01, 1),
        ("no review", 0.006, 1),
        ("other holder", 0.006, 1),
    ):
        for _ in range(min(world.some(rate, least), len(poor) // 8)):
            poor.pop().quirks.add(quirk)
    for case in world.cases:
        if "other holder" in case.quirks:
            case.holder = world.registry.person(1960, 1990).name
    for _ in range(min(world.some(0.004), len(able) // 20)):
        able.pop().account = able.pop().account


def assign_stories(world: World) -> None:
    """Write the agendas: stories for confirmed cases, appeals for refused ones."""
    free = [case for case in world.cases if case.start and not case.spoiled and not case.quirks]
    world.rng.shuffle(free)
    for story in STORIES:
        for _ in range(world.some(story.rate, story.least)):
            case = next((case for case in free if _suits(world, case, story)), None)
            if case is not None:
                free.remove(case)
                _schedule(world, case, story)
    _appeal_refusals(world)


# Private


def _suits(world: World, case: Case, story: Story) -> bool:
    if (case.programme == "特困供养") != (story.whom == "care") and story.whom != "alone":
        return False
    people = len(case.counted_in(world.window[0]))
    if (story.whom in ("alone", "single") and people != 1) or (story.whom == "family" and people < 2):
        return False
    return bool(_months(world, case, story))


def _months(world: World, case: Case, story: Story) -> list[str]:
    """Return the months in which the story may begin: paid already, and room for its steps if possible."""
    length = story.steps[-1][0] + 2
    months = [month for month in world.window[: max(1, len(world.window) - length + 1)] if month >= (case.start or "")]
    return months or [month for month in world.window[-2:-1] if month >= (case.start or "")]


def _schedule(world: World, case: Case, story: Story) -> None:
    first = world.rng.choice(_months(world, case, story))
    for later, action in story.steps:
        case.agenda.setdefault(add_months(first, later), []).append(action)


def _appeal_refusals(world: World) -> None:
    """Let some refused applicants appeal: one wins, one loses, one waits, and round again."""
    refused = [case for case in world.cases if case.decision == "不予确认" and case.decided and not case.spoiled]
    recent = [case for case in refused if case.decided and month_of(case.decided) >= add_months(world.window[0], -1)]
    for index, case in enumerate(recent[: world.some(0.02, 3)]):
        assert case.decided is not None
        month = add_months(month_of(case.decided), 1)
        case.agenda.setdefault(month, []).append("appeal 对不予确认决定不服")
        outcome = ("revoke refusal", "uphold", "")[index % 3]
        if outcome:
            case.agenda.setdefault(add_months(month, 1), []).append(outcome)

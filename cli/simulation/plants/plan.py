"""Which irregularities and look-alikes are planted, how often, and in which cases."""

from __future__ import annotations

from typing import NamedTuple

from cli.simulation.plants.care import scored_again, scored_otherwise
from cli.simulation.plants.checking import answered_again_after, answered_again_before, answered_before
from cli.simulation.plants.custody import held_while_suspended, in_custody, listed_in_custody
from cli.simulation.plants.deaths import (
    died_before_closing,
    died_before_handling,
    died_unhandled,
    died_while_suspended,
    listed_died,
)
from cli.simulation.plants.officers import (
    confirmed_by_kin,
    confirmed_by_surveyor,
    confirmed_under_second_number,
    surveyed_after_by_confirmer,
    visit_said_by_decision,
)
from cli.simulation.plants.papers import Act, Papers
from cli.simulation.plants.procedure import (
    authorised_late,
    authorised_on_the_day,
    confirmed_after,
    decided_after,
    posted_again_after,
    posted_on_the_day,
    posted_twice,
    surveyed_late,
    surveyed_on_the_day,
    visited_after,
    without_publicity,
    without_survey,
)
from cli.simulation.plants.property import (
    answered,
    answered_before_closing,
    answered_before_stop,
    answered_of_listed,
    home_sold,
    homes_of_two,
)
from cli.simulation.plants.reviews import due_before_closing
from cli.simulation.plants.wages import hidden_wage, wage_answered_late, wage_counted, wage_declared, wage_of_listed
from cli.simulation.world import Case, World


class Plant(NamedTuple):
    """What is planted, and the rate of households it befalls: one at least, where a case suits."""

    act: Act
    rate: float = 0.004


_OF_PEOPLE = (
    Plant(died_while_suspended),
    Plant(died_unhandled),
    Plant(died_before_handling(0)),
    Plant(died_before_handling(1)),
    Plant(died_before_closing(0)),
    Plant(died_before_closing(1)),
    Plant(listed_died),
    Plant(scored_again(2)),
    Plant(scored_otherwise),
    Plant(scored_again(1)),
    Plant(scored_again(3, back_after=1)),
    Plant(scored_again(5, back_after=3)),
)

_OF_MEANS = (
    Plant(held_while_suspended),
    Plant(answered_before_stop("车辆", "轻型货车", 2)),
    Plant(answered_before_stop("车辆", "轻型货车", 3)),
    Plant(answered("车辆", "小型普通客车")),
    Plant(answered("经营主体", "个体经营者-青禾-百货店-存续")),
    Plant(answered("商铺", "1")),
    Plant(homes_of_two),
    Plant(hidden_wage("月工资")),
    Plant(in_custody(1, 0)),
    Plant(answered("经营主体", "法定代表人-青禾农机有限公司-存续")),
    Plant(hidden_wage("公积金基数")),
    Plant(answered("房产", "2")),
    Plant(answered_before_closing("车辆", "普通二轮摩托车", 2)),
    Plant(answered_before_closing("车辆", "小型轿车", 1)),
    Plant(answered_of_listed("车辆", "小型轿车")),
    Plant(answered("车辆", "残疾人专用汽车")),
    Plant(answered("经营主体", "个体经营者-青禾小吃店-注销")),
    Plant(answered("商铺", "0")),
    Plant(answered_of_listed("房产", "3")),
    Plant(home_sold),
    Plant(wage_counted),
    Plant(wage_declared),
    Plant(wage_answered_late),
    Plant(wage_of_listed),
    Plant(in_custody(2, 26)),
    Plant(in_custody(1, -1)),
    Plant(in_custody(15, 12)),
    Plant(listed_in_custody),
)

_OF_PROCEDURE = (
    Plant(confirmed_after(16)),
    Plant(visited_after(16)),
    Plant(without_survey),
    Plant(authorised_late),
    Plant(without_publicity),
    Plant(visited_after(4)),
    Plant(decided_after(31)),
    Plant(decided_after(21, delegated=True)),
    Plant(answered_before(181)),
    Plant(due_before_closing(1)),
    Plant(confirmed_by_surveyor),
    Plant(confirmed_by_kin("兄弟姐妹")),
    Plant(decided_after(46, extended=True)),
    Plant(posted_twice(8, 4)),
    Plant(answered_again_after),
    Plant(surveyed_late),
    Plant(visit_said_by_decision(-3)),
    Plant(confirmed_after(15)),
    Plant(visited_after(15)),
    Plant(visited_after(3)),
    Plant(decided_after(30)),
    Plant(decided_after(20, delegated=True)),
    Plant(decided_after(45, extended=True)),
    Plant(decided_after(40, delegated=True, extended=True)),
    Plant(answered_before(180)),
    Plant(answered_again_before),
    Plant(due_before_closing(0)),
    Plant(authorised_on_the_day),
    Plant(surveyed_on_the_day),
    Plant(posted_on_the_day),
    Plant(posted_twice(4, 7)),
    Plant(posted_again_after),
    Plant(surveyed_after_by_confirmer),
    Plant(confirmed_under_second_number),
    Plant(confirmed_by_kin("侄甥")),
    Plant(visit_said_by_decision(1)),
)


def plant_irregularities(world: World) -> None:
    """Alter confirmed cases after everything has happened; a case bears one plant of each sort at most."""
    papers = Papers(world)
    sound = [case for case in world.cases if _is_sound(case)]
    for plants in (_OF_PEOPLE, _OF_MEANS, _OF_PROCEDURE):
        free = world.rng.sample(sound, len(sound))
        for plant in plants:
            for _ in range(world.some(plant.rate)):
                _plant(papers, plant, free)


# Private


def _is_sound(case: Case) -> bool:
    """Say whether nothing is wrong with a confirmed case from the start."""
    return case.decision == "确认" and case.decided is not None and not case.spoiled and not case.quirks


def _plant(papers: Papers, plant: Plant, free: list[Case]) -> None:
    """Alter the first case that suits, and take it from those that are free."""
    for place, case in enumerate(free):
        if plant.act(papers, case):
            del free[place]
            return

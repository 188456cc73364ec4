"""The months of the county: payments, the agendas, reviews and the yearly adjustments, in their order."""

from __future__ import annotations

from datetime import timedelta

from cli.simulation.actions import ACTIONS, adjust, write_death, write_review
from cli.simulation.aftermath import Aftermath
from cli.simulation.days import day_in, working_day_on_or_before
from cli.simulation.payments import Bank
from cli.simulation.standards import entitlement_fen, fixed_value
from cli.simulation.world import Case, World
from domain.months import add_months, month_of, months_after, months_between


def live(world: World) -> None:
    """Let the months pass: pay first, then act, review and adjust; what is decided holds from next month."""
    bank = Bank(world)
    aftermath = Aftermath(world, bank)
    stopped: list[Case] = []
    first = min((case.start for case in world.cases if case.start), default=world.window[0])
    for month in months_between(min(first, world.window[0]), world.window[-1]):
        if month in world.window:
            bank.pay(month, stopped)
            _recover_doubles(world, aftermath, month)
            _strangers_die(world, month)
        stopped = []
        for case in world.cases:
            for action in case.agenda.get(month, []):
                _act(world, aftermath, case, month, action)
            if case.status == "stopped" and month in case.agenda and not any(m.dead for m in case.members):
                stopped.append(case)
            _review_when_due(world, case, month)
            _adjust_when_due(world, case, month)


# Private


def _act(world: World, aftermath: Aftermath, case: Case, month: str, action: str) -> None:
    """Run one action of an agenda: `verb argument`, or a verb of several words without argument."""
    verb, _, argument = action.partition(" ")
    if verb == "appeal":
        aftermath.lodge(case, month, argument)
    elif verb == "recover":
        aftermath.recover(case, month, argument)
    elif action in ("uphold", "change decrease", "revoke stop", "revoke refusal"):
        aftermath.settle(case, month, action)
    elif action in ACTIONS:
        ACTIONS[action](world, case, month, "")
    else:
        ACTIONS[verb](world, case, month, argument)


def _recover_doubles(world: World, aftermath: Aftermath, month: str) -> None:
    """Order back every other transfer that was sent twice in the month before."""
    for place, (case, paid_month, amount_fen) in enumerate(aftermath.bank.doubled):
        if place % 2 == 0 and add_months(paid_month, 1) == month:
            aftermath.recover_double(case, month, amount_fen)


def _strangers_die(world: World, month: str) -> None:
    """Report deaths of people who are in no case."""
    for _ in range(world.rng.randrange(0, world.some(0.01) + 1)):
        write_death(world, world.registry.person(1935, 1970).id, day_in(month, world.rng.randrange(1, 25)))


def _review_when_due(world: World, case: Case, month: str) -> None:
    """Review a running case in the month its interval ends, a few days early."""
    if case.status not in ("active", "grace") or case.last_review is None or "no review" in case.quirks:
        return
    due = months_after(case.last_review, fixed_value(f"复核间隔月-{case.review_class}"))
    if month_of(due) != month:
        return
    day = working_day_on_or_before(due - timedelta(days=world.rng.randrange(0, 9)))
    if day <= world.closing and day > case.last_review:
        write_review(world, case, day, "维持")


def _adjust_when_due(world: World, case: Case, month: str) -> None:
    """Adjust a case whose entitlement changes by itself next month: a rise, or a sixtieth birthday."""
    if case.status != "active" or case.start is None or case.start > month or "neglected" in case.quirks:
        return
    following = add_months(month, 1)
    amount, by_appeal = case.amount_in(following)
    entitlement = entitlement_fen(world, case, following)
    if by_appeal or entitlement == amount or entitlement == entitlement_fen(world, case, month):
        return
    day = working_day_on_or_before(day_in(month, 27))
    adjust(world, case, day, following, "", "标准调整" if following == world.rise_month else "分类施保标准变化", {})

"""Households that apply: who lives in them, what they earn, when and where they apply."""

from __future__ import annotations

from datetime import date

from cli.simulation.days import day_in, working_day_on_or_after, working_days_after
from cli.simulation.standards import standard_fen
from cli.simulation.world import REGION, Case, Member, World
from domain.formats.catalogue import DISABILITIES
from domain.months import add_months, month_of

MONTHS_BEFORE = 18  # applications reach so far back before the window
ESTABLISHED_SHARE = 0.65


def found_households(world: World, spoiled: int) -> None:
    """Draw the county's applications, and `spoiled` more whose rows will be damaged on paper.

    Numbers follow the order of acceptance within a month: SQ + county + year and month + 5 digits.
    """
    decisions = _decisions(world)
    drafts = []
    for index in range(world.households + spoiled):
        late = index >= world.households
        accepted, applied = _dates(world, index, late)
        decision = "确认" if late else decisions[index]
        drafts.append((accepted, index, applied, decision, late))
    sequence: dict[str, int] = {}
    for accepted, _, applied, decision, late in sorted(drafts):
        month = month_of(accepted)
        sequence[month] = sequence.get(month, 0) + 1
        number = f"SQ{REGION}{month[:4]}{month[5:]}{sequence[month]:05d}"
        case = _case(world, number, applied, accepted, decision)
        case.spoiled = late
        world.cases.append(case)


def declared_income_fen(world: World, most_fen: int) -> int:
    """Return an income up to a limit: whole yuan, now and then with a half."""
    yuan = world.rng.randrange(0, max(1, most_fen // 100))
    return yuan * 100 + (50 if yuan and world.rng.random() < 0.1 else 0)


# Private


def _decisions(world: World) -> list[str]:
    """Return one decision for each household: about one in eight refused, a few terminated."""
    count = world.households
    refused = min(world.some(0.12, 2), count // 4)
    terminated = min(world.some(0.03), count // 8)
    decisions = ["不予确认"] * refused + ["终止"] * terminated
    decisions += ["确认"] * (count - len(decisions))
    world.rng.shuffle(decisions)
    return decisions


def _dates(world: World, index: int, late: bool) -> tuple[date, date]:
    """Return the acceptance and application days; spoiled cases are young, all but the first."""
    rng = world.rng
    first, length = world.window[0], len(world.window)
    if late:
        back = 6 if index == world.households else -rng.randrange(max(0, length - 3), length)
        month = add_months(first, -back)
    elif rng.random() < ESTABLISHED_SHARE:
        month = add_months(first, -rng.randrange(2, MONTHS_BEFORE + 1))
    else:
        month = add_months(first, rng.randrange(-1, length))
    applied = day_in(month, rng.randrange(1, 25))
    accepted = working_days_after(working_day_on_or_after(applied), rng.randrange(0, 3))
    if accepted > world.closing:
        accepted = applied = working_day_on_or_after(day_in(month, 8))
    return accepted, applied


def _case(world: World, number: str, applied: date, accepted: date, decision: str) -> Case:
    rng = world.rng
    township = rng.choice(world.townships)
    village, village_name = rng.choice(township.villages)
    alone = rng.random() < 0.12
    programme = "特困供养" if alone else "城市低保" if township.urban else "农村低保"
    members = _loner(world) if alone else _family(world)
    case = Case(
        number=number,
        programme=programme,
        township=township.code,
        village=village,
        address=f"{township.name}{village_name}{rng.randrange(1, 12)}组",
        members=members,
        applied=applied,
        accepted=accepted,
        decision=decision,
        account=world.registry.account(),
        holder=members[0].person.name,
        review_class="A" if alone else rng.choice("ABBBC"),
    )
    _share_income(world, case)
    return case


def _loner(world: World) -> list[Member]:
    year = int(world.window[0][:4])
    return [Member(world.registry.person(year - 84, year - 62), "本人", 0)]


def _family(world: World) -> list[Member]:
    """Return a household of one to five, a few with a member who is listed but does not count."""
    rng, registry = world.rng, world.registry
    year = int(world.window[0][:4])
    age = rng.randrange(34, 78)
    head = registry.person(year - age - 1, year - age)
    members = [Member(head, "本人", 0)]
    surname = head.name[0]
    size = rng.choice((1, 1, 2, 2, 3, 3, 4, 5))
    if size >= 2 and rng.random() < 0.6:
        members.append(Member(registry.person(year - age - 4, year - age + 4), "配偶", 0))
    while len(members) < size:
        if age > 58 and rng.random() < 0.4:
            members.append(Member(registry.person(year - age + 45, year - 3, surname), "孙子女", 0))
        elif age < 55 and rng.random() < 0.15:
            members.append(Member(registry.person(year - age - 30, year - age - 21, surname), "父母", 0))
        else:
            members.append(Member(registry.person(year - age + 20, year - age + 33, surname), "子女", 0))
    for member in members:
        if rng.random() < 0.18:
            member.disability, member.level = rng.choice(DISABILITIES), rng.randrange(1, 5)
    if size >= 3 and rng.random() < 0.12:
        members[-1].counted = False
    return members


def _share_income(world: World, case: Case) -> None:
    """Give the counted adults incomes below the standard, or above it when the case is refused."""
    if case.programme == "特困供养":
        return
    standard = standard_fen(world, case.programme, month_of(case.accepted))
    adults = [member for member in case.members if member.counted and 16 <= member.person.age_on(case.accepted) < 80]
    most = standard * len([member for member in case.members if member.counted]) * 55 // 100
    for member in adults:
        member.income_fen = declared_income_fen(world, most // len(adults))
    if case.decision == "不予确认":
        case.head.income_fen += 2 * most + 100 * world.rng.randrange(20, 300)
    case.income_fen = sum(member.income_fen for member in case.members if member.counted)

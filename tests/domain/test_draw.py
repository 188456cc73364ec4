"""Drawing by lot: sizes, chances, weights, strata, parties. Seeds are fixed: every figure is the same each time."""

from collections import Counter
from hashlib import sha256
from itertools import permutations

import pytest

from domain.draw import (
    PoolLine,
    SeedSignature,
    assigned,
    drawn_cases,
    drawn_inspectors,
    pool_digest,
    pool_text,
    samples_of,
    seed_of,
    seed_text,
)
from domain.vocabulary import SampleSize

SEEDS = [sha256(b"seed %d" % number).hexdigest() for number in range(3_000)]
CHI_SQUARE_LIMIT = {4: 18.47, 5: 20.52, 9: 27.88}  # of so many degrees of freedom, exceeded once in a thousand


def chi_square(found: Counter[str], expected: dict[str, float]) -> float:
    return sum((found[name] - wanted) ** 2 / wanted for name, wanted in expected.items())


def test_pool_text_is_the_same_whatever_the_order_and_says_everything() -> None:
    pool = [PoolLine("B", "520121101", 3), PoolLine("A", "-")]
    assert pool_text(pool) == pool_text(reversed(pool)) == b"mingzhang-draw/1 pool\nA\t-\t1\nB\t520121101\t3\n"
    changed = [pool, pool[:1], [PoolLine("B", "520121101", 2), pool[1]], [PoolLine("B", "-", 3), pool[1]]]
    assert len({pool_digest(one) for one in changed}) == 4


def test_seed_text_takes_every_part_and_no_order_of_witnesses() -> None:
    signatures = [SeedSignature("w2+00+key", "second"), SeedSignature("w1+00+key", "first")]
    text = seed_text("CJ-1", "log\n7\nroot\n", signatures)
    assert text == b"mingzhang-draw/1 seed\nCJ-1\nlog\n7\nroot\nw1+00+key first\nw2+00+key second\n"
    assert text == seed_text("CJ-1", "log\n7\nroot\n", reversed(signatures))
    others = [seed_of("CJ-2", "log\n7\nroot\n", signatures), seed_of("CJ-1", "log\n8\nroot\n", signatures)]
    others += [seed_of("CJ-1", "log\n7\nroot\n", signatures[:1]), sha256(text).hexdigest()]
    assert len(set(others)) == 4 and others[-1] == seed_of("CJ-1", "log\n7\nroot\n", signatures)


@pytest.mark.parametrize(
    ("rule", "size", "expected"),
    [
        (SampleSize.PERCENT, 30, {"a": 1, "b": 3, "c": 30}),
        (SampleSize.PERCENT, 100, {"a": 1, "b": 10, "c": 100}),
        (SampleSize.EACH, 4, {"a": 1, "b": 4, "c": 4}),
        (SampleSize.TOTAL, 11, {"a": 0, "b": 1, "c": 10}),
        (SampleSize.TOTAL, 12, {"a": 0, "b": 1, "c": 11}),
        (SampleSize.TOTAL, 999, {"a": 1, "b": 10, "c": 100}),
    ],
)
def test_each_stratum_gives_its_share(rule: SampleSize, size: int, expected: dict[str, int]) -> None:
    assert samples_of(rule, size, {"a": 1, "b": 10, "c": 100}) == expected


def test_a_total_is_shared_out_to_the_last_case_whatever_the_strata() -> None:
    for total in range(1, 120):
        strata = {f"s{number}": 1 + (number * 7 + total) % 13 for number in range(9)}
        samples = samples_of(SampleSize.TOTAL, total, strata)
        assert sum(samples.values()) == min(total, sum(strata.values()))
        assert all(samples[name] <= count for name, count in strata.items())


def test_thirty_percent_is_never_less_than_thirty_percent_of_a_stratum() -> None:
    for count in range(1, 400):
        sample = samples_of(SampleSize.PERCENT, 30, {"tk": count})["tk"]
        assert sample * 100 >= 30 * count > (sample - 1) * 100


def test_every_case_has_the_same_chance() -> None:
    pool = [PoolLine(f"case-{number}", "-") for number in range(10)]
    found = Counter(line.case for seed in SEEDS for line in drawn_cases(seed, pool, {"-": 3}))
    assert sum(found.values()) == 3 * len(SEEDS)
    # Drawn without replacement, the counts vary less than independent ones: the limit is on the safe side.
    assert chi_square(found, {line.case: 0.3 * len(SEEDS) for line in pool}) < CHI_SQUARE_LIMIT[9]


def test_every_order_of_three_is_as_likely_as_any_other() -> None:
    pool = [PoolLine(name, "-") for name in "abc"]
    found = Counter("".join(one.case for one in drawn_cases(seed, pool, {"-": 3})) for seed in SEEDS)
    orders = ["".join(order) for order in permutations("abc")]
    assert chi_square(found, dict.fromkeys(orders, len(SEEDS) / 6)) < CHI_SQUARE_LIMIT[5]


def test_a_case_comes_first_by_exactly_its_weight() -> None:
    weights = {"a": 1, "b": 2, "c": 3, "d": 5, "e": 9}
    pool = [PoolLine(case, "-", weight) for case, weight in weights.items()]
    found = Counter(drawn_cases(seed, pool, {"-": 1})[0].case for seed in SEEDS)
    assert chi_square(found, {case: len(SEEDS) * weight / 20 for case, weight in weights.items()}) < CHI_SQUARE_LIMIT[4]


def test_weights_go_on_among_those_that_are_left() -> None:
    pool = [PoolLine("a", "-", 1), PoolLine("b", "-", 2), PoolLine("c", "-", 3)]
    weight = {line.case: line.weight for line in pool}
    expected = {
        f"{one}{two}": len(SEEDS) * weight[one] / 6 * weight[two] / (6 - weight[one])
        for one, two in permutations("abc", 2)
    }
    found = Counter("".join(one.case for one in drawn_cases(seed, pool, {"-": 2})) for seed in SEEDS)
    assert chi_square(found, expected) < CHI_SQUARE_LIMIT[5]


def test_a_weight_more_never_makes_a_case_come_later() -> None:
    """A further ticket can only be a smaller one: who is watched more is not drawn less, seed by seed."""
    for seed in SEEDS[:200]:
        ranks = []
        for weight in (1, 2, 5, 20):
            pool = [PoolLine(f"case-{number}", "-", weight if number == 0 else 2) for number in range(30)]
            ranks.append([line.case for line in drawn_cases(seed, pool, {"-": 30})].index("case-0"))
        assert ranks == sorted(ranks, reverse=True)


def test_a_case_more_in_one_stratum_changes_nothing_in_another() -> None:
    pool = [PoolLine(f"{stratum}{number}", stratum) for stratum in "xy" for number in range(20)]
    samples = {"x": 5, "y": 5}
    before = drawn_cases(SEEDS[0], pool, samples)
    after = drawn_cases(SEEDS[0], [*pool, PoolLine("x-new", "x")], samples)
    assert [line for line in before if line.stratum == "y"] == [line for line in after if line.stratum == "y"]
    assert Counter(line.stratum for line in before) == samples


def test_who_is_recused_does_not_go_and_the_rest_share_the_work() -> None:
    cases, inspectors = [f"case-{number}" for number in range(40)], drawn_inspectors(SEEDS[0], "ABCDEF")
    team = inspectors[:4]
    recused = {cases[3]: {team[0]}, cases[9]: set(team), cases[11]: set(inspectors) - {inspectors[5]}}
    parties = dict(zip(cases, assigned(SEEDS[0], cases, inspectors, 4, 2, recused), strict=True))
    assert all(not set(parties[case]) & staff for case, staff in recused.items())
    assert set(parties[cases[9]]) == set(inspectors[4:])  # those who stand in
    assert parties[cases[11]] == (inspectors[5],)  # one alone where nobody else may
    given = Counter(staff for party in parties.values() for staff in party)
    assert max(given[staff] for staff in team) - min(given[staff] for staff in team) <= 1
    assert all(len(set(party)) == 2 for case, party in parties.items() if case != cases[11])

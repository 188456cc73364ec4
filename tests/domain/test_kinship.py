"""Relations as steps: they compose consistently, and each scope holds the one before."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kin_words import AMBIGUOUS, GB_T_4761, WORDS_OF_PATH, household_kinship, kinship_of_kin, relation_of
from domain.kinship import (
    SELF,
    Certainty,
    Kinship,
    KinshipScope,
    Line,
    certainty_of,
    chinese_name,
    compose,
    degree_of,
    inverse,
    is_within,
    kinship,
    of_another,
    readings,
    scope_of,
)
from domain.kinship_scope import ScopeRule, rule_in_force, scope_in_force
from domain.vocabulary import HouseholdRelation, Kin

STEPS = "upcb"
CORE, RECUSAL, EXTENDED = KinshipScope


def step_by_step(steps: str) -> Kinship:
    found = SELF
    for step in steps:
        found = compose(found, kinship(step))
    return found


relations = st.text(alphabet=STEPS, max_size=5).map(step_by_step)


def test_composition_does_not_depend_on_where_one_begins():
    """Exhaustive for all chains of up to six steps: first the left ones or first the right ones."""
    for size in range(2, 7):
        for letters in itertools.product(STEPS, repeat=size):
            steps = "".join(letters)
            whole = step_by_step(steps).paths
            for cut in range(1, size):
                halves = compose(step_by_step(steps[:cut]), step_by_step(steps[cut:]))
                assert halves.paths == whole, (steps, cut)


@given(relations, relations)
def test_the_way_back_is_the_inverse_of_the_way(first, second):
    assert inverse(compose(first, second)).paths == compose(inverse(second), inverse(first)).paths
    assert inverse(inverse(first)) == first


@given(relations)
def test_oneself_adds_nothing_and_the_way_there_and_back_may_lead_to_oneself(relation):
    assert compose(SELF, relation) == relation == compose(relation, SELF)
    assert "" in compose(relation, inverse(relation)).paths


@given(st.text(alphabet=STEPS, max_size=8))
def test_core_lies_in_recusal_and_recusal_in_extended(path):
    reached = [is_within(path, scope) for scope in (CORE, RECUSAL, EXTENDED)]
    assert reached == sorted(reached)
    assert any(reached) == (scope_of(path) is not None)


@given(relations)
def test_a_scope_that_reaches_further_is_never_less_certain(relation):
    order = [None, Certainty.POSSIBLE, Certainty.LIKELY, Certainty.CERTAIN]
    ranks = [order.index(certainty_of(relation, scope)) for scope in (CORE, RECUSAL, EXTENDED)]
    assert ranks == sorted(ranks)


@given(relations)
def test_a_relation_is_as_far_away_as_it_is_near(relation):
    """Direct and collateral lines have the same degree from both ends."""
    for path in relation.paths:
        back = next(iter(inverse(kinship(path)).paths))
        assert degree_of(path) == degree_of(back)


@pytest.mark.parametrize(
    ("first", "second", "together", "certainty"),
    [
        ("父母", "子女", {"b"}, Certainty.CERTAIN),  # two who name one parent
        ("子女", "父母", {"u"}, Certainty.LIKELY),  # a child's other parent
        ("配偶", "子女", {"c"}, Certainty.LIKELY),
        ("兄弟姐妹", "父母", {"p"}, Certainty.LIKELY),
        ("子女", "配偶", {"cu"}, None),
        ("兄弟姐妹", "配偶", {"bu"}, None),
        ("侄子", "父母", {"b", "bu"}, Certainty.POSSIBLE),
        ("岳父", "子女", {"u", "ub"}, Certainty.POSSIBLE),
        ("祖父母", "子女", {"p", "pb"}, Certainty.POSSIBLE),
    ],
)
def test_two_relations_come_to_one(first, second, together, certainty):
    one, other = relation_of(first), relation_of(second)
    assert one is not None and other is not None
    found = of_another(compose(one, other))
    assert found.paths == together
    assert certainty_of(found, CORE) is certainty


@pytest.mark.parametrize(
    ("code", "path", "scope"),
    [
        ("10", "u", CORE),
        ("21", "c", CORE),
        ("28", "cu", RECUSAL),
        ("38", "cu", RECUSAL),
        ("43", "cc", CORE),
        ("45", "ccu", EXTENDED),
        ("47", "ccc", RECUSAL),
        ("51", "p", CORE),
        ("53", "up", RECUSAL),
        ("54", "up", RECUSAL),
        ("55", "up", RECUSAL),
        ("56", "up", RECUSAL),
        ("57", "p", CORE),
        ("63", "pp", CORE),
        ("65", "upp", EXTENDED),
        ("66", "ppp", RECUSAL),
        ("71", "b", CORE),
        ("72", "bu", RECUSAL),
        ("73", "b", CORE),
        ("74", "bu", RECUSAL),
        ("76", "bu", RECUSAL),
        ("78", "bu", RECUSAL),
        ("81", "pb", RECUSAL),
        ("82", "pbu", RECUSAL),
        ("87", "pbu", RECUSAL),
        ("88", "pb", RECUSAL),
        ("92", "pbc", RECUSAL),
        ("95", "bc", RECUSAL),
    ],
)
def test_a_code_means_what_its_name_says_not_what_its_group_says(code, path, scope):
    assert relation_of(code) == kinship(path)
    assert scope_of(path) is scope


@pytest.mark.parametrize("text", ["02", "80", "97", "98", "99", "其他", "户主", "其他亲属", "非亲属", "邻居", ""])
def test_a_word_that_says_no_relation_has_none(text):
    assert relation_of(text) is None


def test_every_code_has_a_name_that_means_the_same():
    assert len(GB_T_4761) == 2 + 3 + 80  # 01 02, 10 to 12, 20 to 99
    for code, (name, path) in GB_T_4761.items():
        assert relation_of(code) == relation_of(name) == (None if path is None else kinship(path)), code


def test_no_word_means_two_relations_unless_it_is_listed_so():
    words = [word for line in WORDS_OF_PATH.values() for word in line.split()]
    repeated = {word for word in words if words.count(word) > 1}
    assert repeated == set()
    assert not set(words) & set(AMBIGUOUS)
    for word, paths in AMBIGUOUS.items():
        assert relation_of(word) == kinship(*paths)


def test_words_are_found_whatever_marks_stand_in_them():
    assert relation_of(" 堂兄弟/堂姐妹 ") == relation_of("堂兄弟、堂姐妹") == kinship("pbc")


def test_every_relation_with_a_word_lies_in_a_scope_and_has_a_chinese_name():
    for path in WORDS_OF_PATH:
        assert scope_of(path) is not None, path
        assert chinese_name(path)
    assert len({chinese_name(path) for path in WORDS_OF_PATH}) == len(WORDS_OF_PATH)


def test_the_core_scope_is_the_closed_list_of_declarations():
    """RF10's eight words are the core scope, and OTHER says nothing in the open."""
    for kin in Kin:
        found = kinship_of_kin(kin)
        assert (found is None) == (kin is Kin.OTHER)
        if found is not None:
            assert certainty_of(found, CORE) is Certainty.CERTAIN


def test_other_members_of_a_household_have_no_relation_to_its_head():
    assert household_kinship(HouseholdRelation.OTHER) is None
    assert household_kinship(HouseholdRelation.SELF) == SELF


@pytest.mark.parametrize(
    ("path", "line", "distance"),
    [
        ("", Line.SELF, 0),
        ("u", Line.SPOUSE, 1),
        ("ppp", Line.DIRECT, 3),
        ("b", Line.COLLATERAL, 2),
        ("pbc", Line.COLLATERAL, 3),
        ("ppb", Line.COLLATERAL, 4),
        ("cup", Line.AFFINITY, 3),
    ],
)
def test_degrees_are_counted_in_generations(path, line, distance):
    assert degree_of(path) == (line, distance)


@pytest.mark.parametrize("path", ["ppbc" + "c" * 3, "upppp" + "b", "bup", "cuppp", "ubucc"])
def test_what_is_further_is_in_no_scope(path):
    assert scope_of(path) is None


def test_the_nearest_reading_comes_first():
    assert readings(kinship("bu", "b")) == ("b", "bu")


@given(st.lists(st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1)), min_size=1, max_size=5), st.dates())
def test_the_latest_adoption_not_after_the_day_applies(days, day):
    rules = [ScopeRule(RECUSAL, one, None, position) for position, one in enumerate(days)]
    found = rule_in_force(rules, "520121101", day)
    assert (found.effective_on if found else None) == max((one for one in days if one <= day), default=None)


def test_the_smallest_region_decides_and_core_applies_where_nothing_does():
    day = datetime.date(2024, 1, 1)
    rules = [
        ScopeRule(EXTENDED, day, None, 1),
        ScopeRule(CORE, day, "520121101", 2),
        ScopeRule(RECUSAL, day + datetime.timedelta(days=1), "520121", 3),
    ]
    assert scope_in_force(rules, "520121101", day + datetime.timedelta(days=9)) is CORE
    assert scope_in_force(rules, "520121102", day + datetime.timedelta(days=9)) is RECUSAL
    assert scope_in_force(rules, "520121102", day) is EXTENDED
    assert scope_in_force(rules, None, day) is EXTENDED
    assert scope_in_force(rules, "520121102", day - datetime.timedelta(days=1)) is CORE

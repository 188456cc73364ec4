"""Who follows from two facts to be whose relative, and who does not."""

import pytest

from domain.kin_graph import CHAIN_LINKS_MAX, Fact, HouseholdMember, KinGraph
from domain.kin_words import relation_of
from domain.kinship import Certainty, KinshipScope, certainty_of
from domain.vocabulary import HouseholdRelation

SELF, SPOUSE, CHILD, PARENT, SIBLING, GRANDCHILD, OTHER = HouseholdRelation
X, Y = "MZ0001", "MZ0002"
CORE = KinshipScope.CORE


class Town:
    """A graph told in few words; positions are given in the order of telling."""

    def __init__(self) -> None:
        self.graph = KinGraph()
        self.position = 0

    def officer(self, staff: str, person: str | None = None) -> None:
        self.graph.add_officer(staff, person, self.next())

    def declares(self, staff: str, person: str, word: str, fact: Fact = Fact.DECLARED) -> int:
        position = self.next()
        self.graph.add_declaration(staff, person, relation_of(word), position, fact)
        return position

    def rejects(self, staff: str, person: str) -> None:
        self.graph.reject(staff, person, self.next())

    def household(self, case: str, **members: HouseholdRelation) -> None:
        self.graph.add_household(
            case, [HouseholdMember(person, relation, self.next()) for person, relation in members.items()]
        )

    def next(self) -> int:
        self.position += 1
        return self.position

    def relation(self, staff: str, person: str) -> set[str]:
        found = self.graph.relatives_of(staff).get(person)
        return set(found.kinship.paths) if found is not None else set()


@pytest.fixture
def town() -> Town:
    made = Town()
    made.officer(X, "x")
    made.officer(Y, "y")
    return made


def test_the_household_of_a_declared_relative_is_kin_by_composition(town):
    said = town.declares(X, "brother", "兄弟姐妹")
    town.household("K", brother=SELF, wife=SPOUSE, son=CHILD, mother=PARENT)
    assert town.relation(X, "wife") == {"bu"}
    assert town.relation(X, "son") == {"bc"}
    found = town.graph.relatives_of(X)["mother"]
    assert set(found.kinship.paths) == {"p"}
    assert certainty_of(found.kinship, CORE) is Certainty.LIKELY  # not the mother of half-brothers
    assert [(link.fact, link.of) for link in found.chain] == [(Fact.DECLARED, X), (Fact.HOUSEHOLD, "K")]
    assert found.entries == (said, 4, 7)


def test_relations_are_to_the_head_whoever_of_the_household_was_declared(town):
    town.declares(X, "son", "子女")
    town.household("K", father=SELF, son=CHILD, daughter=CHILD, grandson=GRANDCHILD)
    assert town.relation(X, "father") == {"u"}
    assert town.relation(X, "daughter") == {"c"}
    assert town.relation(X, "grandson") == {"cc"}


def test_the_officers_own_household_is_his_and_rests_on_his_appointment(town):
    town.household("K", x=SELF, wife=SPOUSE, son=CHILD)
    assert town.relation(X, "wife") == {"u"}
    assert town.relation(X, "x") == {""}
    found = town.graph.relatives_of(X)["son"]
    assert [link.fact for link in found.chain] == [Fact.OFFICER, Fact.HOUSEHOLD]
    assert found.entries == (1, 3, 5)
    assert town.graph.relatives_of(X)["x"].entries == (1,)


def test_two_officers_who_declare_one_parent_are_siblings_and_each_others_kin_follow(town):
    town.declares(X, "mother", "父母")
    town.declares(Y, "mother", "父母")
    town.declares(Y, "nephew", "子女")
    assert town.relation(X, "y") == {"b"}
    assert town.relation(X, "nephew") == {"bc"}
    assert town.relation(Y, "x") == {"b"}
    assert certainty_of(town.graph.relatives_of(X)["y"].kinship, CORE) is Certainty.CERTAIN


def test_a_relative_declared_by_another_officer_is_ones_own_through_him(town):
    town.declares(X, "y", "配偶")
    town.declares(Y, "father", "父母")
    assert town.relation(X, "father") == {"up"}
    assert [link.of for link in town.graph.relatives_of(X)["father"].chain] == [X, Y]


def test_who_declares_an_officer_is_the_officers_kin_too(town):
    town.declares(Y, "x", "子女")
    town.declares(Y, "wife", "配偶")
    assert town.relation(X, "y") == {"p"}
    assert town.relation(X, "wife") == {"p"}
    assert town.graph.relatives_of(X)["y"].entries == (1, 2, 3)


def test_a_person_who_shares_a_household_with_a_declared_relative_is_found_for_both_officers(town):
    town.declares(X, "sister", "兄弟姐妹")
    town.declares(Y, "husband", "父母")
    town.household("K", husband=SELF, sister=SPOUSE)
    assert town.relation(X, "husband") == {"bu"}
    assert town.relation(Y, "sister") == {"p"}


def test_another_member_of_a_household_follows_from_nothing(town):
    town.declares(X, "brother", "兄弟姐妹")
    town.household("K", brother=SELF, lodger=OTHER)
    town.household("L", lodger=SELF, wife=SPOUSE)
    assert town.relation(X, "lodger") == set()
    assert town.relation(X, "wife") == set()


def test_a_declared_relative_who_is_an_other_member_makes_nobody_kin(town):
    town.declares(X, "brother", "兄弟姐妹")
    town.household("K", head=SELF, brother=OTHER, wife=SPOUSE)
    assert town.relation(X, "head") == set()


def test_a_household_of_two_heads_says_nothing(town):
    town.declares(X, "brother", "兄弟姐妹")
    town.household("K", brother=SELF, wife=SPOUSE, second=SELF)
    assert town.relation(X, "wife") == set()


def test_a_word_that_says_no_relation_leads_nowhere(town):
    town.declares(X, "friend", "朋友")
    town.household("K", friend=SELF, wife=SPOUSE)
    assert town.relation(X, "friend") == set()
    assert town.relation(X, "wife") == set()
    assert town.graph.is_declared(X, "friend")


def test_what_lies_beyond_every_scope_is_not_followed(town):
    town.declares(X, "inlaw", "儿女亲家")
    town.household("K", inlaw=SELF, mother=PARENT)
    town.household("L", mother=SELF, brother=SIBLING)
    assert town.relation(X, "mother") == set()
    assert town.relation(X, "brother") == set()


def test_chains_end_after_so_many_links(town):
    town.declares(X, "a", "兄弟姐妹")
    for number, (one, next_one) in enumerate(["ab", "bc", "cd"]):
        town.household(f"K{number}", **{one: SELF, next_one: SIBLING})
    assert CHAIN_LINKS_MAX == 3
    assert town.relation(X, "c") == {"b"}
    assert town.relation(X, "d") == set()


def test_two_equally_short_chains_leave_only_what_both_allow(town):
    town.declares(X, "nephew", "侄子")
    town.declares(X, "father", "父母")
    town.household("K", nephew=SELF, parent=PARENT)
    assert town.relation(X, "parent") == {"b", "bu"}
    town.household("L", father=SELF, parent=CHILD)
    assert town.relation(X, "parent") == {"b"}


def test_chains_that_contradict_each_other_leave_both_possible(town):
    town.declares(X, "one", "兄弟姐妹")
    town.declares(X, "two", "子女")
    town.household("K", one=SELF, both=CHILD)
    town.household("L", two=SELF, both=CHILD)
    assert town.relation(X, "both") == {"bc", "cc"}
    assert certainty_of(town.graph.relatives_of(X)["both"].kinship, CORE) is Certainty.POSSIBLE


def test_a_rejected_relation_and_what_follows_from_it_stay_silent(town):
    town.declares(X, "brother", "兄弟姐妹")
    town.household("K", brother=SELF, wife=SPOUSE)
    town.household("L", wife=SELF, daughter=CHILD)
    assert town.relation(X, "daughter")
    town.rejects(X, "wife")
    assert town.relation(X, "wife") == set()
    assert town.relation(X, "daughter") == set()
    assert town.relation(X, "brother") == {"b"}


def test_a_later_confirmation_takes_a_rejection_back_an_earlier_one_does_not(town):
    town.declares(X, "man", "岳父", Fact.DISCOVERED)
    assert town.relation(X, "man") == {"up"}
    town.rejects(X, "man")
    assert town.relation(X, "man") == set()
    town.declares(X, "man", "岳父", Fact.DISCOVERED)
    assert town.relation(X, "man") == {"up"}


def test_a_declared_relation_cannot_be_rejected_away(town):
    town.declares(X, "man", "岳父")
    town.rejects(X, "man")
    assert town.relation(X, "man") == {"up"}


def test_an_officer_of_unknown_person_still_has_whom_he_declared(town):
    town.officer("MZ0003")
    town.declares("MZ0003", "brother", "兄弟姐妹")
    town.household("K", brother=SELF, mother=PARENT)
    assert town.relation("MZ0003", "mother") == {"p"}
    assert town.relation("MZ0003", "x") == set()


def test_two_staff_numbers_of_one_person_share_their_relatives(town):
    town.officer("MZ0003", "x")
    town.declares(X, "brother", "兄弟姐妹")
    assert town.relation("MZ0003", "brother") == {"b"}
    assert not town.graph.is_declared("MZ0003", "brother")
    assert town.graph.relatives_of("MZ0003")["brother"].entries == (3, 4)


def test_nobody_is_his_own_relative_by_a_declaration_of_himself(town):
    town.declares(X, "x", "兄弟姐妹")
    town.household("K", x=SELF, wife=SPOUSE)
    assert town.relation(X, "x") == {""}
    assert town.relation(X, "wife") == {"u"}

"""Whole simulated counties: what the rules find is what their answer keys list, no more and no less."""

import pytest

from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, search
from cli.simulation.county import simulate

COUNTIES = [  # households, months, deliveries, untidiness, seed
    (60, 6, 1, 1.0, 1),
    (120, 12, 1, 0.0, 2),
    (100, 12, 2, 2.0, 3),
    (80, 9, 3, 1.0, 4),
    (90, 6, 1, 1.0, 5),
]


@pytest.fixture(scope="module", params=COUNTIES, ids=lambda county: f"seed {county[-1]}")
def county(request, new_office, tmp_path_factory):
    """The key of a county, and what all rules find in the ledger that loaded it."""
    households, months, deliveries, messy, seed = request.param
    home = tmp_path_factory.mktemp("county")
    files = home / "files"
    key = simulate(files, households=households, months=months, seed=seed, deliveries=deliveries, messy=messy)
    office = new_office(home)
    names = [""] if deliveries == 1 else [f"第{number}批" for number in range(1, deliveries + 1)]
    for name in names:
        office.load(files / name)
    return key, search(office.ledger, load_rules().values(), Scope())


def test_every_rule_finds_what_the_key_lists_and_nothing_else(county):
    key, found = county
    listed = {(flag["rule"], flag["case"], flag.get("month"), flag.get("ref")) for flag in key["flags"]}
    flags = [(flag.rule, flag.case, flag.month, flag.shown_reference) for flag in found.flags]
    assert set(flags) == listed
    assert len(set(flags)) == len(flags)
    assert set(key["flags_of"]) == set(load_rules()) - {"RF08", "RF19", "RF25", "RF27"}


def test_every_flag_can_be_read_and_proves_itself_by_entries(county):
    _, found = county
    rules = load_rules()
    for flag in found.flags:
        assert rules[flag.rule].sentence.format_map(flag.facts)
        assert flag.entries == tuple(sorted(set(flag.entries))) and flag.entries
        assert flag.amount_fen >= 0


def test_only_what_the_county_has_no_data_for_is_untested(county):
    assert county[1].untested == []
    assert {one.rule for one in county[1].not_applicable} == {"RF08", "RF25"}

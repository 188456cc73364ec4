"""`--by`: one option for every command that records, which takes a staff number or a name in full."""

import click
import pytest

from cli.main import mingzhang
from ledger.ledger import Ledger

ACTING = [
    ("audit", "disposition", "RF20", "SQ1", "--outcome", "explained", "--reason", "已核实"),
    ("audit", "checkpoint", "--heads"),
    ("audit", "sample", "draw", "CJ-1"),
    ("case", "erase", "SQ1", "--dry-run"),
    ("case", "retention"),
    ("case", "show", "SQ1"),
    ("import", "files"),
    ("key", "rotate"),
    ("record", "reserve", "520121101", "--amount", "1", "--on", "2024-01-15"),
    ("staff", "dismiss", "zhang"),
    ("staff", "kin", "close", "SQ1", "MZ0001"),
]


@pytest.mark.parametrize("command", ACTING, ids=" ".join)
@pytest.mark.parametrize("by", ["周敏", "MZ", "staff/", "", "520121196203153012"])
def test_what_is_no_name_is_refused_before_anything_is_done(run, command, by):
    refused = run(*command, "--by", by)
    assert refused.exit_code == 2
    assert "This is not a name" in refused.err
    assert "MZ0012" in refused.err and "staff/MZ0012" in refused.err


@pytest.mark.parametrize("by", ["MZ0012", "staff/MZ0012"])
def test_a_staff_number_is_the_name_of_its_officer(run, tmp_path, by):
    run("init")
    made = run("record", "reserve", "520121101", "--amount", "1", "--on", "2024-01-15", "--by", by, "--json")
    assert made.exit_code == 0, made.err
    with Ledger.open(f"sqlite:///{tmp_path / 'mingzhang.db'}", None, read_only=True) as ledger:
        assert ledger.event(made.document["position"]).by == "staff/MZ0012"


def test_the_program_may_be_named_in_full(run):
    run("init")
    recorded = run("record", "reserve", "520121101", "--amount", "1", "--on", "2024-01-15", "--by", "system/import")
    assert recorded.exit_code == 0, recorded.err


def test_every_option_of_that_name_is_the_same():
    found = list(_options(mingzhang, click.Context(mingzhang)))
    assert len(found) >= len(ACTING)
    assert {option.callback.__module__ for option in found} == {"cli.actors"}


# Private


def _options(command, context):
    for parameter in command.params:
        if "--by" in parameter.opts:
            yield parameter
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _options(command.get_command(context, name), context)

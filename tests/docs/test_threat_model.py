"""docs/threat-model.md: it names findings that exist, every act of the drill, and says the same in both languages."""

import re
from pathlib import Path

from audit.drill_acts import ACTS
from cli.verdict import KINDS

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH = (DOCS / "threat-model.md").read_text(encoding="utf-8")
CHINESE = (DOCS / "threat-model.zh.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"`([^`\n]+)`")


def kinds_named(page: str) -> set[str]:
    return set(re.findall(r"\*([a-z]+(?:-[a-z]+)+)\*", page))


def test_every_kind_that_is_named_exists() -> None:
    assert kinds_named(ENGLISH) <= set(KINDS)
    assert len(kinds_named(ENGLISH)) >= 12


def test_both_languages_name_the_same_kinds_commands_and_rows() -> None:
    assert kinds_named(CHINESE) == kinds_named(ENGLISH)
    assert set(COMMAND.findall(CHINESE)) == set(COMMAND.findall(ENGLISH))
    rows = [[line.count("|") for line in page.splitlines() if line.startswith("|")] for page in (ENGLISH, CHINESE)]
    assert rows[0] == rows[1]


def test_every_act_of_the_drill_is_in_its_table() -> None:
    acts = ENGLISH.partition("## The acts")[2].partition("## What to do")[0]
    named = {line.split("|")[1].strip() for line in acts.splitlines() if line.startswith("|")}
    assert {act.name for act in ACTS} <= named

"""What relations and the facts behind them are called when people read them.

The names of relations are made of steps, as `domain.kinship` has them; in Chinese they are the field's own words.
"""

import functools
from collections.abc import Mapping
from typing import Any, Final

from cli.words import N_, _, language
from domain.kin_graph import Fact
from domain.kin_words import WORDS_OF_PATH
from domain.kinship import chinese_name
from projections.kin_findings import ALTERNATIVES

_ENGLISH: Final[Mapping[str, str]] = {
    "": "self",
    "u": "spouse",
    "p": "parent",
    "c": "child",
    "b": "sibling",
    "pp": "grandparent",
    "cc": "grandchild",
    "ppp": "great-grandparent",
    "ccc": "great-grandchild",
    "pb": "uncle or aunt",
    "bc": "nephew or niece",
    "pbc": "cousin",
    "up": "parent-in-law",
    "cu": "child-in-law",
}

_FACTS: Final[Mapping[str, str]] = {
    Fact.OFFICER: N_("{of} appointed (entry {entries})"),
    Fact.DECLARED: N_("declared by {of} (entry {entries})"),
    Fact.DISCOVERED: N_("confirmed of {of} (entry {entries})"),
    Fact.HOUSEHOLD: N_("same household {of} (entries {entries})"),
}


def relation_label(relation: str) -> str:
    """Return what a relation of the filings register is called in the language in use; other words stay as they are."""
    if language() == "zh":
        return relation
    return ALTERNATIVES.join(_english_names().get(name, name) for name in relation.split(ALTERNATIVES))


def english_path(path: str) -> str:
    """Return the English name of a relation: `sibling's spouse`."""
    size = next((size for size in range(len(path), 0, -1) if path[:size] in _ENGLISH), 0)
    rest = path[size:]
    return f"{_ENGLISH[path[:size]]}'s {english_path(rest)}" if rest else _ENGLISH[path]


def chain_label(facts: list[Mapping[str, Any]]) -> str:
    """Return the facts that make a person a relative, from the officer on."""
    return " → ".join(
        _(_FACTS[fact["fact"]]).format(of=fact["of"] or "…", entries=", ".join(f"{one}" for one in fact["entries"]))
        for fact in facts
    )


# Private


@functools.cache
def _english_names() -> Mapping[str, str]:
    steps = "upcb"
    paths = {"", *WORDS_OF_PATH, *(path + step for path in WORDS_OF_PATH for step in steps)}
    return {chinese_name(path): english_path(path) for path in paths}

"""Which holders of an account are no persons, by the words of public_holders.toml."""

import tomllib
from functools import cache
from importlib.resources import files

from domain.formats.text import compact

_LIST = "public_holders.toml"
_PUBLIC = ("offices", "villages", "firms")


def public_word(holder: str) -> str | None:
    """Return the word by which the name of a holder is that of an office, a village or a firm; None for a person."""
    name, words = compact(holder), _words()
    if any(word in name for word in words["people"]):
        return None
    return next((word for kind in _PUBLIC for word in words[kind] if word in name), None)


# Private


@cache
def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath(_LIST).read_text(encoding="utf-8"))
    return found

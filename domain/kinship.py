"""Kinship as steps: what two people are to each other, how relations compose, and which scope reaches how far.

A relation is a path of steps from one person to the other, read from left to right:

    u  spouse        p  parent        c  child        b  sibling        (empty: the person himself)

`up` is the spouse's parent, `bu` a sibling's spouse, `pbc` a cousin. A path is in normal form when no two steps of it
shorten to one: a parent's child is a sibling (or oneself), a spouse's child a child. Where a chain of facts leaves
open which of several relations holds, a `Kinship` has all of them as readings.

Scopes: core, Civil Code art 1045; recusal, 公务员法 art 74 with 公务员回避规定 (试行) art 5, which lists the collateral
relatives within three generations and the close relatives by marriage; extended, what counties add to it. Collateral
degree is counted in generations (代), as that law counts: siblings 2, uncles and cousins 3.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple


class KinshipScope(StrEnum):
    """How far a county's duty to file relatives reaches; each holds the one before. Stored, so never renamed."""

    CORE = "core"
    RECUSAL = "recusal"
    EXTENDED = "extended"


class Line(StrEnum):
    """The kind of relation that a path is."""

    SELF = "self"
    SPOUSE = "spouse"
    DIRECT = "direct"
    COLLATERAL = "collateral"
    AFFINITY = "affinity"


class Certainty(StrEnum):
    """How sure it is that an implied relation lies within a scope, if the facts it rests on are true.

    certain: in every case. likely: unless there is a step-parent, a half-sibling or a former spouse in between.
    possible: other relations, outside the scope, fit the facts as well.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Degree(NamedTuple):
    """The line, and how near: steps of direct line, generations (代) of collateral line, steps of affinity."""

    line: Line
    distance: int


class Kinship(NamedTuple):
    """The relations that facts leave open, in normal form; `assumed` when families as they usually are were assumed."""

    paths: frozenset[str]
    assumed: bool = False


def kinship(*paths: str) -> Kinship:
    """Return the relation that has these readings."""
    return Kinship(frozenset(paths))


SELF: Final = kinship("")


def compose(first: Kinship, second: Kinship) -> Kinship:
    """Return what C is to A, when B is `first` to A and C is `second` to B; no reading when it cannot be."""
    assumed = first.assumed or second.assumed
    paths: set[str] = set()
    for path in first.paths:
        for steps in second.paths:
            found, guessed = _joined(path, steps)
            paths |= found
            assumed = assumed or guessed
    return Kinship(frozenset(paths), assumed)


def inverse(relation: Kinship) -> Kinship:
    """Return what A is to B, when B is `relation` to A."""
    return Kinship(frozenset(path[::-1].translate(_TURNED) for path in relation.paths), relation.assumed)


def of_another(relation: Kinship) -> Kinship:
    """Return the relation without the reading that it is the same person, for two who are known to be different."""
    return Kinship(relation.paths - {""}, relation.assumed)


def degree_of(path: str) -> Degree:
    """Return the line and the nearness of one reading."""
    if path == "":
        return Degree(Line.SELF, 0)
    if path == "u":
        return Degree(Line.SPOUSE, 1)
    if _DIRECT.fullmatch(path):
        return Degree(Line.DIRECT, len(path))
    generations = _generations(path)
    return Degree(Line.COLLATERAL, generations) if generations else Degree(Line.AFFINITY, len(path))


def scope_of(path: str) -> KinshipScope | None:
    """Return the smallest scope that holds a relation; None when it is beyond all of them.

    An officer's own household is in every scope: he himself is nearer than any relative.
    """
    if path in _CORE:
        return KinshipScope.CORE
    line, distance = degree_of(path)
    if line is Line.DIRECT or (line is Line.COLLATERAL and distance <= _RECUSAL_GENERATIONS) or _CLOSE.fullmatch(path):
        return KinshipScope.RECUSAL
    if (line is Line.COLLATERAL and distance <= _EXTENDED_GENERATIONS) or _FURTHER.fullmatch(path):
        return KinshipScope.EXTENDED
    return None


def is_within(path: str, scope: KinshipScope) -> bool:
    """Tell whether a scope reaches a relation."""
    smallest = scope_of(path)
    return smallest is not None and _REACH[smallest] <= _REACH[scope]


def certainty_of(relation: Kinship, scope: KinshipScope) -> Certainty | None:
    """Return how sure it is that a relation lies within a scope; None when no reading of it does."""
    inside = sum(is_within(path, scope) for path in relation.paths)
    if inside == 0:
        return None
    if inside < len(relation.paths):
        return Certainty.POSSIBLE
    return Certainty.LIKELY if relation.assumed else Certainty.CERTAIN


def readings(relation: Kinship) -> tuple[str, ...]:
    """Return the readings, the nearest first."""
    return tuple(sorted(relation.paths, key=lambda path: (_nearness(path), len(path), path)))


def chinese_name(path: str) -> str:
    """Return what a relation is called: 兄弟姐妹, 岳父母或公婆, and step by step where no word is usual."""
    if path in _NAMES:
        return _NAMES[path]
    head = next(path[:size] for size in range(len(path) - 1, 0, -1) if path[:size] in _NAMES)
    return f"{_NAMES[head]}的{chinese_name(path[len(head) :])}"


# Private

_TURNED = str.maketrans("pc", "cp")
_DIRECT = re.compile("p+|c+")
_COLLATERAL = re.compile("(p*)b(c*)")
_CLOSE = re.compile("up|ubu?|cup?|p?bc?u")
_FURTHER = re.compile("c+u|up+|up?bc?u?|cub")
_CORE = frozenset({"", "u", "p", "c", "b", "pp", "cc"})
_RECUSAL_GENERATIONS = 3
_EXTENDED_GENERATIONS = 4
_REACH = {scope: reach for reach, scope in enumerate(KinshipScope)}

_SHORTENED: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    # two steps: what they come to, and whether a usual family is assumed
    "uu": (("",), False),
    "uc": (("c",), True),  # not a child of an earlier marriage, whom the law calls a child only if brought up together
    "pu": (("p",), True),
    "pc": (("b", ""), False),
    "cp": (("u", ""), True),  # the other parent is the spouse
    "cb": (("c",), True),
    "bp": (("p",), True),
    "bb": (("b", ""), True),
}

_NAMES: Final = {
    "": "本人",
    "u": "配偶",
    "p": "父母",
    "c": "子女",
    "b": "兄弟姐妹",
    "pp": "祖父母或外祖父母",
    "cc": "孙子女或外孙子女",
    "ppp": "曾祖父母",
    "ccc": "曾孙子女",
    "pb": "伯叔姑舅姨",
    "bc": "侄子女或甥子女",
    "pbc": "堂表兄弟姐妹",
    "up": "岳父母或公婆",
    "cu": "儿媳或女婿",
    "bu": "兄弟姐妹的配偶",
    "ub": "配偶的兄弟姐妹",
    "cup": "儿女亲家",
}


def _joined(path: str, steps: str) -> tuple[set[str], bool]:
    """Return the normal forms of a path followed by further steps, and whether a usual family was assumed."""
    found, assumed = {path}, False
    for step in steps:
        after: set[str] = set()
        for one in found:
            paths, guessed = _extended(one, step)
            after |= paths
            assumed = assumed or guessed
        found = after
    return found, assumed


def _extended(path: str, step: str) -> tuple[set[str], bool]:
    shortened = _SHORTENED.get(path[-1:] + step)
    if shortened is None:
        return {path + step}, False
    endings, assumed = shortened
    found: set[str] = set()
    for ending in endings:
        paths, guessed = _extended(path[:-1], ending) if ending else ({path[:-1]}, False)
        found |= paths
        assumed = assumed or guessed
    return found, assumed


def _generations(path: str) -> int:
    """Return the generations of a collateral relation counted from the common ancestors, 0 for any other."""
    match = _COLLATERAL.fullmatch(path)
    return max(len(match[1]), len(match[2])) + 2 if match else 0


def _nearness(path: str) -> int:
    scope = scope_of(path)
    return _REACH[scope] if scope is not None else len(_REACH)

"""What is hidden of a personal value when it is shown: a mask for each sort of value, and the sort of each field."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

_LONG_NUMBER = re.compile(r"(?<![0-9Q])[0-9]{7,}[Xx]?")  # ids, accounts, telephones; not the digits of SQ…


def mask_citizen_id(text: str) -> str:
    """Return an id with its first 6 and last 4 characters kept: `520121********1234`."""
    return _masked(text, 6, 4)


def mask_account(text: str) -> str:
    """Return an account number with its first 4 and last 4 digits kept."""
    return _masked(text, 4, 4)


def mask_phone(text: str) -> str:
    """Return a telephone number with its first 3 and last 4 digits kept: `199****2345`."""
    return _masked(text, 3, 4)


def mask_name(text: str) -> str:
    """Return a name with only its first character kept: `张*`, `罗**`; a single character becomes `*`."""
    if len(text) < 2:
        return "*" * len(text)
    return text[0] + "*" * (len(text) - 1)


def mask_staff(text: str) -> str:
    """Return a staff number as it is, however it is written; a name that stands in its place is masked."""
    return text if any(letter.isdigit() for letter in text) else mask_name(text)


def mask_place(text: str) -> str:
    """Return an address with its first three characters kept: `白马镇******`."""
    return text[:3] + "*" * (len(text) - 3) if len(text) > 3 else "*" * len(text)


def mask_village(code: str) -> str:
    """Return a village code with the township's nine digits kept: `520121102***`."""
    return code[:9] + "*" * (len(code) - 9)


def mask_text(text: str, names: Collection[str] = ()) -> str:
    """Return a free text with long numbers hidden between their ends, and the given names masked."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, mask_name(name))
    return _LONG_NUMBER.sub(lambda found: mask_phone(found[0]), text)


MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "account": mask_account,
    "address": mask_place,
    "citizen_id": mask_citizen_id,
    "confirmer_text": mask_name,
    "handler_text": mask_name,
    "head_citizen_id": mask_citizen_id,
    "head_name": mask_name,
    "holder": mask_name,
    "keeper_text": mask_name,
    "name": mask_name,
    "officer_text": mask_name,
    "place": mask_place,
    "relative_citizen_id": mask_citizen_id,
    "relative_name": mask_name,
    "reviewer_text": mask_name,
    "staff_text": mask_name,
    "subject_citizen_id": mask_citizen_id,
    "surveyor_1_text": mask_name,
    "surveyor_2_text": mask_name,
    "telephone": mask_phone,
    "village": mask_village,
    "visitor_text": mask_name,
}
"""Fields that name, number or locate a person. Other texts are free: `mask_text` hides the persons in them."""


def masked(field: str, text: str, names: Collection[str] = ()) -> str:
    """Return the text of a field as it may be shown; `names` are those of the people it may speak of."""
    mask = MASKS.get(field)
    return mask(text) if mask else mask_text(text, names)


# Private


def _masked(text: str, head: int, tail: int) -> str:
    # A text too short to hide anything between its ends is hidden whole.
    hidden = len(text) - head - tail
    if hidden < 1:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]

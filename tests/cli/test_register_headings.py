"""The headings of the registers: no two columns side by side are called the same, in either language."""

from collections import Counter

import pytest

from cli import words
from cli.register_list import REGISTERS


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("name", sorted(REGISTERS))
def test_no_two_columns_of_a_register_have_one_heading(name: str, language: str) -> None:
    register = REGISTERS[name]
    words.choose(language)
    try:
        for columns in (register.columns, *(block.columns for block in register.blocks)):
            headings = Counter(column.heading for column in columns)
            assert [heading for heading, count in headings.items() if count > 1] == []
    finally:
        words.choose("en")

"""Writes the columns of every register into docs/registers.md, so that the page cannot say anything else than the code.

python scripts/document_registers.py            writes what stands between the markers
python scripts/document_registers.py --check    exit code 1 when the page is not what would be written
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cli import words
from cli.columns import Column
from cli.register_list import REGISTERS
from cli.register_table import RegisterTable
from cli.words import _

PAGE: Final = Path(__file__).parents[1] / "docs" / "registers.md"
BEGIN: Final = "<!-- generated: registers -->\n"
END: Final = "<!-- end -->\n"


def page(stored: str) -> str:
    """Return the page with its generated part as the registers say it."""
    before, _marker, rest = stored.partition(BEGIN)
    after = rest.partition(END)[2]
    return "\n".join((before + BEGIN, "\n\n".join(_sections()), "", END + after))


def main() -> int:
    """Write the page, or say whether it is the one that would be written."""
    stored = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(stored != page(stored))
    PAGE.write_text(page(stored), encoding="utf-8")
    return 0


# Private


def _sections() -> Iterator[str]:
    for name, table in REGISTERS.items():
        yield f"### {_said(table.title, 'zh')} · {name}"
        yield f"{_said(table.title, 'en')}. {_law(table)}".rstrip()
        yield _command(name, table)
        yield _columns(table.columns)
        for block in table.blocks:
            title = f"{_said(block.title, 'zh')} · {_said(block.title, 'en')} (`{block.key}`)"
            yield f"{title}\n\n{_columns(block.columns)}" if block.columns else f"{title}: a number."


def _law(table: RegisterTable) -> str:
    if not table.source:
        return ""
    english, chinese = _said(table.source, "en"), _said(table.source, "zh")
    return english if english == chinese else f"{chinese} ({english})"


def _command(name: str, table: RegisterTable) -> str:
    options = [f"`mingzhang register {name}`"]
    if table.months:
        options.append("`--month`")
    if table.kinds:
        options.append(f"`--kind` {', '.join(table.kinds)}")
    return " · ".join(options)


def _columns(columns: Sequence[Column]) -> str:
    lines = ["| key | 中文 | English |", "|---|---|---|"]
    lines += [f"| `{one.key}` | {_heading(one, 'zh')} | {_heading(one, 'en')} |" for one in columns]
    return "\n".join(lines)


def _heading(column: Column, language: words.Language) -> str:
    words.choose(language)
    try:
        return column.heading
    finally:
        words.choose("en")


def _said(text: str, language: words.Language) -> str:
    words.choose(language)
    try:
        return _(text)
    finally:
        words.choose("en")


if __name__ == "__main__":
    sys.exit(main())

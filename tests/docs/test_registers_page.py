"""docs/registers.md names every register with its columns, as the code has them."""

import importlib.util
from pathlib import Path

from cli.register_list import REGISTERS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")


def test_registers_page_is_not_stale() -> None:
    """The page is what the script would write now: run it after adding a register or a column."""
    spec = importlib.util.spec_from_file_location("document_registers", ROOT / "scripts" / "document_registers.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.page(TEXT) == TEXT, "stale: run python scripts/document_registers.py"


def test_every_register_has_a_section_in_both_languages() -> None:
    """One heading for each register: its Chinese title and the name by which it is asked for."""
    headings = [line.removeprefix("### ") for line in TEXT.split("\n") if line.startswith("### ")]
    assert [heading.split(" · ")[1] for heading in headings] == list(REGISTERS)
    assert not any(heading.split(" · ")[0].isascii() for heading in headings)

"""docs/errors.md has a section for every kind of finding and of error, and says of each what the program says."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from audit.finding import Finding
from cli import words
from cli.failures import TITLES
from cli.verdict import KINDS, finding_lines
from domain.formats.columns import FaultCode

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("document_errors", ROOT / "scripts" / "document_errors.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_errors_page_is_not_stale(script: ModuleType) -> None:
    """The parts between the markers are what the script would write now: run it after a change."""
    assert script.page(TEXT) == TEXT, "stale: run python scripts/document_errors.py"


def test_every_kind_is_explained_and_no_other(script: ModuleType) -> None:
    """A kind that is new in the audit or in a library needs its words here too."""
    assert set(script.FINDINGS) == set(KINDS)
    assert set(script.ERRORS) == set(TITLES)
    assert set(SECTIONS) == {*KINDS, *TITLES}


@pytest.mark.parametrize("kind", [*KINDS, *TITLES])
def test_a_section_has_the_title_in_both_languages_and_what_to_do(kind: str) -> None:
    """The words of the terminal lead to the section, in either language."""
    title = {**KINDS, **TITLES}[kind]
    words.choose("zh")
    chinese = words._(title)
    words.choose("en")
    assert title.lower() in SECTIONS[kind].lower()
    assert chinese in SECTIONS[kind]
    assert "*What to do:*" in SECTIONS[kind]
    assert "处理：" in SECTIONS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_finding_leads_to_its_section(kind: str) -> None:
    """The last line of a finding names the heading under which it is explained."""
    assert list(finding_lines(Finding(kind, 7)))[-1] == f"  See docs/errors.md#{kind}"
    assert f"\n### {kind}\n" in TEXT


def test_every_code_of_a_rejected_row_is_named() -> None:
    """What the codes mean stands on the page on files."""
    assert all(f"`{code}`" in TEXT for code in FaultCode)
    assert "import-formats.md#3-bad-rows" in TEXT

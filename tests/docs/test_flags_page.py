"""docs/flags.md says what the rules are, and the rule that it works out runs as a bureau would run it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from audit.flags.rulebook import load_rules
from domain.events.payment import PaymentAttributed, PaymentReissued, PaymentSettled
from ledger.ledger import Ledger

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "flags.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("document_flags", ROOT / "scripts" / "document_flags.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_not_stale(script: ModuleType) -> None:
    """The parts between the markers are what the script would write now: run it after a change."""
    assert script.page(TEXT) == TEXT, "stale: run python scripts/document_flags.py"


def test_every_rule_has_a_line_and_a_section(script: ModuleType) -> None:
    sections = re.findall(r"^### (RF\d\d)$", TEXT, re.MULTILINE)
    assert sections == list(load_rules()) == [told.rule.id for told in script.rules()]
    for rule in sections:
        assert TEXT.count(f"| {rule} | [") == 1


def test_every_rule_tells_its_law_an_example_and_what_stays_silent(script: ModuleType) -> None:
    for told in script.rules():
        text = " ".join(told.paragraphs)
        assert "Law" in text, told.rule.id
        assert "xample" in text and "Silent" in text, told.rule.id


def test_the_files_that_the_page_names_are_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / link).exists(), link


def test_the_rule_of_the_page_finds_the_arrears_of_a_county(county: Path, run) -> None:
    """The file of the page, in a folder of its own, named on the command line."""
    (source,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (county / "rules").mkdir()
    (county / "rules" / "yl01_large_arrears.py").write_text(source, encoding="utf-8")
    (command,) = re.findall(r"^mingzhang (audit flags --rules .+)$", TEXT, re.MULTILINE)
    outcome = run(*command.split(), "--json")
    assert outcome.exit_code == 1, outcome.err
    flags = outcome.document["flags"]
    assert {flag["ref"]: flag["amount_fen"] for flag in flags} == large_arrears(county)
    assert all(flag["text"].endswith("超过须附说明的限额。") for flag in flags)


def large_arrears(folder: Path) -> dict[str, int]:
    """Read the arrears above 300 yuan to known cases straight from the log."""
    with Ledger.open(f"sqlite:///{folder / 'mingzhang.db'}", None) as ledger:
        told = [one for one in ledger.events() if one.stream.startswith("case/")]
    reissued = {one.event.transfer for one in told if isinstance(one.event, PaymentReissued)}
    attributed = {one.event.transfer for one in told if isinstance(one.event, PaymentAttributed)}
    settled = [one.event for one in told if isinstance(one.event, PaymentSettled)]
    found = {one.transfer: one.amount_fen for one in settled if one.transfer in attributed - reissued}
    large = {transfer: fen for transfer, fen in found.items() if fen > 300_00}
    assert large
    return large

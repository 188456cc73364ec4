"""docs/events.md is what the classes say, no more and no less."""

import importlib.util
from pathlib import Path

from ledger.topics import TOPICS

ROOT = Path(__file__).parents[2]


def test_events_page_is_not_stale() -> None:
    """The page is what the script would write now: run it after changing an event."""
    spec = importlib.util.spec_from_file_location("document_events", ROOT / "scripts" / "document_events.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    stored = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert stored == script.page(), "stale: run python scripts/document_events.py"


def test_every_topic_has_a_section() -> None:
    """One heading for each topic, in the order of the table."""
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    headings = [line.strip("#` ") for line in text.split("\n") if line.startswith("### ")]
    assert headings == list(TOPICS)

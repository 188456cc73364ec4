"""No command writes its output over the ledger, over what SQLite keeps beside it, or among the keys."""

import pytest

COMMANDS = (
    ("audit", "report", "--html"),
    ("case", "history", "SQ1", "--html"),
    ("export", "casefile", "SQ1", "-o"),
    ("export", "ocel", "-o"),
    ("export", "xes", "-o"),
    ("register", "caseload", "--format", "html", "-o"),
    ("audit", "dossier", "SQ1", "-o"),
    ("audit", "checkpoint", "-o"),
    ("audit", "prove", "SQ1", "-o"),
)
PLACES = ("mingzhang.db", "./mingzhang.db", "mingzhang.db-wal", "mingzhang.db.keys/epoch")


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(one) for one in COMMANDS])
def test_an_output_never_takes_the_place_of_the_ledger(run, county, command):
    before = (county / "mingzhang.db").read_bytes()
    for place in PLACES:
        result = run(*command, place)
        assert (result.exit_code, "never written over" in result.err) == (2, True), (place, result.err)
    assert (county / "mingzhang.db").read_bytes() == before
    assert not (county / "mingzhang.db.keys" / "epoch").exists()

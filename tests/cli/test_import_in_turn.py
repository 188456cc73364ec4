"""Several folders given to one import: deliveries of their own where each describes itself, else one delivery."""

import pytest

FOLDERS = ("files/第1批", "files/第2批", "files/第3批")


@pytest.fixture
def delivered(run, tmp_path):
    """A county in three deliveries, and an empty ledger."""
    made = run("simulate", "files", "--households", 30, "--months", 6, "--deliveries", 3)
    assert made.exit_code == 0, made.err
    assert run("init").exit_code == 0
    assert all((tmp_path / folder).is_dir() for folder in FOLDERS), sorted((tmp_path / "files").iterdir())
    return tmp_path


def test_deliveries_given_at_once_are_loaded_as_if_one_by_one(run, delivered):
    assert run("init", "--db", "alone.db").exit_code == 0
    alone = [run("import", folder, "--db", "alone.db", "--json").document for folder in FOLDERS]
    together = run("import", *FOLDERS, "--json")
    assert together.exit_code in (0, 1), together.err
    counted = ("file", "rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")
    told = [[{name: file[name] for name in counted} for file in one["files"]] for one in (together.document, *alone)]
    assert told[0] == [file for one in told[1:] for file in one]
    assert together.document["entries_added"] == sum(one["entries_added"] for one in alone)
    assert together.document["size"] == alone[-1]["size"]
    assert [line for line in together.err.splitlines() if line.startswith("Loaded: ")] == [
        f"Loaded: {folder}" for folder in FOLDERS
    ]


def test_folders_of_which_one_does_not_describe_itself_are_one_delivery(run, delivered):
    next((delivered / FOLDERS[1]).glob("资料说明*")).unlink()
    together = run("import", FOLDERS[0], FOLDERS[1], "--json")
    assert together.exit_code in (0, 1)
    assert len(run("register", "imports", "--json").document["deliveries"]) == 1

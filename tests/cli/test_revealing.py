"""--reveal: for a reason, recorded before anything is shown, and nothing shown that could not be recorded."""

import shutil

import psycopg
import pytest

from domain.events.disclosure import PersonalDataViewed
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.store_errors import DatabaseFailed
from ledger.stores import open_store

REASON = "信访复核"


@pytest.fixture
def case(run, county):
    """A county in the folder in which `run` runs; one of its cases."""
    return run("case", "list", "--as-of", "2024-03-31", "--json").document["rows"][0]["case"]


def viewed(folder):
    """The disclosures that a ledger in a file records, opened."""
    with (
        open_store(f"sqlite:///{folder / 'mingzhang.db'}", read_only=True) as store,
        KeyStore.open(folder / "mingzhang.db.keys", store.origin, store.suite) as keys,
    ):
        return list(Ledger(store, keys).events_of_type(PersonalDataViewed.TOPIC))


@pytest.mark.parametrize("command", ["show", "history", "replay"])
def test_a_case_is_shown_whole_for_a_reason_and_recorded_with_who_what_and_why(run, county, case, command):
    masked = run("case", command, case).out
    shown = run("case", command, case, "--reveal", "--reason", REASON, "--by", "staff/SJ0003")
    assert shown.exit_code == 0, shown.err
    sheet = run("case", "show", case, "--json").document["state"]["application"]["head_name"]
    assert "*" in sheet
    assert "*" in masked
    assert shown.out.count("*") < masked.count("*")
    (recorded,) = viewed(county)
    assert (recorded.stream, recorded.by) == ("ledger/disclosures", "staff/SJ0003")
    event = recorded.event
    assert (event.command, event.case, event.rows, event.duties) == (f"case-{command}", case, None, None)
    assert event.reason == REASON
    assert run("audit", "verify").exit_code == 0


def test_reveal_in_json_shows_what_is_masked_without_it(run, county, case):
    masked = run("case", "show", case, "--json").document["state"]["application"]
    whole = run("case", "show", case, "--json", "--reveal", "--reason", REASON).document["state"]["application"]
    assert masked["head_citizen_id"] == whole["head_citizen_id"][:6] + "*" * 8 + whole["head_citizen_id"][-4:]
    assert masked["head_name"] == whole["head_name"][0] + "*" * (len(whole["head_name"]) - 1)
    assert viewed(county)[0].by.startswith("user/")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--reveal",), "done for a reason only"),
        (("--reveal", "--reason", "  "), "done for a reason only"),
        (("--reason", REASON), "nothing is to be shown"),
        (("--reveal", "--reason", "查 520121196203153012 的账"), "cannot be a reason"),
        (("--reveal", "--reason", "x" * 201), "cannot be a reason"),
        (("--reveal", "--reason", REASON, "--by", "nobody"), "not a name"),
    ],
)
def test_without_a_reason_or_a_name_nothing_is_shown_or_recorded(run, county, case, arguments, said):
    refused = run("case", "show", case, *arguments)
    assert (refused.exit_code, refused.out) == (2, "")
    assert said in refused.err
    assert viewed(county) == []


def test_what_cannot_be_recorded_is_not_shown(run, county, case, monkeypatch):
    """The disk is full, or the file may not be written."""

    def fails(*_):
        raise DatabaseFailed(where="here", expected="a disk", found="none", mend="make room")

    monkeypatch.setattr(Ledger, "record_command", fails)
    for command in ("show", "history", "replay"):
        refused = run("case", command, case, "--reveal", "--reason", REASON)
        assert (refused.exit_code, refused.out) == (3, "")


def test_without_keys_nothing_is_revealed(run, county, case):
    shutil.move(county / "mingzhang.db.keys", county / "elsewhere")
    refused = run("case", "show", case, "--reveal", "--reason", REASON)
    assert (refused.exit_code, refused.out) == (2, "")


def test_dossier_with_personal_data_is_a_disclosure(run, county, case):
    assert run("audit", "checkpoint", "--heads").exit_code == 0
    made = ("audit", "dossier", case, "-o", "case.dossier.json", "--with-personal-data")
    refused = run(*made)
    assert (refused.exit_code, (county / "case.dossier.json").exists()) == (2, False)
    assert run(*made, "--reason", REASON, "--by", "staff/MZ0012").exit_code == 0
    assert run(*made[:-1], "--disclose", "account", "--reason", REASON).exit_code == 0
    first, second = viewed(county)
    assert (first.event.command, first.event.case, first.event.reason) == ("audit-dossier", case, REASON)
    assert first.event.rows > second.event.rows > 0
    assert run(*made[:-1]).exit_code == 0
    assert len(viewed(county)) == 2


def test_register_disclosures_lists_what_was_shown(run, county, case):
    assert run("register", "disclosures", "--json").document["rows"] == []
    run("case", "show", case, "--reveal", "--reason", REASON, "--by", "staff/SJ0003")
    rows = run("register", "disclosures", "--json").document["rows"]
    assert [(one["by"], one["command"], one["case"], one["reason"]) for one in rows] == [
        ("staff/SJ0003", "case-show", case, REASON)
    ]
    assert run("register", "disclosures", "--as-of", "2024-12-31", "--json").document["rows"] == []
    assert REASON in run("register", "disclosures").out
    assert REASON.encode() not in (county / "mingzhang.db").read_bytes()


# PostgreSQL


@pytest.fixture(scope="module")
def bureau(bare_postgres, tmp_path_factory, county_made_once, run_at):
    """A ledger in PostgreSQL with a loader, an auditor and an administrator; what runs a command as one of them."""
    folder = tmp_path_factory.mktemp("bureau")
    officers = {"loader": ("system/import", "intake", "survey", "confirm", "pay", "admin"),
                "shen": ("staff/SJ0003", "audit"), "guan": ("staff/MZ0001", "admin")}  # fmt: skip
    with psycopg.connect(bare_postgres.url, autocommit=True) as root:
        root.execute("CREATE ROLE keeper LOGIN CREATEROLE")
        root.execute("CREATE DATABASE county OWNER keeper")
        root.execute("; ".join(f"CREATE ROLE {login} LOGIN" for login in officers))

    def run_as(login, *arguments):
        return run_at(*arguments, "--db", bare_postgres.address("county", login), folder=folder)

    assert run_as("keeper", "init").exit_code == 0
    for login, (actor, *duties) in officers.items():
        given = [part for duty in duties for part in ("--duty", duty)]
        assert run_as("keeper", "staff", "admit", login, "--as", actor, *given).exit_code == 0
    assert run_as("loader", "import", county_made_once / "files").exit_code in (0, 1)
    return run_as


def test_auditor_reveals_in_his_own_name_with_his_duty_and_an_administrator_does_not(bureau):
    case = bureau("loader", "case", "list", "--json").document["rows"][0]["case"]
    shown = bureau("shen", "case", "show", case, "--reveal", "--reason", REASON, "--json")
    assert shown.exit_code == 0, shown.err
    assert "*" not in shown.document["state"]["application"]["head_name"]
    foreign = bureau("shen", "case", "show", case, "--reveal", "--reason", REASON, "--by", "staff/MZ0001")
    assert (foreign.exit_code, foreign.out) == (2, "")
    assert "may not record as staff/MZ0001" in foreign.err
    admin = bureau("guan", "case", "show", case, "--reveal", "--reason", REASON)
    assert (admin.exit_code, admin.out) == (2, "")
    assert "may not open sealed facts" in admin.err
    rows = bureau("loader", "register", "disclosures", "--json").document["rows"]
    assert [(one["by"], one["case"], one["duties"]) for one in rows] == [("staff/SJ0003", case, "audit")]
    assert bureau("shen", "audit", "verify").exit_code == 0

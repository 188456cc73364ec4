"""The way of a checkpoint through files: request, cosign, attach, verify under a policy; and what is refused."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import mingzhang
from ledger.note import Verifier, split_note

ORIGIN = "county.example/ledger"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with a ledger, one checkpoint, and two witnesses that trust it."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(mingzhang, arguments, standalone_mode=False)
        found = 0 if result.return_value is None else int(result.return_value)
        assert (found, result.exception) == (code, None), result.output
        return result

    call("init", "--origin", ORIGIN)
    Path("log.vkey").write_text(call("key", "show", "--vkey").stdout)
    call("audit", "checkpoint", "-o", "first.checkpoint")
    for name in ("w1", "w2"):
        call("witness", "init", f"inspection.example/{name}", "--dir", name)
        call("witness", "trust", "log.vkey", "--dir", name)
    witnesses = "".join(f"witness {name} {Path(name, 'witness.vkey').read_text()}" for name in ("w1", "w2"))
    Path("policy").write_text(f"log {Path('log.vkey').read_text()}{witnesses}group both all w1 w2\nquorum both\n")
    return call


def grown(run: Run) -> None:
    run("key", "rotate")  # any command that records an entry
    Path("log.vkey").write_text(run("key", "show", "--vkey").stdout)
    for name in ("w1", "w2"):
        run("witness", "trust", "log.vkey", "--dir", name)
    run("audit", "checkpoint")


def test_checkpoint_goes_to_two_witnesses_and_back(run: Run) -> None:
    run("audit", "checkpoint", "request", "-o", "request")
    assert Path("request").read_bytes() == b"old 0\n\n" + Path("first.checkpoint").read_bytes()
    said = run("audit", "verify", "--policy", "policy", code=3)
    assert "missing are w1, w2" in said.stdout + said.stderr
    for name, missing in (("w1", ["w2"]), ("w2", [])):
        run("witness", "cosign", "request", "-o", f"{name}.answer", "--dir", name)
        run("audit", "checkpoint", "attach", f"{name}.answer", "--policy", "policy")
        verdict = json.loads(run("audit", "verify", "--policy", "policy", "--json", code=3 if missing else 0).stdout)
        assert (verdict["missing"], verdict["quorum_satisfied"], verdict["sound"]) == (missing, not missing, True)
    assert verdict["anchor"] == {"kind": "quorum", "size": 2}
    assert sorted(verdict["cosigned_at"]) == ["w1", "w2"]
    run("audit", "checkpoint", "-o", "merged")
    names = [line.name for line in split_note(Path("merged").read_bytes())[1]]
    assert names == [ORIGIN, "inspection.example/w1", "inspection.example/w2"] or names == [
        ORIGIN,
        "inspection.example/w2",
        "inspection.example/w1",
    ]


def test_cosigned_checkpoint_from_outside_satisfies_the_policy(run: Run) -> None:
    """The bureau lost its copies of the cosignatures; the inspector brought his own."""
    run("audit", "checkpoint", "request", "-o", "request")
    cosigned = Path("first.checkpoint").read_bytes()
    for name in ("w1", "w2"):
        cosigned += run("witness", "cosign", "request", "--dir", name).stdout_bytes
    Path("cosigned").write_bytes(cosigned)
    verdict = json.loads(run("audit", "verify", "--policy", "policy", "--since", "cosigned", "--json").stdout)
    assert verdict["anchor"] == {"kind": "quorum", "size": 2}


def test_next_request_begins_where_the_witness_stands(run: Run) -> None:
    run("audit", "checkpoint", "request", "-o", "request")
    run("witness", "cosign", "request", "--dir", "w1")
    grown(run)
    refused = run("witness", "cosign", "request", "--dir", "w1", code=2)
    assert "a proof from 2" in refused.stderr
    size = str(json.loads(run("witness", "status", "--dir", "w1", "--json").stdout)["logs"][0]["size"])
    run("audit", "checkpoint", "request", "--for", size, "-o", "by-size")
    run("audit", "checkpoint", "request", "--since", "first.checkpoint", "-o", "by-file")
    assert Path("by-size").read_bytes() == Path("by-file").read_bytes()
    assert json.loads(run("witness", "cosign", "by-size", "--dir", "w1", "--json").stdout)["old_size"] == 2


def test_rewritten_ledger_is_refused_with_evidence_beside_the_answer(run: Run, tmp_path: Path) -> None:
    """The same keys sign another history: the witness writes down both notes and ends with a finding."""
    run("audit", "checkpoint", "request", "-o", "request")
    run("witness", "cosign", "request", "--dir", "w1")
    shutil.move("mingzhang.db", "true.db")
    Path("mingzhang.db.keys/signer-state.json").unlink()
    shutil.copytree("mingzhang.db.keys", "other.keys")
    shutil.rmtree("mingzhang.db.keys")
    run("init", "--origin", ORIGIN)
    run("audit", "checkpoint")
    Path("other.vkey").write_text(run("key", "show", "--vkey").stdout)
    run("witness", "trust", "other.vkey", "--dir", "w1")
    run("audit", "checkpoint", "request", "--for", "2", "-o", "request")
    (tmp_path / "stick").mkdir()
    refused = run("witness", "cosign", "request", "-o", "stick/answer", "--dir", "w1", code=1)
    assert "two histories" in refused.stderr
    (evidence,) = Path("stick").iterdir()
    assert json.loads(evidence.read_text("utf-8"))["kind"] == "fork"


def test_folder_of_tiles_is_replayed_and_compared(run: Run) -> None:
    run("export", "tiles", "tiles")
    run("witness", "cosign", "--tiles", "tiles", "-o", "answer", "--dir", "w1")
    run("audit", "checkpoint", "attach", "answer", "--witness", "w1/witness.vkey")
    assert "2 entries compared, 0 altered" in run("witness", "compare", "--tiles", "tiles", "--dir", "w1").stdout
    bundle = Path("tiles/tile/entries/000.p/2")
    bundle.write_bytes(bundle.read_bytes().replace(b"log-signing", b"log-forging"))
    result = run("witness", "compare", "--tiles", "tiles", "--dir", "w1", "--json", code=1)
    assert [one["position"] for one in json.loads(result.stdout)["altered"]] == [1]


def test_folder_signed_with_the_next_key_satisfies_a_policy_that_names_the_first(run: Run) -> None:
    Path("alone").write_text(Path("policy").read_text().replace("quorum both", "quorum none"))
    grown(run)
    run("export", "tiles", "tiles")
    verdict = json.loads(run("audit", "verify", "--tiles", "tiles", "--policy", "alone", "--json").stdout)
    assert (verdict["findings"], verdict["keys_in_turn"]) == ([], 2)
    run("audit", "verify", "--tiles", "tiles", "--policy", "policy", code=3)


def test_strangers_lines_are_left_out_and_false_ones_refused(run: Run) -> None:
    run("audit", "checkpoint", "request", "-o", "request")
    run("witness", "cosign", "request", "-o", "answer", "--dir", "w1")
    unknown = run("audit", "checkpoint", "attach", "answer", "--witness", "w2/witness.vkey")
    assert "inspection.example/w1" in unknown.stderr
    assert "Nothing was kept." in unknown.stdout
    line = Path("answer").read_text("utf-8")
    place = len(line) - 20
    Path("answer").write_text(line[:place] + ("A" if line[place] != "A" else "B") + line[place + 1 :], "utf-8")
    run("audit", "checkpoint", "attach", "answer", "--witness", "w1/witness.vkey", code=2)
    Path("answer").write_text("no line\n", "utf-8")
    run("audit", "checkpoint", "attach", "answer", "--witness", "w1/witness.vkey", code=3)
    run("audit", "checkpoint", "attach", "answer", code=2)
    with sqlite3.connect("mingzhang.db") as database:
        assert database.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)


def test_options_of_the_group_do_not_go_before_its_commands(run: Run) -> None:
    assert "go after the command" in run("audit", "checkpoint", "--json", "request", code=2).stderr


def test_usage_errors_end_with_2(run: Run) -> None:
    run("witness", "cosign", "--dir", "w1", code=2)
    run("witness", "init", "a name", "--dir", "w3", code=2)
    run("witness", "init", "inspection.example/w1", "--dir", "w1", code=2)
    run("witness", "trust", "w1/witness.vkey", "--dir", "w1", code=2)
    run("witness", "status", "--dir", "nowhere", code=2)
    assert Verifier.parse(Path("w1/witness.vkey").read_text()).name == "inspection.example/w1"

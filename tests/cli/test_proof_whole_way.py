"""The whole way of a proof, as bureau, witnesses and inspector walk it; then a rewrite with the true key."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.drill_acts import Deed, rewrite_and_sign
from audit.scratch_ledger import ScratchLedger
from cli.main import mingzhang
from ledger.keystore import KeyStore
from ledger.note import split_note
from ledger.sqlite import SQLiteStore

ORIGIN = "county.example/ledger"
WITNESSES = ("w1", "w2")
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a new folder and returns what it says on stdout; `code` is the exit code it must have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(mingzhang, arguments, standalone_mode=False)
        found = 0 if result.return_value is None else int(result.return_value)
        assert (found, result.exception) == (code, None), f"{arguments}: {result.output}"
        return result.stdout

    return call


def test_inspector_needs_no_trust_in_the_bureau(run: Run) -> None:
    case = opened(run)
    run("audit", "verify", "--policy", "old.policy", code=3)
    cosigned(run, "old.policy")
    run("audit", "verify", "--policy", "old.policy")
    run("audit", "dossier", case, "--with-personal-data", "--reason", "a test", "-o", "old.dossier")
    run("audit", "dossier", "SQ52019920991200001", "-o", "absent.dossier")
    run("audit", "prove", "7", "--with-entry", "-o", "proof")
    run("audit", "check-proof", "proof", "--entry", "proof.entry", "--policy", "old.policy")
    run("audit", "verifiers", "verifiers")
    grown_under_a_new_key(run)
    run("audit", "dossier", case, "--disclose", "account", "--reason", "a test", "-o", "new.dossier")
    for dossier, policy, code in (
        ("old.dossier", "old.policy", 0),
        ("old.dossier", "both.policy", 0),
        ("absent.dossier", "old.policy", 0),
        ("new.dossier", "both.policy", 0),
        ("new.dossier", "old.policy", 1),
    ):
        verdict = json.loads(run("audit", "verify-dossier", dossier, "--policy", policy, "--json", code=code))
        assert verdict["verdict"] == ("invalid" if code else "valid")
        script = ["verifiers/verify_dossier.py", dossier, "--policy", policy]
        assert subprocess.run([sys.executable, *script], capture_output=True, check=False).returncode == code
    run("audit", "prove", "--since", "old.checkpoint", "-o", "growth")
    run("audit", "check-proof", "growth", "--old", "old.checkpoint", "--policy", "both.policy")
    run("audit", "verify", "--tiles", "tiles", "--policy", "both.policy")
    backed_up = json.loads(run("backup", "backup.db", "--json"))["checkpoint"]
    assert len(split_note(backed_up["note"].encode())[1]) == 1 + len(WITNESSES)
    verdict = json.loads(run("audit", "verify", "--db", "backup.db", "--policy", "both.policy", "--json"))
    assert (verdict["anchor"]["kind"], verdict["keys_in_turn"]) == ("quorum", 2)
    assert json.loads(run("audit", "drill", "--rounds", "1", "--json"))["passed"]


def test_rewrite_with_the_true_key_is_told_by_everything_that_left_the_building(run: Run) -> None:
    case = opened(run)
    cosigned(run, "old.policy")
    run("audit", "dossier", case, "-o", "old.dossier")
    deed = rewritten()
    run("export", "tiles", "forged")
    found = json.loads(run("audit", "verify", "--since", "old.checkpoint", "--json", code=1))["findings"]
    assert "history-rewritten" in {one["kind"] for one in found}
    assert json.loads(run("audit", "verify", "--policy", "old.policy", "--json", code=1))["missing"] == [*WITNESSES]
    run("audit", "prove", "--since", "old.checkpoint", code=1)
    run("witness", "cosign", "--tiles", "forged", "--dir", "w1", code=1)
    (evidence,) = Path("w1/evidence").iterdir()
    assert json.loads(evidence.read_text("utf-8"))["kind"] == "fork"
    compared = json.loads(run("witness", "compare", "--tiles", "forged", "--dir", "w1", "--json", code=1))
    assert [one["position"] for one in compared["altered"]] == [deed.position]
    acts = [one for one in compared["findings"] if "consequence_of" not in one]
    assert [(one["kind"], one["stream"], one["seq"]) for one in acts] == [("edited-entry", deed.stream, deed.seq)]
    assert "1 altered or gone" in run("witness", "compare", "--tiles", "forged", "--dir", "w1", code=1)
    run("audit", "verify-dossier", "old.dossier", "--policy", "old.policy")
    changed = bytearray(Path("old.dossier").read_bytes())
    changed[len(changed) // 2] ^= 1
    Path("changed.dossier").write_bytes(changed)
    run("audit", "verify-dossier", "changed.dossier", "--policy", "old.policy", code=1)


# Private


def opened(run: Run) -> str:
    """A county's ledger with its first delivery and checkpoint, tiles, two witnesses, a policy; returns a case."""
    run("simulate", "county", "--households", "4", "--months", "2", "--deliveries", "2", "--messy", "0")
    run("init", "--origin", ORIGIN)
    run("import", "county/第1批")
    run("audit", "checkpoint", "--heads", "-o", "old.checkpoint")
    run("export", "tiles", "tiles")
    Path("old.vkey").write_text(run("key", "show", "--vkey"))
    for name in WITNESSES:
        run("witness", "init", f"inspection.example/{name}", "--dir", name)
        run("witness", "trust", "old.vkey", "--dir", name)
    witnesses = "".join(f"witness {name} {Path(name, 'witness.vkey').read_text()}" for name in WITNESSES)
    quorum = f"{witnesses}group both 2 w1 w2\nquorum both\n"
    Path("quorum").write_text(quorum)
    Path("old.policy").write_text(f"log {Path('old.vkey').read_text()}{quorum}")
    return str(json.loads(run("case", "list", "--json"))["rows"][0]["case"])


def cosigned(run: Run, policy: str) -> None:
    """One witness reads the tiles, the other a request; both answers come back."""
    logs = json.loads(run("witness", "status", "--dir", "w2", "--json"))["logs"]
    run("audit", "checkpoint", "request", "--for", str(logs[0]["size"]), "-o", "request")
    run("witness", "cosign", "--tiles", "tiles", "-o", "w1.answer", "--dir", "w1")
    run("witness", "cosign", "request", "-o", "w2.answer", "--dir", "w2")
    for name in WITNESSES:
        run("audit", "checkpoint", "attach", f"{name}.answer", "--policy", policy)
    run("export", "tiles", "tiles")


def grown_under_a_new_key(run: Run) -> None:
    """The second delivery, another signing key, and the witnesses again, who are told of it."""
    run("import", "county/第2批")
    run("key", "rotate")
    Path("new.vkey").write_text(run("key", "show", "--vkey"))
    run("audit", "checkpoint", "--heads")
    run("export", "tiles", "tiles")
    run("witness", "cosign", "--tiles", "tiles", "--dir", "w1", code=2)
    for name in WITNESSES:
        run("witness", "trust", "new.vkey", "--dir", name)
    logs = "".join(f"log {Path(name).read_text()}" for name in ("old.vkey", "new.vkey"))
    Path("both.policy").write_text(logs + Path("quorum").read_text())
    cosigned(run, "both.policy")


def rewritten() -> Deed:
    """Alter one entry, and sign everything anew with the bureau's own key."""
    path = Path("mingzhang.db")
    with SQLiteStore.open(path, read_only=True) as store:
        suite = store.suite
    with closing(KeyStore.open(Path("mingzhang.db.keys"), ORIGIN, suite)) as keys:
        return rewrite_and_sign(ScratchLedger(path, suite, keys), random.Random(1))

"""A ledger of SM3 from outside: tiles, witness, policy, attested dossier, and both verifiers of it."""

import subprocess
import sys
from pathlib import Path

import audit

SCRIPT = Path(audit.__file__).with_name("verifiers") / "verify_dossier.py"


def test_an_sm3_ledger_goes_through_witness_and_dossier_to_both_verifiers(run, county):
    db = ("--db", "sqlite:///sm3.db")
    assert run("init", "--hash", "sm3", *db).exit_code == 0
    assert run("import", "files", *db).exit_code in (0, 1)
    assert run("audit", "checkpoint", "--heads", *db).exit_code == 0
    assert run("export", "tiles", "tiles", *db).exit_code == 0
    (county / "log.vkey").write_text(run("key", "show", "--vkey", *db).out)
    assert run("audit", "verify", "--tiles", "tiles", "--vkey", "log.vkey").exit_code == 0

    keys = run("witness", "init", "inspection.example/w1", "--dir", "w1", "--json").document
    assert run("witness", "trust", "log.vkey", "--dir", "w1").exit_code == 0
    cosigned = run("witness", "cosign", "--tiles", "tiles", "--attest-heads", "-o", "answer", "--dir", "w1")
    assert (cosigned.exit_code, cosigned.err) == (0, "")
    assert run("witness", "compare", "--tiles", "tiles", "--dir", "w1").exit_code == 0
    log = f"log {(county / 'log.vkey').read_text().strip()}\n"
    for name, key in (("policy", keys["vkey"]), ("heads-policy", keys["heads_vkey"])):
        (county / name).write_text(f"{log}witness w1 {key}\nquorum w1\n")
    assert run("audit", "verify", "--policy", "policy", *db).exit_code == 3
    for name in ("policy", "heads-policy"):
        assert run("audit", "checkpoint", "attach", "answer", "--policy", name, *db).exit_code == 0
    assert run("audit", "verify", "--policy", "policy", *db).exit_code == 0

    case = run("case", "list", "--as-of", "2024-03-31", "--json").document["rows"][0]["case"]
    assert (
        run("audit", "dossier", case, "-o", "d.json", "--with-personal-data", "--reason", "a test", *db).exit_code == 0
    )
    policies = ("--policy", "policy", "--heads-policy", "heads-policy")
    told = run("audit", "verify-dossier", "d.json", *policies, "--json").document
    assert (told["verdict"], told["completeness"], told["suite"]) == ("valid", "attested", "mingzhang/v1-sm3")
    assert told["disclosed"]
    script = [sys.executable, "-I", str(SCRIPT), "d.json", *policies]
    assert subprocess.run(script, cwd=county, capture_output=True, check=False).returncode == 0
    true = (county / "d.json").read_bytes()
    changed = true.replace(b'occurred_on\\":\\"20', b'occurred_on\\":\\"21', 1)
    assert changed != true
    (county / "d.json").write_bytes(changed)
    assert run("audit", "verify-dossier", "d.json", *policies).exit_code == 1
    assert subprocess.run(script, cwd=county, capture_output=True, check=False).returncode == 1

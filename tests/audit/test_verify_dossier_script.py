"""The single-file verifier, run as an inspector runs it, on the golden dossiers and on damaged ones."""

import ast
import base64
import hashlib
import importlib.util
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import audit

SCRIPT = Path(audit.__file__).with_name("verifiers") / "verify_dossier.py"
GOLDEN = Path(__file__).parents[1] / "golden" / "dossier"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
EXITS = {"valid": 0, "invalid": 1, "could not check": 3}
LINES_MAX = 500


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_dossier_of_the_inspector", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFIER = load()


def verdict(data: bytes, policy: bytes, second: bytes | None = None) -> dict[str, Any]:
    result: dict[str, Any] = VERIFIER.verify(data, VERIFIER.Policy(policy), second and VERIFIER.Policy(second))
    return result


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script elsewhere, isolated from this project: nothing of ours is found there."""
    script = folder / SCRIPT.name
    shutil.copyfile(SCRIPT, script)
    command = [sys.executable, "-I", script, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def golden_policy(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def resealed(dossier: dict[str, Any]) -> bytes:
    """The file of a changed dossier as a forger writes it: canonical, its digest right."""
    members = {name: value for name, value in dossier.items() if name != "digest"}
    digest = hashlib.sha256(VERIFIER.canonical(members) + b"\n").digest()
    text: bytes = VERIFIER.canonical({**members, "digest": base64.b64encode(digest).decode()})
    return text + b"\n"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_golden_dossier_gets_its_verdict_at_the_named_check(name: str) -> None:
    expected = EXPECTED[name]
    folder = (GOLDEN / name).parent if not name.startswith("bad/") else GOLDEN
    policies = [expected["policy"], expected["heads_policy"]]
    paths = [GOLDEN / one if (GOLDEN / one).is_file() else folder / one for one in policies if one]
    result = verdict((GOLDEN / name).read_bytes(), *[path.read_bytes() for path in paths])
    assert result["verdict"] == expected["verdict"]
    if expected["fails"]:
        state = "BROKEN" if expected["verdict"] == "invalid" else "UNCHECKED"
        assert result["checks"][expected["fails"]]["state"] == state
    if expected["verdict"] == "valid":
        assert result["completeness"] == expected["completeness"]


def test_run_by_an_inspector_it_tells_history_checks_and_verdict(tmp_path: Path) -> None:
    result = run(tmp_path, GOLDEN / "personal.json", "--policy", GOLDEN / "policy.txt")
    assert (result.returncode, result.stderr) == (0, "")
    assert "VALID 有效" in result.stdout
    assert "application.submitted/1  staff/MZ0012  #2" in result.stdout
    assert "amount 676.00" in result.stdout
    assert "name: 测试甲" in result.stdout
    assert all(f" {name} " in result.stdout for name in VERIFIER.CHECKS)
    assert "ASSERTED BY THE BUREAU" in result.stdout


@pytest.mark.parametrize("name", ["valid.json", "bad/entry-edited.json", "one-witness.json"])
def test_the_exit_code_is_that_of_the_verdict(name: str, tmp_path: Path) -> None:
    result = run(tmp_path, GOLDEN / name, "--policy", GOLDEN / EXPECTED[name]["policy"], "--json")
    document = json.loads(result.stdout)
    assert document["verdict"] == EXPECTED[name]["verdict"]
    assert result.returncode == EXITS[document["verdict"]]
    assert list(document["checks"]) == list(VERIFIER.CHECKS)


def test_what_cannot_be_read_or_followed_is_exit_2(tmp_path: Path) -> None:
    assert run(tmp_path, "absent.json", "--policy", GOLDEN / "policy.txt").returncode == 2
    (tmp_path / "bad-policy").write_bytes(b"quorum nobody\n")
    result = run(tmp_path, GOLDEN / "valid.json", "--policy", "bad-policy")
    assert (result.returncode, result.stdout) == (2, "")
    assert "line 1 of the policy" in result.stderr


def test_no_byte_can_be_changed_removed_or_added() -> None:
    """Each position once, with a random change: the verdict is never `valid`, nor does anything else go wrong."""
    data, policy = (GOLDEN / "disclosed.json").read_bytes(), golden_policy("policy.txt")
    assert verdict(data, policy)["verdict"] == "valid"
    chance = random.Random(4)
    for at in range(len(data)):
        flipped = bytes([data[at] ^ chance.randrange(1, 256)])
        changed = chance.choice([flipped, b"", data[at : at + 1] + bytes([chance.randrange(256)])])
        assert verdict(data[:at] + changed + data[at + 1 :], policy)["verdict"] != "valid", at


def test_a_forger_who_mends_the_digest_changes_nothing_unseen() -> None:
    """Every text and number leads to the signature; `index` and `of` of a disclosure merely place its path."""
    dossier, policy = json.loads((GOLDEN / "disclosed.json").read_bytes()), golden_policy("policy.txt")
    places = [*places_of(dossier)]
    assert len(places) > 50
    for number, (holder, key) in enumerate(places):
        kept = holder[key]
        if isinstance(kept, int):
            changes: list[Any] = [kept + 1]
        else:
            spots = random.Random(number).sample(range(len(kept)), min(len(kept), 8))
            changes = [kept[:at] + ("A" if kept[at] != "A" else "B") + kept[at + 1 :] for at in spots]
        for change in changes:
            holder[key] = change
            assert verdict(resealed(dossier), policy)["verdict"] != "valid", (key, kept, change)
        holder[key] = kept
    assert verdict(resealed(dossier), policy)["verdict"] == "valid"


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where the texts and numbers of a dossier stand: (object or array, key or index)."""
    for key in value if isinstance(value, dict) else range(len(value)):
        if isinstance(value[key], dict | list):
            yield from places_of(value[key])
        elif key not in ("digest", "index", "of") or "head" in value:
            yield value, key


POLICY_VARIANTS = [
    ("{log}\nquorum none\n", "valid"),
    ("# mine\n\n \t{log} https://county.example/\n\t{a}\n{b}\nquorum province\n", "valid"),
    ("{log}\n{a}\n{b}\ngroup g any province prefecture\nquorum g\n", "valid"),
    ("{log}\n{a}\n{b}\ngroup g 2 province prefecture\nquorum g\n", "valid"),
    ("{log}\n{a}\n{c}\ngroup g all province other\nquorum g\n", "could not check"),
    ("{log}\n{a}\n{c}\ngroup g 1 province other\nquorum g\n", "valid"),
    ("{log}\n{a}\n{b}\n{c}\ngroup in any province other\ngroup out all in prefecture\nquorum out\n", "valid"),
    ("{log}\n{c}\nquorum other\n", "could not check"),
    ("{a}\nquorum province\n", "invalid"),
]
BAD_POLICIES = [
    "{log}\n",
    "{log}\nquorum absent\n",
    "{log}\nquorum none\nquorum none\n",
    "{log}\r\nquorum none\r\n",
    "{log}\n{log}\nquorum none\n",
    "{log}\n{a}\n{a}\nquorum none\n",
    "{log}\n{a}\ngroup g 2 province\nquorum g\n",
    "{log}\n{a}\ngroup g 0 province\nquorum g\n",
    "{log}\n{a}\ngroup g all none\nquorum g\n",
    "{log}\n{a}\ngroup g any province\ngroup h any province\nquorum g\n",
    "{log}\n{a}\ngroup g all province province\nquorum g\n",
    "{log}\n{a}\ngroup province all province\nquorum none\n",
    "{log}\nwitness none x\nquorum none\n",
    "{log} one two\nquorum none\n",
    "quorum none none\n",
    "tile {log}\nquorum none\n",
]


def filled(text: str) -> bytes:
    log, province, prefecture = golden_policy("policy.txt").decode().splitlines()[:3]
    raw = b"\x04" + bytes(range(32))
    key_id = hashlib.sha256(b"other.example\n" + raw).hexdigest()[:8]
    other = f"witness other other.example+{key_id}+{base64.b64encode(raw).decode()}"
    return text.format(log=log, a=province, b=prefecture, c=other).encode()


@pytest.mark.parametrize(("text", "expected"), POLICY_VARIANTS)
def test_a_policy_is_followed(text: str, expected: str) -> None:
    assert verdict((GOLDEN / "valid.json").read_bytes(), filled(text))["verdict"] == expected


@pytest.mark.parametrize("text", BAD_POLICIES)
def test_a_policy_that_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(VERIFIER.Refused):
        VERIFIER.Policy(filled(text))


def test_the_script_fits_in_one_sitting_and_takes_nothing_but_cryptography() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert source.count("\n") <= LINES_MAX
    tree = ast.parse(source, feature_version=(3, 9))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    top = {name.split(".")[0] for name in named}
    allowed = {"__future__", "argparse", "base64", "collections", "datetime", "hashlib", "json", "pathlib", "re"}
    assert top <= allowed | {"sys", "typing", "cryptography"}
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"eval", "exec", "compile", "open", "__import__"}
    assert not re.search(r"\bopen\(|write_|unlink|mkdir|urllib|socket", source)

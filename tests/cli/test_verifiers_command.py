"""`mingzhang audit verifiers`: what is handed to an inspector is what is released, and nothing is overwritten."""

import hashlib
import zipfile
from pathlib import Path

import audit

FOLDER = Path(audit.__file__).with_name("verifiers")
NAMES = ("verify_dossier.py", "verifier.html")


def test_both_verifiers_are_written_with_their_hashes_and_without_a_ledger(run, tmp_path):
    made = run("audit", "verifiers", "out/for-the-inspector", "--json")
    assert (made.exit_code, made.err) == (0, "")
    assert [one["name"] for one in made.document["files"]] == list(NAMES)
    for one in made.document["files"]:
        content = (tmp_path / "out" / "for-the-inspector" / one["name"]).read_bytes()
        assert content == (FOLDER / one["name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_lines_are_those_that_sha256sum_reads(run):
    made = run("audit", "verifiers", "out")
    digests = [hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in NAMES]
    assert made.out.splitlines() == [f"{digest}  out/{name}" for digest, name in zip(digests, NAMES, strict=True)]
    assert "policy must come from the inspector" in made.err


def test_writing_again_is_harmless_and_another_file_is_never_overwritten(run, tmp_path):
    assert run("audit", "verifiers", "out").exit_code == 0
    assert run("audit", "verifiers", "out").exit_code == 0
    (tmp_path / "out" / NAMES[1]).write_text("mine", encoding="utf-8")
    (tmp_path / "out" / NAMES[0]).unlink()
    refused = run("audit", "verifiers", "out")
    assert refused.exit_code == 2
    assert "never overwritten" in refused.err
    assert (tmp_path / "out" / NAMES[1]).read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "out" / NAMES[0]).exists()


def test_the_wheel_ships_both(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    root = FOLDER.parents[1]
    [wheel] = WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"audit/verifiers/{name}" for name in NAMES} <= set(names)

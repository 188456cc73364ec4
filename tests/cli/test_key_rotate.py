"""A changed signing key: announced by the old one, followed by the verifier, and never lost on the way."""

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import mingzhang
from domain.events.ledger import KeyAnnounced, KeyRotated
from ledger.hashing import SHA256
from ledger.key_chain import KeyStatement, follow, rotation_signature
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.note import TYPE_ED25519, Signer

ORIGIN = "county.example/ledger"
KEYS = [Signer(ORIGIN, TYPE_ED25519, bytes([number]) * 32) for number in range(4)]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with a ledger that signed one checkpoint."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(mingzhang, arguments, standalone_mode=False)
        found = 0 if result.return_value is None else int(result.return_value)
        assert (found, result.exception) == (code, None), result.output
        return result

    call("init", "--origin", ORIGIN)
    Path("old.vkey").write_text(call("key", "show", "--vkey").stdout)
    call("audit", "checkpoint", "-o", "old.checkpoint")
    return call


def verdict(run: Run, *arguments: str, code: int = 0) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        run("audit", "verify", "--json", *arguments, code=code).stdout
    )
    return found


def record(*events: KeyRotated | KeyAnnounced) -> None:
    with (
        KeyStore.open(Path("mingzhang.db.keys"), ORIGIN, SHA256) as keys,
        Ledger.open("sqlite:///mingzhang.db", keys) as ledger,
        ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording,
    ):
        drafts = tuple(Draft("ledger/main", event) for event in events)
        recording.record(Command("00000000-0000-4000-8000-000000000001", "system/setup", drafts))


def test_old_and_new_checkpoints_verify_from_either_key(run: Run) -> None:
    run("key", "rotate")
    Path("new.vkey").write_text(run("key", "show", "--vkey").stdout)
    run("audit", "checkpoint", "-o", "new.checkpoint")
    assert Path("old.vkey").read_text() != Path("new.vkey").read_text()
    for vkey in ("old.vkey", "new.vkey"):
        for since in ("old.checkpoint", "new.checkpoint"):
            assert verdict(run, "--vkey", vkey, "--since", since)["findings"] == []
    assert "by 2 keys in turn" in run("audit", "verify").stdout


def test_old_key_is_kept_aside_or_destroyed(run: Run) -> None:
    folder = Path("mingzhang.db.keys")
    run("key", "rotate")
    (retired,) = folder.glob("retired-*.key")
    assert retired.stat().st_mode & 0o777 == 0o600
    run("key", "rotate", "--destroy")
    assert list(folder.glob("retired-*.key")) == [retired]
    assert len(list(folder.glob("signing-*.key"))) == 1
    assert not (folder / "signing.key").exists()
    run("audit", "checkpoint")
    assert verdict(run, "--vkey", "old.vkey")["findings"] == []


def test_tiles_of_before_a_rotation_are_told_as_cut_by_a_checkpoint_of_after_it(run: Run) -> None:
    run("export", "tiles", "tiles")
    run("key", "rotate")
    run("audit", "checkpoint", "-o", "new.checkpoint")
    keys = [Path("old.vkey").read_text().strip(), run("key", "show", "--vkey").stdout.strip()]
    Path("both.policy").write_text("".join(f"log {key}\n" for key in keys) + "quorum none\n")
    outside = ("--tiles", "tiles", "--policy", "both.policy", "--since", "new.checkpoint")
    kinds = [one["kind"] for one in verdict(run, *outside, code=1)["findings"]]
    assert kinds and "since-foreign" not in kinds


def test_new_key_that_the_old_one_did_not_sign_for_is_a_finding(run: Run) -> None:
    other = KEYS[1]
    record(KeyRotated(vkey=other.verifier.text, signature=rotation_signature(other, other.verifier.text)))
    found = verdict(run, code=1)["findings"]
    assert [(one["kind"], one["position"]) for one in found] == [("key-unannounced", 2)]


def test_second_announcement_of_another_key_is_not_followed(run: Run) -> None:
    """It is no finding (docs/format.md section 5), and no key: only the old key's signature makes one."""
    record(KeyAnnounced(purpose="log-signing", vkey=KEYS[1].verifier.text))
    assert verdict(run)["findings"] == []
    assert "in turn" not in run("audit", "verify").stdout


def test_checkpoint_of_a_retired_key_beyond_its_time_is_a_finding(run: Run) -> None:
    """Somebody kept the old key and signs the log of today with it."""
    with KeyStore.open(Path("mingzhang.db.keys"), ORIGIN, SHA256) as keys:
        old = keys.signer()
    run("key", "rotate")
    run("audit", "checkpoint", "-o", "new.checkpoint")
    text = Path("new.checkpoint").read_bytes().partition(b"\n\n")[0] + b"\n"
    with Ledger.open("sqlite:///mingzhang.db", None) as ledger:
        ledger.store.add_checkpoint(3, text + b"\n" + old.signature_line(text))
    found = verdict(run, code=1)["findings"]
    assert [one["kind"] for one in found] == ["checkpoint-retired-key"]


def test_chain_takes_only_what_the_last_key_signed() -> None:
    first, second, third, stranger = (key.verifier.text for key in KEYS)
    statements = [
        KeyStatement(1, first),
        KeyStatement(4, third, rotation_signature(KEYS[1], third)),
        KeyStatement(5, second, rotation_signature(KEYS[0], second)),
        KeyStatement(6, stranger, rotation_signature(KEYS[0], stranger)),
        KeyStatement(7, second),
        KeyStatement(8, third, rotation_signature(KEYS[1], third)),
        KeyStatement(9, second, rotation_signature(KEYS[0], second)),
        KeyStatement(10, "no key", rotation_signature(KEYS[2], "no key")),
        KeyStatement(11, first, "bm8="),
    ]
    chain = follow(statements, ORIGIN)
    assert [key.text for key in chain.verifiers] == [first, second, third]
    assert chain.retired_at == [5, 8]
    assert [one.position for one in chain.unannounced] == [4, 6, 9, 10, 11]
    assert [chain.size_max(key.verifier) for key in KEYS] == [5, 8, None, None]
    assert follow(statements, "other.example").verifiers == []


_KILLED = """
import os, sys
from cli.main import mingzhang
import ledger.key_rotation as rotation, ledger.keyfile as keyfile
steps = int(sys.argv[1])
def counted(function):
    def call(*arguments, **options):
        global steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), 9)
        return function(*arguments, **options)
    return call
for name in ("fsync", "link", "unlink", "rename", "replace", "open"):
    setattr(os, name, counted(getattr(os, name)))
mingzhang.main(["key", "rotate", *sys.argv[2:]])
"""


@pytest.mark.parametrize("options", [[], ["--destroy"]])
def test_killed_at_any_step_one_key_signs_and_the_next_run_ends_it(run: Run, options: list[str]) -> None:
    """Whatever the step, the folder's key signs or the command says to go on; then exactly one key is in use."""
    folder = Path("mingzhang.db.keys")
    killed = 0
    for step in (*range(1, 60, 6), 5, 9, 15):
        ended = subprocess.run([sys.executable, "-c", _KILLED, str(step), *options], capture_output=True, check=False)
        killed += ended.returncode == -9
        with KeyStore.open(folder, ORIGIN, SHA256) as keys:
            assert keys.signer().verifier.text == keys.verifier_key()
    assert killed > 3
    run("key", "rotate", *options)
    assert len([*folder.glob("signing-*.key"), *folder.glob("signing.key")]) == 1
    run("audit", "checkpoint")
    assert verdict(run, "--vkey", "old.vkey")["findings"] == []


def test_interrupted_change_must_end_before_the_next_checkpoint(run: Run) -> None:
    """The log announces the new key, the folder still has the old one: signing with it would be a finding."""
    with KeyStore.open(Path("mingzhang.db.keys"), ORIGIN, SHA256) as keys:
        old = keys.signer()
    record(KeyRotated(vkey=KEYS[1].verifier.text, signature=rotation_signature(old, KEYS[1].verifier.text)))
    assert "key rotate" in run("audit", "checkpoint", code=2).stderr
    assert verdict(run)["findings"] == []


def test_two_changes_at_once_leave_one_chain(run: Run) -> None:
    command = [sys.executable, "-c", "from cli.main import main; main()", "key", "rotate"]
    runs = [subprocess.Popen(command, stdout=-1, stderr=-1) for _ in range(2)]
    for one in runs:
        one.communicate()
    assert 0 in [one.returncode for one in runs]
    run("audit", "checkpoint")
    assert verdict(run, "--vkey", "old.vkey")["findings"] == []

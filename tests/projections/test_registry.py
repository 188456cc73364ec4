"""Adding a register means one file: it is found by being there, then followed, rebuilt and checked like the others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projections import registers
from projections.registry import REGISTERS, registers_in

ROOT = Path(__file__).parents[2]
NEW_REGISTER = '''"""The applications of each channel."""

from projections.register import Register, plain
from projections.table import Table, texts

CHANNEL = Table("channel_used", texts("case_id", "channel"), ("case_id",))
CHANNELS = Register("channels", (CHANNEL,), {"application.submitted/1": plain(CHANNEL, "channel")})
'''
# One process for several commands, with one file more in the folder of the registers; nothing else is told of it.
PROGRAM = """
import sys
from projections import registers
registers.__path__.append(sys.argv[1])
from cli.main import mingzhang
for line in sys.stdin.read().splitlines():
    print(mingzhang.main(line.split(), standalone_mode=False))
"""


def with_new_register(folder: Path, *commands: str) -> list[tuple[dict[str, object], int]]:
    """Run commands of a program that has the new file; return the document and the exit code of each."""
    (folder / "more").mkdir(exist_ok=True)
    (folder / "more" / "channels.py").write_text(NEW_REGISTER, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder / "more"],
        input="\n".join(commands),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = found.stdout.splitlines()
    assert len(lines) == 2 * len(commands), found.stderr
    return [(json.loads(lines[at]), int(lines[at + 1])) for at in range(0, len(lines), 2)]


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_register_of_one_file_is_followed_rebuilt_and_checked(county, run, new_postgres, store):
    url = "sqlite:///mingzhang.db"
    if store == "postgres":
        url = new_postgres()
        assert run("restore", "mingzhang.db", "--db", url, "--keys", "mingzhang.db.keys").exit_code == 0
        assert run("projection", "rebuild", "--db", url, "--keys", "mingzhang.db.keys").exit_code == 0
    before = run("projection", "check", "--json", "--db", url, "--keys", "mingzhang.db.keys").document
    place = f"--json --db {url} --keys mingzhang.db.keys"
    outdated, followed, checked, rebuilt, again = with_new_register(
        county,
        f"projection status {place}",
        f"register caseload {place}",
        f"projection check {place}",
        f"projection rebuild {place}",
        f"projection status {place}",
    )
    assert outdated[0]["current"] is False
    assert len(followed[0]["rows"]) > 10
    assert (checked[1], checked[0]["same"]) == (0, True)
    assert checked[0]["rows"] == before["rows"] + 30  # the county has 30 applications
    assert rebuilt[0]["lag"] == 0
    assert again[0]["current"] is True


def test_every_file_of_the_folder_is_a_register_that_is_kept():
    files = {path.stem for path in Path(registers.__path__[0]).glob("*.py")} - {"__init__"}
    assert {one.name.replace("-", "_") for one in REGISTERS} == files


def test_two_registers_of_one_name_are_refused(tmp_path, monkeypatch):
    (tmp_path / "channels.py").write_text(NEW_REGISTER, encoding="utf-8")
    (tmp_path / "channels_too.py").write_text(NEW_REGISTER, encoding="utf-8")
    monkeypatch.setattr(registers, "__path__", [*registers.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match="channels"):
        registers_in(registers)
    for name in ("channels", "channels_too"):
        sys.modules.pop(f"{registers.__name__}.{name}", None)
        vars(registers).pop(name, None)

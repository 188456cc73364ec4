"""A ledger of a small synthetic county, made once with the commands themselves, and a way to run commands."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import words
from cli.main import mingzhang


@dataclass(frozen=True)
class Outcome:
    """What one command printed, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


def run_command(*arguments: object, folder: Path | None = None, **environment: str) -> Outcome:
    """Run `mingzhang` with these arguments, in a folder, in English and in no special environment."""
    before = Path.cwd()
    blank = {"MINGZHANG_DB": None, "MINGZHANG_PASSPHRASE": None, "MINGZHANG_DEBUG": None, "LC_ALL": None}
    try:
        if folder is not None:
            os.chdir(folder)
        result = CliRunner().invoke(
            mingzhang,
            [str(argument) for argument in arguments],
            env={**blank, "LC_MESSAGES": None, "LANG": "C.UTF-8", **environment},
            catch_exceptions=False,
        )
    finally:
        os.chdir(before)
        words.choose("en")
    return Outcome(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run commands in a folder of the test's own."""

    def run_here(*arguments: object, **environment: str) -> Outcome:
        return run_command(*arguments, folder=tmp_path, **environment)

    return run_here


@pytest.fixture(scope="session")
def county_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a county, and a ledger `mingzhang.db` that has loaded them."""
    folder = tmp_path_factory.mktemp("county")
    made = run_command("simulate", "files", "--households", 30, "--months", 3, folder=folder)
    assert made.exit_code == 0, made.err
    assert run_command("init", folder=folder).exit_code == 0
    loaded = run_command("import", "files", folder=folder)
    assert loaded.exit_code in (0, 1), loaded.err
    assert run_command("projection", "rebuild", folder=folder).exit_code == 0
    return folder


@pytest.fixture
def county(county_made_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder which the test may change; it is the folder in which `run` runs."""
    shutil.copytree(county_made_once, tmp_path, dirs_exist_ok=True)
    return tmp_path

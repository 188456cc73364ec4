"""The rules of the house that a program can check: layers, sizes, packaging, the lock."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("domain", "ledger", "projections", "audit", "cli")
SOURCES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def test_imports_point_down_only() -> None:
    """Every contract of import-linter holds."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_package_is_under_a_contract_and_in_the_wheel() -> None:
    """A new top-level package cannot slip past the layers, or be forgotten in the distribution."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    assert packages == set(FOLDERS)
    assert {name.strip() for layer in layers for name in layer.split("|")} == packages
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert all((ROOT / name / "py.typed").is_file() for name in packages)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_lives_there(path: Path) -> None:
    """At most 500 lines, a first docstring line that is a sentence, and no function over 70 lines."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= FILE_LINES_MAX
    assert (ast.get_docstring(tree) or "").strip()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{path.name}:{node.lineno} {node.name} is {length} lines long"


def test_tests_shadow_no_package() -> None:
    """tests/domain/__init__.py would hide the real `domain`."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_test_files_have_names_of_their_own() -> None:
    """Two test files of one name confuse whoever reads a report."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_the_lock_pins_hashes_and_names_no_index() -> None:
    """Anyone's package index serves, and it cannot serve something else."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", lock, re.MULTILINE)
    assert len(pins) > 30
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "http" not in lock
    assert "index-url" not in lock


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml asks for stands in the lock."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    names = [re.split(r"[\[<>=~ ]", line)[0].lower() for line in wanted]
    assert [name for name in names if f"\n{name}==" not in f"\n{lock}" and f"\n{name}[" not in lock] == []

"""No room on the disk during an import and a checkpoint: a clear error, nothing half written, sound afterwards."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; from cli.main import main; sys.argv[0] = 'mingzhang'; main()"


def mingzhang(folder: Path, *arguments: str, file_bytes_max: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, in which no file may grow beyond a size."""

    def limit() -> None:
        if file_bytes_max is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as it does on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))

    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    made = mingzhang(folder, "simulate", "files", "--households", "20", "--months", "2")
    assert made.returncode == 0, made.stderr
    assert mingzhang(folder, "init").returncode == 0
    return folder


def test_a_disk_that_fills_up_leaves_nothing_half_written(desk: Path) -> None:
    before = (desk / "mingzhang.db").stat().st_size
    for room in (before + 4096, before + 65_536, before + 200_000):
        full = mingzhang(desk, "import", "files", file_bytes_max=room)
        assert full.returncode == 3, full.stderr
        assert "Traceback" not in full.stderr
        # The sealing keys are written before the entries, into a file that may be the first to fill up.
        refused = ("database failed", "operating system refused", "cannot be used (d")
        assert any(words in full.stderr for words in refused), full.stderr
        checked = mingzhang(desk, "audit", "verify", "--json")
        assert checked.returncode == 0, checked.stdout
        assert '"size": 2,' in checked.stdout
    loaded = mingzhang(desk, "import", "files")
    assert loaded.returncode in (0, 1), loaded.stderr
    root = [line for line in mingzhang(desk, "status").stdout.splitlines() if line.startswith("root")]
    assert "Nothing new" in mingzhang(desk, "import", "files").stdout
    for room in (0, 64, 4096):
        full = mingzhang(desk, "audit", "checkpoint", "-o", "c.checkpoint", file_bytes_max=room)
        assert full.returncode == 3, full.stderr
        assert "Traceback" not in full.stderr
        assert not (desk / "c.checkpoint").exists()
        assert not [path for path in (desk / "mingzhang.db.keys").iterdir() if path.name.startswith(".")]
        assert mingzhang(desk, "audit", "verify").returncode == 0
    assert mingzhang(desk, "audit", "checkpoint", "-o", "c.checkpoint").returncode == 0
    assert mingzhang(desk, "audit", "verify", "--since", "c.checkpoint").returncode == 0
    assert root == [line for line in mingzhang(desk, "status").stdout.splitlines() if line.startswith("root")]

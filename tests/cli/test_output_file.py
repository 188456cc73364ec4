"""The file of -o: whole or not there, and a pipe stays a pipe."""

import os
import stat
import threading
from pathlib import Path

import pytest

from cli.errors import BadOption
from cli.output_file import becoming, check_output, write_output


def test_file_is_written_over_an_older_one_with_its_mode(tmp_path: Path) -> None:
    output = tmp_path / "note"
    output.write_bytes(b"older and longer")
    write_output(output, b"new", 0o600)
    assert output.read_bytes() == b"new"
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [output]


def test_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_output(pipe, b"sent")
    reader.join(timeout=20)
    assert read == [b"sent"]
    assert pipe.is_fifo()


def test_what_failed_half_way_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path) -> None:
    output = tmp_path / "log.json"
    output.write_text("older", encoding="utf-8")

    def fail() -> None:
        with becoming(output) as path:
            path.write_text("half", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert output.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [output]


def test_folder_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadOption) as refused:
        check_output(tmp_path / "none" / "note")
    assert (refused.value.where, refused.value.found) == ("--output", str(tmp_path / "none"))
    check_output(None)

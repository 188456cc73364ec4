"""A log as a folder of tiles: names, what is written and when, and reading it back."""

import fcntl
import os
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.hashing import HASH_BYTES, SHA256, SM3, Suite
from ledger.note import TYPE_ED25519, Signer, sign_note
from ledger.store import Store
from ledger.store_errors import DatabaseFailed, NotALedger, StoreDamaged
from ledger.tile_export import TEMPORARY_NAME, Exported, FolderForeign, FolderTaken, export_tiles
from ledger.tile_folder import TileFolder
from ledger.tile_names import TileName, blob_path, number_path, parse_blob_path, parse_tile_path, tile_path, width_at
from ledger.tiles import perfect_root, root_from_tiles

ORIGIN = "county.example/ledger"
SIGNER = Signer(ORIGIN, TYPE_ED25519, bytes(range(32)))
SIZE = 600


def fill(store: Store, commands, size: int) -> None:
    with store.writer() as writer:
        while writer.size < size:
            writer.append(commands.made(writer, [f"case/c{writer.size % 7}"]))


@pytest.fixture
def store(make_sqlite, commands) -> Store:
    made: Store = make_sqlite()
    fill(made, commands, SIZE)
    return made


def signed(store: Store, size: int, origin: str = ORIGIN) -> tuple[Checkpoint, bytes]:
    checkpoint = Checkpoint(origin, size, root_from_tiles(store.suite, size, store.tile))
    return checkpoint, sign_note(checkpoint_text(checkpoint), SIGNER)


def export(store: Store, folder: Path, size: int) -> Exported:
    checkpoint, note = signed(store, size)
    return export_tiles(store, checkpoint, note, folder)


def paths(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# Names


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (999, "999"), (1_000, "x001/000"), (1_234_067, "x001/x234/067")]
)
def test_a_number_is_written_in_groups_of_three_digits(number: int, path: str) -> None:
    assert number_path(number) == path
    assert parse_tile_path(f"tile/0/{path}") == TileName(0, number, 256)
    assert parse_blob_path(f"blobs/{path}") == number
    assert blob_path(number) == f"blobs/{path}"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 273, 112), "tile/0/273.p/112"),
        (TileName(None, 273, 112), "tile/entries/273.p/112"),
        (TileName(63, 1_000, 256), "tile/63/x001/000"),
    ],
)
def test_the_path_of_a_tile_says_level_number_and_width(name: TileName, path: str) -> None:
    assert tile_path(name) == path
    assert parse_tile_path(path) == name


@pytest.mark.parametrize(
    "path",
    [
        *("tile/64/000", "tile/00/000", "tile/0/0", "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256"),
        *("tile/0/001.p/01", "tile/0/1000", "tile/0/x001", "tile/data/000", "tile/0/000/", "tiles/0/000"),
    ],
)
def test_other_paths_are_no_tiles(path: str) -> None:
    assert parse_tile_path(path) is None


def test_widths_at_70000_are_those_of_the_specification() -> None:
    assert [width_at(0, index, 70_000) for index in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_at(1, index, 70_000) for index in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(2, index, 70_000) for index in (0, 1)] == [1, 0]
    assert width_at(3, 0, 70_000) == 0


# Writing


def test_the_folder_holds_tiles_bundles_and_the_checkpoint(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, SIZE)
    names = {f"tile/{level}/{name}" for level in ("0", "entries") for name in ("000", "001", "002.p/88")}
    assert paths(folder) == {"checkpoint", "tile/1/000.p/2"} | names
    assert (folder / "checkpoint").read_bytes() == signed(store, SIZE)[1]
    first = (folder / "tile/0/000").read_bytes()
    assert (folder / "tile/1/000.p/2").read_bytes()[:HASH_BYTES] == perfect_root(SHA256, first)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, SIZE])
def test_every_size_gives_its_own_root_back(size: int, store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", size)
    folder = TileFolder(tmp_path / "tiles")
    assert folder.head().size == size
    assert root_from_tiles(SHA256, size, folder.tile) == signed(store, size)[0].root
    assert list(folder.records()) == list(store.records(0, size))
    assert list(folder.faults()) == []


def test_an_export_goes_on_where_the_last_one_stopped(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, 300)
    full = folder / "tile/0/000"
    written = full.stat().st_mtime_ns
    done = export(store, folder, SIZE)
    assert (done.start, done.size) == (300, SIZE)
    assert full.stat().st_mtime_ns == written
    anew = tmp_path / "anew"
    export(store, anew, SIZE)
    own = paths(folder)
    assert paths(anew) <= own
    assert all((folder / path).read_bytes() == (anew / path).read_bytes() for path in paths(anew))


def test_partial_tiles_stay_until_the_full_ones_are_there(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, 300)
    export(store, folder, 400)
    assert {"tile/0/001.p/44", "tile/0/001.p/144"} <= paths(folder)
    assert list(TileFolder(folder).faults()) == []
    export(store, folder, SIZE)
    assert "tile/0/001" in paths(folder)
    assert not any(path.startswith(("tile/0/001.p", "tile/entries/001.p")) for path in paths(folder))


def test_the_checkpoint_is_the_last_file_to_come(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        order.append(Path(target).name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    export(store, tmp_path / "tiles", SIZE)
    assert order.index("checkpoint") == len(order) - 1
    assert len(order) > 5


def test_an_interrupted_export_is_written_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, 300)
    before = (folder / "checkpoint").read_bytes()
    with monkeypatch.context() as patched:

        def fails(self: Path, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        patched.setattr(Path, "write_bytes", fails)
        with pytest.raises(OSError, match="No space left"):
            export(store, folder, SIZE)
    (folder / TEMPORARY_NAME).write_bytes(b"half a tile")
    (folder / "tile/0/001").write_bytes(b"of an export that stopped")
    assert (folder / "checkpoint").read_bytes() == before
    export(store, folder, SIZE)
    assert list(TileFolder(folder).faults()) == []
    assert root_from_tiles(SHA256, SIZE, TileFolder(folder).tile) == signed(store, SIZE)[0].root


def test_a_second_export_waits_for_the_first(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    held: list[bool] = []

    def is_held(_count: int) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.append(True)
        finally:
            os.close(descriptor)

    checkpoint, note = signed(store, SIZE)
    export_tiles(store, checkpoint, note, folder, on_progress=is_held)
    assert held == [True] * 3


def test_a_folder_of_another_log_is_refused(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    folder.mkdir()
    (folder / "checkpoint").write_bytes(signed(store, 300, "other.example/ledger")[1])
    with pytest.raises(FolderForeign) as caught:
        export(store, folder, SIZE)
    assert caught.value.signed.origin == "other.example/ledger"
    assert paths(folder) == {"checkpoint"}


def test_a_folder_of_a_history_that_the_ledger_does_not_continue_is_refused(
    store: Store, make_sqlite, commands, tmp_path: Path
) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, 300)
    rewritten = make_sqlite()
    fill(rewritten, commands, SIZE)
    before = {path: (folder / path).read_bytes() for path in paths(folder)}
    with pytest.raises(FolderForeign) as caught:
        export(rewritten, folder, SIZE)
    assert caught.value.signed == signed(store, 300)[0]
    assert {path: (folder / path).read_bytes() for path in paths(folder)} == before


def test_a_folder_beyond_the_checkpoint_is_refused(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", SIZE)
    with pytest.raises(FolderForeign, match="600 entries"):
        export(store, tmp_path / "tiles", 300)


def test_entries_that_the_tree_does_not_have_are_not_exported(store: Store, tmp_path: Path) -> None:
    class Edited:
        suite, tile, blob_positions = store.suite, store.tile, store.blob_positions

        def records(self, start: int, stop: int):
            for record in store.records(start, stop):
                yield record._replace(entry=record.entry + b"x") if record.position == 299 else record

    checkpoint, note = signed(store, SIZE)
    with pytest.raises(StoreDamaged, match="entries 256 to 511"):
        export_tiles(Edited(), checkpoint, note, tmp_path / "tiles")  # type: ignore[arg-type]
    assert "checkpoint" not in paths(tmp_path / "tiles")


# Reading


def test_a_log_of_sm3_is_read_as_one(make_sqlite, commands, tmp_path: Path) -> None:
    sm3: Store = make_sqlite(SM3)
    fill(sm3, commands, 300)
    export(sm3, tmp_path / "tiles", 300)
    folder = TileFolder(tmp_path / "tiles")
    suite: Suite = folder.suite
    assert suite is SM3
    assert root_from_tiles(SM3, 300, folder.tile) == sm3.head().root


def test_what_a_store_answers_a_folder_answers_too(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", SIZE)
    folder = TileFolder(tmp_path / "tiles")
    assert (folder.origin, folder.head()) == (ORIGIN, store.head())
    assert list(folder.stream("case/c3", 5)) == list(store.stream("case/c3", 5))
    assert folder.last_of("case/c3") == store.last_of("case/c3")
    assert list(folder.records_of_type("note.made/1")) == list(store.records())
    assert folder.record(299) == store.record(299)
    assert folder.record(SIZE) is None
    assert list(folder.stream_names("case/")) == list(store.stream_names("case/"))
    assert list(folder.by_stream("case/", [], 200)) == list(store.by_stream("case/", [], 200))
    assert list(folder.records(250, 260)) == list(store.records(250, 260))
    assert list(folder.tiles()) == list(store.tiles())


@pytest.mark.parametrize("content", [None, b"", b"no note"])
def test_a_folder_without_a_checkpoint_is_none(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "checkpoint").write_bytes(content)
    with pytest.raises(NotALedger):
        TileFolder(tmp_path)


def test_a_claimed_size_that_nothing_bears_out_is_not_walked_through(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", SIZE)
    vast = Checkpoint(ORIGIN, (1 << 53) - 1, bytes(32))
    (tmp_path / "tiles/checkpoint").write_bytes(sign_note(checkpoint_text(vast), SIGNER))
    folder = TileFolder(tmp_path / "tiles")
    assert folder.checkpoint.size == (1 << 53) - 1
    assert folder.head().size == SIZE


@pytest.mark.parametrize(
    "path", ["notes.txt", "tile/0/002", "tile/0/007", "tile/3/000.p/1", "tile/entries/002.p/89", ".writing", "tile/x"]
)
def test_a_file_too_many_is_told(path: str, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, SIZE)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(bytes(32))
    assert [fault.object for fault in TileFolder(folder).faults()] == [path]


@pytest.mark.parametrize("name", ["tile/0/001.p/44", "tile/entries/001.p/44"])
def test_an_older_partial_tile_must_be_the_beginning_of_the_newer(name: str, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    export(store, folder, 300)
    export(store, folder, 400)
    whole = (folder / name).read_bytes()
    for wrong in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        (folder / name).write_bytes(wrong)
        assert [fault.object for fault in TileFolder(folder).faults()] == [name]


def test_a_ledger_in_postgresql_gives_the_same_folder(make_postgres, commands, tmp_path: Path) -> None:
    made: Store = make_postgres()
    fill(made, commands, 300)
    checkpoint, note = signed(made, 300)
    with made.snapshot() as reader:
        done = export_tiles(reader, checkpoint, note, tmp_path / "tiles", with_blobs=True)
    folder = TileFolder(tmp_path / "tiles")
    assert (done.size, done.blobs) == (300, 0)
    assert list(folder.records()) == list(made.records())
    assert root_from_tiles(SHA256, 300, folder.tile) == made.head().root


def test_a_vast_number_in_a_name_is_not_walked_through_either(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", SIZE)
    vast = Checkpoint(ORIGIN, (1 << 53) - 1, bytes(32))
    (tmp_path / "tiles/checkpoint").write_bytes(sign_note(checkpoint_text(vast), SIGNER))
    far = tmp_path / "tiles/tile/0/x034/x000/x000/x000/000"
    far.parent.mkdir(parents=True)
    far.write_bytes(bytes(8192))
    assert TileFolder(tmp_path / "tiles").head().size == SIZE


def test_a_pipe_in_the_place_of_a_tile_is_no_tile(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "tiles", SIZE)
    (tmp_path / "tiles/tile/0/000").unlink()
    os.mkfifo(tmp_path / "tiles/tile/0/000")
    assert TileFolder(tmp_path / "tiles").tile(0, 0) is None


def test_what_cannot_be_read_is_not_taken_for_missing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, tmp_path / "tiles", SIZE)
    folder = TileFolder(tmp_path / "tiles")

    def refuses(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuses)
    with pytest.raises(DatabaseFailed, match="Permission denied"):
        folder.tile(0, 0)


def test_a_folder_of_other_files_is_left_alone(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    folder.mkdir()
    (folder / "letter.txt").write_text("not of a log")
    with pytest.raises(FolderTaken, match=r"letter\.txt"):
        export(store, folder, SIZE)

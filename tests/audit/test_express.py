"""The express way over several tiles: it takes what is in order, and with it or without it the result is the same."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from audit.result import Verification
from audit.verification import verify
from ledger.chain import ChainChecker
from ledger.entry import NO_PREVIOUS, Entry, Seal, encode_entry, parse_entry
from ledger.express import Express
from ledger.hashing import SHA256
from ledger.sqlite import SQLiteStore
from ledger.writer import prepared

ORIGIN = "county.example/ledger"
SIZE = 700
COMMAND_ENTRIES = 7


def entries(store: SQLiteStore) -> None:
    """Write 700 entries of 9 streams in commands of seven; one in five is sealed, each fourth cites the first."""
    heads: dict[str, tuple[int, bytes]] = {}
    batch = []
    for position in range(SIZE):
        stream = f"case/c{position % 9}" if position else "import/main"
        seq, prev = heads.get(stream, (0, NO_PREVIOUS))
        first = position - position % COMMAND_ENTRIES
        blob = b"%067d" % position if position % 5 == 0 else None
        seal = Seal(f"{position % 9:032x}", SHA256.hash(blob), bytes(32)) if blob and position else None
        payload = {"amount_fen": position, "channel": "本人，申请"}
        if position % 4 == 1:
            payload |= {"source": {"file": {"seq": 1, "stream": "import/main"}, "row": position}}
        at = f"2026-03-01T08:{first // 60:02}:{first % 60:02}.000000Z"
        command = f"{first:08x}-0000-4000-8000-{first:012x}"
        place = position - first + 1
        topic = f"thing.done-{'abc'[position % 3]}/1"
        entry = Entry(
            SHA256.name, ORIGIN, stream, seq + 1, topic, prev, at, "staff/a", command,
            place, COMMAND_ENTRIES, seal, payload,
        )  # fmt: skip
        data = encode_entry(entry)
        heads[stream] = (seq + 1, SHA256.leaf(data))
        batch.append(prepared(SHA256, ORIGIN, entry, data, blob if seal else None))
        if place == COMMAND_ENTRIES and first % 5 == 0:
            with store.writer() as writer:
                writer.append(batch)
            batch = []
    with store.writer() as writer:
        writer.append(batch)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("express") / "ledger.db"
    with SQLiteStore.create(path, ORIGIN, SHA256) as store:
        entries(store)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.commit()
    return path


def both(path: Path) -> Verification:
    with SQLiteStore.open(path, read_only=True) as store:
        result = verify(store)
        assert result == verify(store, express=False)
    return result


def test_a_sound_log_has_no_finding_but_its_missing_guards(sound: Path) -> None:
    result = both(sound)
    assert (result.size, result.streams, {one.kind for one in result.findings}) == (SIZE, 10, {"schema"})


def test_nearly_all_rows_of_a_sound_log_take_the_express_way(sound: Path) -> None:
    with SQLiteStore.open(sound, read_only=True) as store:
        rows = list(store.records())
    checker = ChainChecker(SHA256, ORIGIN)
    express = Express(SHA256, ORIGIN, checker)
    taken = position = 0
    while position < SIZE:
        passed = express.take(rows[position:], position, sealed=True)
        taken += len(passed.leaves)
        position += len(passed.leaves)
        if position < SIZE:
            assert checker.check(position, rows[position].entry) == []
            express.learn(parse_entry(rows[position].entry))
            position += 1
    assert taken > SIZE - 30


ACTS = (
    "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '本人', '他人') AS BLOB) WHERE position = {at}",
    "UPDATE entries SET entry = CAST(CAST(entry AS TEXT) || x'0a' AS BLOB) WHERE position = {at}",
    "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '\"import/main\"', '\"import/none\"') AS BLOB)"
    " WHERE position BETWEEN {at} AND {at} + 3",
    "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '{{\"seq\":1', '{{\"seq\":2') AS BLOB)"
    " WHERE position BETWEEN {at} AND {at} + 3",
    "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), ':{at},', ':0{at},') AS BLOB) WHERE position = {at}",
    "UPDATE entries SET stream = CAST(x'ff41' AS TEXT) WHERE position = {at}",
    "UPDATE entries SET type = 'thing.done-x/1' WHERE position = {at}",
    "UPDATE entries SET at = '2026-13-01T08:00:00.000000Z' WHERE position = {at}",
    "UPDATE entries SET \"by\" = 'staff/b' WHERE position = {at}",
    "UPDATE entries SET command = 'x' WHERE position = {at}",
    "UPDATE entries SET seq = seq + 5000 WHERE position = {at}",
    "DELETE FROM entries WHERE position = {at}",
    "DELETE FROM entries WHERE position >= {at}",
    "DELETE FROM blobs WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE blobs SET blob = zeroblob(80) WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE blobs SET position = -position WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE commands SET n = n + 1 WHERE position BETWEEN {at} AND {at} + 7",
    "DELETE FROM commands WHERE position BETWEEN {at} AND {at} + 7",
    "UPDATE commands SET command = 'x' || command WHERE position BETWEEN {at} AND {at} + 7",
    "UPDATE heads SET root = zeroblob(32) WHERE size BETWEEN {at} AND {at} + 40",
    "DELETE FROM heads WHERE size >= {at}",
    "UPDATE heads SET size = size + 1 WHERE size = (SELECT min(size) FROM heads WHERE size >= {at})",
    "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND idx = {at} / 256",
    "DELETE FROM tiles WHERE level = 0 AND idx = {at} / 256",
    "DELETE FROM tiles WHERE level = 1",
)


@pytest.mark.parametrize("number", range(len(ACTS)))
def test_damage_is_told_in_the_same_words_both_ways(sound: Path, tmp_path: Path, number: int) -> None:
    chance = random.Random(number)
    for _ in range(3):
        path = tmp_path / "copy.db"
        shutil.copyfile(sound, path)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            for act in (ACTS[number], chance.choice(ACTS)):
                try:
                    database.execute(act.format(at=chance.randrange(20, SIZE - 20)))
                except sqlite3.IntegrityError:
                    continue  # the second act asks for what the first has taken
            database.commit()
        assert any(one.kind != "schema" for one in both(path).findings)


def test_single_bytes_of_entries_are_told_in_the_same_words_both_ways(sound: Path, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    path = tmp_path / "copy.db"
    shutil.copyfile(sound, path)
    with closing(sqlite3.connect(path)) as database:
        for _ in range(25):
            position = chance.randrange(SIZE)
            (entry,) = database.execute("SELECT entry FROM entries WHERE position = ?", (position,)).fetchone()
            at = chance.randrange(len(entry))
            broken = entry[:at] + bytes([entry[at] ^ 1 << chance.randrange(8)]) + entry[at + 1 :]
            database.execute("UPDATE entries SET entry = ? WHERE position = ?", (broken, position))
            database.commit()
            first = next(one for one in both(path).findings if one.kind != "schema")
            assert (first.kind, first.position) == ("edited-entry", position)
            database.execute("UPDATE entries SET entry = ? WHERE position = ?", (entry, position))
            database.commit()

"""Verifying in parts and in several processes: the same words as one process, whatever was done, on both stores."""

import multiprocessing
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import audit.crew
import audit.verification
from audit.crew import Crew
from audit.errors import CouldNotCheck
from audit.result import Verification
from audit.verification import verify
from ledger.entry import NO_PREVIOUS, Entry, Seal, encode_entry, header_through_type
from ledger.hashing import SHA256
from ledger.keyfile import ScryptCost
from ledger.keystore import KeyStore
from ledger.sealing import seal
from ledger.sqlite import SQLiteStore
from ledger.stores import create_store, open_store
from ledger.tiles import TreeWriter
from ledger.writer import PreparedEntry, prepared

ORIGIN = "county.example/ledger"
SIZE = 1_299  # six tiles, each a part; 256 is no multiple of three, so that commands lie across the borders
BORDERS = range(256, SIZE, 256)
PASSPHRASE = "a passphrase"
CLOCK = [f"case/clock{number}" for number in range(3)]  # whose entries are dated a year ahead, and taken out later
SPECIAL = {
    0: ("file.received/1", "import/main"),
    300: ("ledger.erasure-requested/1", "ledger/main"),
    600: ("ledger.clock-corrected/1", "ledger/main"),
    900: ("ledger.erasure-effective/1", "ledger/main"),
    **{597 + number: ("thing.done-a/1", stream) for number, stream in enumerate(CLOCK)},
}


def topic_and_stream(position: int) -> tuple[str, str]:
    return SPECIAL.get(position) or (f"thing.done-{'abc'[position % 3]}/1", f"case/c{position * 7 % 40}")


def time_of(first: int) -> str:
    """Return a time that goes back by 200 s now and then, also across a border."""
    seconds = first * 30 + 400 - (200 if first % 7 == 1 else 0)
    return f"2026-03-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000000Z"


def payload_of(position: int, topic: str, kid: str) -> dict[str, Any]:
    if topic.startswith("ledger.erasure"):
        return {"kid": kid}
    if topic == "ledger.clock-corrected/1":
        return {f"entry_{number}": {"seq": 1, "stream": stream} for number, stream in enumerate(CLOCK)}
    payload: dict[str, Any] = {"amount_fen": position, "channel": "本人，申请"}
    if position % 4 == 1:
        payload["source"] = {"file": {"seq": 1, "stream": "import/main"}, "row": position}
    return payload


Change = Callable[[int, Entry, str], Entry]  # of the entry at a position; the text is the key that is erased


def _unchanged(position: int, entry: Entry, erased: str) -> Entry:
    return entry


def commands(keys: KeyStore, change: Change | None = None) -> list[list[PreparedEntry]]:
    """Return commands of three entries in 40 streams: sealed parts, citations, an erasure, a clock corrected."""
    heads: dict[str, tuple[int, bytes]] = {}
    erased, made = keys.key_for("case/erased").kid, []
    keys.flush()
    keys.destroy(erased)
    for first in range(0, SIZE, 3):
        batch: list[PreparedEntry] = []
        at = "2027-01-01T00:00:00.000000Z" if first == 597 else time_of(first)
        for position in range(first, first + 3):
            topic, stream = topic_and_stream(position)
            seq, prev = heads.get(stream, (0, NO_PREVIOUS))
            sealed, blob = None, None
            if position % 5 == 0 and position not in SPECIAL:
                key, header = keys.key_for(stream), header_through_type(SHA256.name, ORIGIN, stream, seq + 1, topic)
                members = {"holder": f"测试{position}"}
                blob, sealed = seal(SHA256, key.key, header, members, os.urandom(32), os.urandom(12))
            entry = Entry(
                SHA256.name, ORIGIN, stream, seq + 1, topic, prev, at, "staff/a",
                f"{first:08x}-0000-4000-8000-{first:012x}", position - first + 1, 3, sealed,
                payload_of(position, topic, erased),
            )  # fmt: skip
            entry = (change or _unchanged)(position, entry, erased)
            data = encode_entry(entry)
            heads[entry.stream] = (entry.seq, SHA256.leaf(data))
            batch.append(prepared(SHA256, ORIGIN, entry, data, blob))
        made.append(batch)
    keys.flush()
    return made


class Made:
    """The sound ledger in one store, and how somebody who owns the database changes it for a moment."""

    def __init__(self, url: str, keys: Path) -> None:
        self.url = url
        self.keys = keys

    def results(self, *, keys: bool = True, jobs: int = 3) -> tuple[Verification, Verification]:
        """Return what one process says, and what is said in parts."""
        with open_store(self.url, read_only=True) as store:
            opened = KeyStore.open(self.keys, ORIGIN, SHA256, PASSPHRASE) if keys else None
            try:
                return verify(store, keys=opened), verify(store, keys=opened, jobs=jobs)
            finally:
                if opened:
                    opened.close()

    def change(self, *statements: str) -> Callable[[], None]:
        """Change what is stored, guards or not; return what puts everything back."""
        raise NotImplementedError


class InSQLite(Made):
    def change(self, *statements: str) -> Callable[[], None]:
        path = Path(self.url.removeprefix("sqlite:///"))
        before = path.read_bytes()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            guards = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                database.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                with suppress(sqlite3.IntegrityError):
                    database.execute(statement)
            for _, text in guards:
                database.execute(text)
        return lambda: path.write_bytes(before) and None


class InPostgres(Made):
    def change(self, *statements: str) -> Callable[[], None]:
        tables = ("entries", "heads", "tiles")
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute("DROP SCHEMA IF EXISTS kept CASCADE")
            database.execute("CREATE SCHEMA kept")
            for table in tables:
                database.execute(f"CREATE TABLE kept.{table} AS TABLE mingzhang.{table}")
                database.execute(f"ALTER TABLE mingzhang.{table} DISABLE TRIGGER ALL")
            for statement in statements:
                with suppress(psycopg.Error):
                    database.execute(statement)
            self._guard(database)
        return self._put_back

    def _put_back(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as database:
            for table in ("entries", "heads", "tiles"):
                database.execute(f"ALTER TABLE mingzhang.{table} DISABLE TRIGGER ALL")
                columns = database.execute(f"SELECT * FROM kept.{table} LIMIT 0").description or []
                names = ", ".join(column.name for column in columns)
                database.execute(f"TRUNCATE mingzhang.{table}")
                database.execute(f"INSERT INTO mingzhang.{table} ({names}) SELECT {names} FROM kept.{table}")
            self._guard(database)

    def _guard(self, database: psycopg.Connection[Any]) -> None:
        for table in ("entries", "heads", "tiles"):
            names = database.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                (f"mingzhang.{table}",),
            ).fetchall()
            for (name,) in names:
                database.execute(f"ALTER TABLE mingzhang.{table} ENABLE ALWAYS TRIGGER {name}")


def fill(url: str, folder: Path) -> None:
    with (
        KeyStore.create(folder, ORIGIN, SHA256, PASSPHRASE, ScryptCost(n=2, r=1, p=1)) as keys,
        create_store(url, ORIGIN, SHA256) as store,
    ):
        batch: list[PreparedEntry] = []
        for number, command in enumerate(commands(keys)):
            batch += command
            if number % 29 == 28:
                with store.writer() as writer:
                    writer.append(batch)
                batch = []
        with store.writer() as writer:
            writer.append(batch)


@pytest.fixture(scope="module")
def in_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("jobs")
    fill(f"sqlite:///{folder}/ledger.db", folder / "keys")
    with closing(sqlite3.connect(folder / "ledger.db")) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    return InSQLite(f"sqlite:///{folder}/ledger.db", folder / "keys")


@pytest.fixture(scope="module")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> Made:
    folder = tmp_path_factory.mktemp("jobs")
    url = postgres_server.new_database()
    fill(url, folder / "keys")
    return InPostgres(url, folder / "keys")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is one tile."""
    monkeypatch.setattr(audit.crew, "PART_ENTRIES_MIN", 256)
    monkeypatch.setattr(audit.crew, "PARTS_EACH", 100)


@pytest.fixture(params=["sqlite", "postgres"])
def made(request: pytest.FixtureRequest, small_parts: None) -> Made:
    """The ledger in each store."""
    found: Made = request.getfixturevalue(f"in_{request.param}")
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the parts alone told the result, for each verification in parts."""
    answers: list[bool] = []
    read = Crew.read

    def noted(self: Crew, *arguments: Any) -> Any:
        answers.append((result := read(self, *arguments)) is not None)
        return result

    monkeypatch.setattr(Crew, "read", noted)
    return answers


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the parts in turn in this process, which starts no other."""
    monkeypatch.setattr(audit.verification, "Crew", lambda store, keys, jobs: Crew(store, keys, 1))


@pytest.mark.parametrize("keys", [True, False])
def test_several_processes_say_what_one_says_of_a_sound_log(made: Made, told: list[bool], keys: bool) -> None:
    one, several = made.results(keys=keys)
    assert one == several
    assert one.sound
    assert (one.size, one.unchecked == []) == (SIZE, keys)
    assert told == [True]


def test_progress_is_one_count_up_to_all_entries(made: Made, alone: None) -> None:
    counts: list[tuple[int, int]] = []
    with open_store(made.url, read_only=True) as store:
        verify(store, jobs=2, on_progress=lambda done, total: counts.append((done, total)))
    assert counts == sorted(counts)
    assert counts[-1] == (SIZE, SIZE)


def test_damage_is_found_by_several_processes(made: Made, told: list[bool]) -> None:
    put_back = made.change(f"UPDATE {schema_of(made)}entries SET stream = 'case/x' WHERE position = 777")
    one, several = made.results()
    put_back()
    assert one == several
    assert [finding.kind for finding in one.findings] == ["edited-column"]
    assert told == [False]


def schema_of(made: Made) -> str:
    return "" if isinstance(made, InSQLite) else "mingzhang."


ACTS = (
    "UPDATE entries SET stream = 'case/x' WHERE position = {at}",
    "UPDATE entries SET seq = seq + 5000 WHERE position = {at}",
    "UPDATE entries SET type = 'thing.done-x/1' WHERE position = {at}",
    "UPDATE entries SET at = '2026-02-01T08:00:00.000000Z' WHERE position = {at}",
    "UPDATE entries SET command = 'x' WHERE position = {at}",
    "UPDATE entries SET position = position + 5000 WHERE position = {at}",
    "DELETE FROM entries WHERE position = {at}",
    "DELETE FROM entries WHERE position >= {at}",
    "UPDATE heads SET root = (SELECT root FROM heads WHERE size = 87) WHERE size BETWEEN {at} + 1 AND {at} + 90",
    "DELETE FROM heads WHERE size >= {at}",
    "DELETE FROM tiles WHERE level = 0 AND idx = {at} / 256",
    "DELETE FROM tiles WHERE level = 1",
)
ACTS_ON_SQLITE = (
    "UPDATE tiles SET hashes = (SELECT hashes FROM tiles WHERE level = 0 AND idx = 3)"
    " WHERE level = 0 AND idx = {at} / 256",
    "DELETE FROM blobs WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE blobs SET blob = zeroblob(80) WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE blobs SET position = position + 7000 WHERE position BETWEEN {at} AND {at} + 5",
    "UPDATE commands SET n = n + 1 WHERE position BETWEEN {at} AND {at} + 3",
    "DELETE FROM commands WHERE position BETWEEN {at} AND {at} + 3",
    "UPDATE commands SET position = position + 1 WHERE position BETWEEN {at} AND {at} + 2",
    "UPDATE heads SET size = size + 1 WHERE size = (SELECT min(size) FROM heads WHERE size >= {at})",
)


@pytest.mark.parametrize(
    ("made", "act"),
    [("sqlite", act) for act in ACTS + ACTS_ON_SQLITE] + [("postgres", act) for act in ACTS],
    indirect=["made"],
)
def test_damage_at_both_sides_of_a_border_is_told_in_the_same_words(made: Made, alone: None, act: str) -> None:
    for at in (255, 256, 513) if isinstance(made, InSQLite) else (256, 511):
        schema = act.replace("entries ", "mingzhang.entries ").replace("heads ", "mingzhang.heads ")
        schema = schema.replace("tiles ", "mingzhang.tiles ")
        put_back = made.change((act if isinstance(made, InSQLite) else schema).format(at=at))
        try:
            one, several = made.results()
        finally:
            put_back()
        assert one == several
        assert not one.sound


@pytest.mark.parametrize("swap", [(255, 256), (100, 400), (511, 512)])
def test_entries_exchanged_across_a_border_are_told_in_the_same_words(made: Made, alone: None, swap: Any) -> None:
    first, second = swap
    table = f"{schema_of(made)}entries"
    put_back = made.change(
        f"UPDATE {table} SET position = 90000 WHERE position = {first}",
        f"UPDATE {table} SET position = {first} WHERE position = {second}",
        f"UPDATE {table} SET position = {second} WHERE position = 90000",
    )
    try:
        one, several = made.results()
    finally:
        put_back()
    assert one == several
    assert not one.sound


def test_single_bits_of_entries_are_told_in_the_same_words(made: Made, alone: None) -> None:
    chance = random.Random(20261122)
    table, mark = f"{schema_of(made)}entries", "?" if isinstance(made, InSQLite) else "%s"
    with open_store(made.url, read_only=True) as store:
        picked = [chance.choice(BORDERS) + chance.randrange(-2, 2) for _ in range(6)]
        entries = {position: record.entry for position in picked if (record := store.record(position))}
    for position, entry in entries.items():
        at = chance.randrange(len(entry))
        broken = entry[:at] + bytes([entry[at] ^ 1 << chance.randrange(8)]) + entry[at + 1 :]
        literal = f"x'{broken.hex()}'" if mark == "?" else f"'\\x{broken.hex()}'::bytea"
        put_back = made.change(f"UPDATE {table} SET entry = {literal} WHERE position = {position}")
        try:
            one, several = made.results()
        finally:
            put_back()
        assert one == several
        assert (one.findings[0].kind, one.findings[0].position) == ("edited-entry", position)


def sealed_by(entry: Entry, kid: str) -> Entry:
    """Return the entry with another key named; what is sealed then belongs to nobody, and is not asked for here."""
    return replace(entry, seal=replace(entry.seal, kid=kid) if entry.seal else Seal(kid, bytes(32), bytes(32)))


def cites(entry: Entry, stream: str, seq: int) -> Entry:
    return replace(entry, payload={"of": {"seq": seq, "stream": stream}})


# What is wrong with the log only when the parts are put together: the kind, and what the entry at a position becomes.
ACROSS: dict[str, tuple[str, dict[int, Callable[[Entry, str], Entry]]]] = {
    "a seq left out": ("stream-gap", {256 + 40: lambda entry, _: replace(entry, seq=entry.seq + 1)}),
    "another predecessor": ("stream-chain", {256 + 41: lambda entry, _: replace(entry, prev=b"x" * 32)}),
    "a later entry cited": ("citation", {300 - 30: lambda entry, _: cites(entry, "case/clock1", 1)}),
    "no entry cited": ("citation", {700: lambda entry, _: cites(entry, "case/never", 1)}),
    "a seq cited that comes later": ("citation", {700: lambda entry, _: cites(entry, "case/c1", 30)}),
    "a time before": (
        "time",
        {at: lambda entry, _: replace(entry, at="2026-03-01T00:10:00.000000Z") for at in range(768, 771)},
    ),
    "a key of another stream": (
        "key-scope",
        {1005: lambda entry, _: sealed_by(entry, "ab" * 16)} | {400: lambda entry, _: sealed_by(entry, "ab" * 16)},
    ),
    "a key after its erasure": ("key-erased", {1000: sealed_by}),
    "an effect without a request": (
        "erasure",
        {300: lambda entry, _: replace(entry, payload={"kid": "cd" * 16})},
    ),
    "half a command later": (
        "command-mixed",
        {256: lambda entry, _: replace(entry, at="2026-03-01T05:00:00.000000Z")},
    ),
    "another officer's half": ("command-mixed", {512: lambda entry, _: replace(entry, by="staff/b")}),
    "a command that goes on": ("command-order", {512: lambda entry, _: replace(entry, k=1)}),
    "a command of another length": ("command-order", {256: lambda entry, _: replace(entry, n=4)}),
}


def forge(path: Path, folder: Path, change: Change) -> None:
    """Make a log that no writer would: whatever its entries say, columns, tables and tree agree with them."""
    tree = TreeWriter(SHA256)
    with KeyStore.create(folder, ORIGIN, SHA256, PASSPHRASE, ScryptCost(n=2, r=1, p=1)) as keys:
        rows = [one for command in commands(keys, change) for one in command]
    SQLiteStore.create(path, ORIGIN, SHA256).close()
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for at, one in enumerate(rows):
            values = (at, one.stream, one.seq, one.type, one.at, one.by, one.command, one.entry)
            columns = 'position, stream, seq, type, at, "by", command, entry'
            database.execute(f"INSERT INTO entries ({columns}) VALUES (?,?,?,?,?,?,?,?)", values)
            if one.blob:
                database.execute("INSERT INTO blobs VALUES (?,?)", (at, one.blob))
            if at % 3 == 0:
                database.execute("INSERT INTO commands (command, position, n) VALUES (?,?,?)", (one.command, at, one.n))
        tree.extend(SHA256.leaf(one.entry) for one in rows)
        for tile in tree.take_changed():
            database.execute("INSERT INTO tiles VALUES (?,?,?)", (tile.level, tile.index, tile.hashes))
        database.execute("INSERT INTO heads VALUES (?,?)", (len(rows), tree.root()))
        database.commit()


@pytest.mark.usefixtures("alone", "small_parts")
@pytest.mark.parametrize("wrong", ACROSS)
def test_what_is_wrong_only_across_parts_is_found(tmp_path: Path, told: list[bool], wrong: str) -> None:
    kind, changes = ACROSS[wrong]
    forge(
        tmp_path / "ledger.db",
        tmp_path / "keys",
        lambda position, entry, erased: changes[position](entry, erased) if position in changes else entry,
    )
    one, several = InSQLite(f"sqlite:///{tmp_path}/ledger.db", tmp_path / "keys").results(keys=False)
    assert one == several
    assert kind in {finding.kind for finding in one.findings}
    assert told == [False]


def test_a_process_that_is_killed_is_said_to_be_so(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Crew.read

    def kill(self: Crew, *arguments: Any) -> Any:
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        return read(self, *arguments)

    monkeypatch.setattr(Crew, "read", kill)
    with open_store(made.url, read_only=True) as store, pytest.raises(CouldNotCheck, match="signal 9"):
        verify(store, jobs=2)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_entries_appended_meanwhile_are_of_a_later_moment(
    kind: str, small_parts: None, tmp_path: Path, new_postgres: Callable[[], str], monkeypatch: Any, told: list[bool]
) -> None:
    """Somebody appends when this process sees its moment already and the others do not see theirs yet."""
    url = f"sqlite:///{tmp_path}/ledger.db" if kind == "sqlite" else new_postgres()
    fill(url, tmp_path / "keys")
    tell, appended = Crew._tell, []

    def append_first(self: Crew, what: object) -> None:
        if not appended:
            appended.append(make_longer(url))
        tell(self, what)

    monkeypatch.setattr(Crew, "_tell", append_first)
    with open_store(url, read_only=True) as store:
        several = verify(store, jobs=2)
        assert told == [True]
        assert several.size == (SIZE + 1 if kind == "sqlite" else SIZE)


def make_longer(url: str) -> int:
    with open_store(url) as store, store.writer() as writer:
        size = writer.size
        entry = Entry(
            SHA256.name, ORIGIN, f"case/later{size}", 1, "thing.done-a/1", NO_PREVIOUS, "2026-03-02T08:00:00.000000Z",
            "staff/a", f"{size:08x}-0000-4000-8000-{size:012x}", 1, 1, None, {"amount_fen": 1},
        )  # fmt: skip
        writer.append([prepared(SHA256, ORIGIN, entry, encode_entry(entry), None)])
    return size


def test_a_short_log_is_read_by_one_process(in_sqlite: Made, told: list[bool]) -> None:
    one, several = in_sqlite.results(jobs=2)
    assert one == several
    assert told == []

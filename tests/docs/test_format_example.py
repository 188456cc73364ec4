"""The worked example of docs/format.md: every value in it is computed again from the page's own text, twice.

Once with the few lines of `_Page` below, which follow the page and use nothing of this project, once with `ledger`.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import sqlite3
from functools import cached_property
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import merkle
from ledger.checkpoint import Checkpoint, checkpoint_text, open_checkpoint
from ledger.entry import header_through_type, parse_entry
from ledger.hashing import SHA256
from ledger.keyring import KeyRing
from ledger.note import Signer, Verifier, sign_note
from ledger.sealing import (
    BLOB_BYTES_MAX,
    BLOB_BYTES_MIN,
    disclose,
    field_salts,
    key_id,
    open_blob,
    seal,
    unwrap_key,
    verify_disclosure,
    wrap_key,
)
from ledger.sqlite_schema import APPLICATION_ID, SCHEMA_VERSION, statements

PAGE = Path(__file__).parents[2] / "docs" / "format.md"


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _leaf(data: bytes) -> bytes:
    return _hash(b"\x00" + data)


def _root(leaves: list[bytes]) -> bytes:
    """Section 6, word for word."""
    if not leaves:
        return _hash(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return _hash(b"\x01" + _root(leaves[:k]) + _root(leaves[k:]))


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class _Page:
    """What the example says, read from the text of the page."""

    def __init__(self) -> None:
        self.text = PAGE.read_text(encoding="utf-8")
        self.example = self.text.split("\n## 15. Worked example\n")[1]

    @cached_property
    def entries(self) -> list[bytes]:
        found = re.findall(r"#### Position (\d+)\n\n(\d+) bytes:\n\n```\n(.*?\n)```", self.example, re.DOTALL)
        assert [int(position) for position, _, _ in found] == [0, 1, 2, 3, 4]
        assert [int(length) for _, length, _ in found] == [len(text.encode()) for _, _, text in found]
        return [text.encode() for _, _, text in found]

    @cached_property
    def leaves(self) -> list[bytes]:
        return [base64.b64decode(one) for one in re.findall(r"^Leaf hash `(.*)`$", self.example, re.MULTILINE)]

    @cached_property
    def roots(self) -> list[bytes]:
        found = re.findall(r"^\| (\d) \| `(.*)` \|$", self.example, re.MULTILINE)
        assert [int(size) for size, _ in found] == list(range(6))
        return [base64.b64decode(one) for _, one in found]

    def hex_value(self, what: str) -> bytes:
        return bytes.fromhex(self.quoted(what))

    def quoted(self, what: str) -> str:
        found = re.findall(rf"^\| {re.escape(what)} \| `(.*)` \|$", self.example, re.MULTILINE)
        assert len(found) == 1, what
        return str(found[0])

    def inline(self, pattern: str) -> bytes:
        found = re.findall(pattern, self.example)
        assert len(found) == 1, pattern
        return bytes.fromhex(found[0])

    def block_after(self, heading: str) -> str:
        rest = self.example.split(heading, 1)[1]
        found = re.search(r"```\w*\n(.*?\n)```", rest, re.DOTALL)
        assert found is not None
        return found[1]

    def hex_block_after(self, heading: str) -> bytes:
        return bytes.fromhex(self.block_after(heading).replace("\n", ""))


@pytest.fixture(scope="module")
def page() -> _Page:
    return _Page()


def test_leaves_and_roots_are_those_of_the_page(page: _Page) -> None:
    """Each leaf hash from the entry's text, each root from the leaf hashes: by section 6 and by the ledger."""
    assert page.leaves == [_leaf(data) for data in page.entries] == [SHA256.leaf(data) for data in page.entries]
    assert page.roots == [_root(page.leaves[:size]) for size in range(6)]
    assert page.roots == [merkle.root(SHA256, page.leaves[:size]) for size in range(6)]


def test_entries_follow_each_other_as_the_page_says(page: _Page) -> None:
    """Every prev is the leaf hash of the entry before in its stream, as the lines themselves say."""
    last: dict[str, tuple[int, str]] = {}
    for data, leaf in zip(page.entries, page.leaves, strict=True):
        lines = dict(line.split(" ", 1) for line in data.decode().split("\n\n")[0].split("\n")[1:])
        seq, prev = last.get(lines["stream"], (0, base64.b64encode(bytes(32)).decode()))
        assert (int(lines["seq"]), lines["prev"]) == (seq + 1, prev)
        last[lines["stream"]] = (seq + 1, base64.b64encode(leaf).decode())
        assert parse_entry(data).stream == lines["stream"]
    assert len(last) == 3


def test_example_entry_of_section_3_is_the_one_at_position_2(page: _Page) -> None:
    """The entry that the page opens with is the entry of the example, byte for byte."""
    assert page.text.split("## 3. An entry")[1].split("```\n")[1].encode() == page.entries[2]


def test_sealed_part_comes_out_as_the_page_says(page: _Page) -> None:
    """Key id, field salts, commitment, blob and its hash, by the formulas of section 7."""
    key, salt, nonce = page.hex_value("key K"), page.hex_value("salt S"), page.hex_value("nonce N")
    plain = page.block_after("Sealed object P:").rstrip("\n").encode()
    members = json.loads(plain)
    leaves = []
    for name in sorted(members):
        field_salt = hmac.digest(salt, b"mingzhang/v1 salt\n" + name.encode(), "sha256")
        assert field_salt == page.hex_value(f"salt of `{name}`")
        leaves.append(_leaf(b"mingzhang/v1 field\n" + field_salt + name.encode() + b":" + _compact(members[name])))
        assert leaves[-1] == base64.b64decode(page.quoted(f"leaf of `{name}`"))
    aad = page.entries[2].partition(b"prev ")[0]
    blob = nonce + AESGCM(key).encrypt(nonce, salt + plain, aad)
    assert blob == page.hex_block_after("Blob, 149 bytes, in hex:")
    assert len(blob) == len(plain) + 60 == 149
    kid = _hash(b"mingzhang/v1 key\n" + key)[:16].hex()
    values = [kid, *(base64.b64encode(one).decode() for one in (_hash(blob), _root(leaves)))]
    assert values == [page.quoted("kid"), page.quoted("H(blob)"), page.quoted("commitment C")]
    assert f"\nsealed {' '.join(values)}\n".encode() in page.entries[2]


def test_ledger_seals_and_opens_the_same_part(page: _Page) -> None:
    """The same blob from the ledger's own code, and the same object out of it."""
    entry = parse_entry(page.entries[2])
    key, salt = page.hex_value("key K"), page.hex_value("salt S")
    members = json.loads(page.block_after("Sealed object P:"))
    aad = header_through_type(entry.suite, entry.log, entry.stream, entry.seq, entry.type)
    blob, said = seal(SHA256, key, aad, members, salt, page.hex_value("nonce N"))
    assert said == entry.seal
    assert blob == page.hex_block_after("Blob, 149 bytes, in hex:")
    assert open_blob(SHA256, key, aad, said, blob) == (members, salt)
    assert field_salts(SHA256, salt, members)["village"] == page.hex_value("salt of `village`")
    assert key_id(SHA256, key) == said.kid


def test_disclosure_proves_one_field(page: _Page) -> None:
    """From the salt and the path of the page to the commitment of the entry."""
    text = page.block_after("Disclosure of `head_name`:").rstrip("\n").encode()
    shown = json.loads(text)
    assert _compact(shown) == text
    start = b"mingzhang/v1 field\n" + base64.b64decode(shown["salt"]) + b"head_name:"
    leaf = _leaf(start + _compact(shown["value"]))
    first, third = (base64.b64decode(one) for one in shown["path"])
    commitment = _hash(b"\x01" + _hash(b"\x01" + first + leaf) + third)
    assert base64.b64encode(commitment).decode() == shown["commitment"] == page.quoted("commitment C")
    assert verify_disclosure(SHA256, text, commitment) == ("head_name", "测试甲")
    members = json.loads(page.block_after("Sealed object P:"))
    assert disclose(SHA256, page.hex_value("salt S"), members, "head_name") == text


def test_wrapped_key_opens_to_the_sealing_key(page: _Page) -> None:
    """60 bytes under the bureau's key, bound to log, key id, scope and epoch."""
    bureau_key = page.inline(r"bureau's key `(\w+)` of epoch 1")
    nonce = page.inline(r"with the nonce `(\w+)`, 60 bytes")
    wrapped = page.hex_block_after("60 bytes, in hex:")
    entry = parse_entry(page.entries[2])
    kid, scope = page.quoted("kid"), entry.stream
    aad = f"mingzhang/v1 wrap\n{entry.log}\n{kid}\n{scope}\n1".encode()
    key = page.hex_value("key K")
    assert wrapped == nonce + AESGCM(bureau_key).encrypt(nonce, key, aad)
    assert wrapped == wrap_key(SHA256, bureau_key, entry.log, scope, 1, key, nonce)
    assert unwrap_key(SHA256, bureau_key, entry.log, kid, scope, 1, wrapped) == key


def test_checkpoint_is_signed_as_the_page_says(page: _Page) -> None:
    """Key id, verifier key and signature of section 8, and the note that the ledger makes of the same seed."""
    seed = page.inline(r"private key\) `(\w+)`, verifier key")
    vkey = page.block_after("`, verifier key").rstrip("\n")
    note = page.block_after("Note over all five entries:")
    text, line = note.split("\n\n")
    text += "\n"
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    origin, size, root = text.split("\n")[:3]
    key_id_bytes = _hash(origin.encode() + b"\n\x01" + public)[:4]
    assert vkey == f"{origin}+{key_id_bytes.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    assert (size, base64.b64decode(root)) == ("5", page.roots[5])
    dash, name, encoded = line.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, raw[:4]) == ("\u2014", origin, key_id_bytes)
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
    checkpoint = Checkpoint(origin, 5, page.roots[5])
    assert sign_note(checkpoint_text(checkpoint), Signer(origin, 1, seed)) == note.encode()
    assert open_checkpoint(note.encode(), Verifier.parse(vkey)).checkpoint == checkpoint
    assert parse_entry(page.entries[1]).payload["vkey"] == vkey


def test_tables_are_those_of_the_schema(page: _Page) -> None:
    """Section 9 shows the statements that make the tables, and the numbers in the header of the file."""
    shown = page.text.split("## 9. The tables")[1].split("```sql\n")[1].split("```")[0]
    made = [one for one in statements() if not one.startswith("CREATE TRIGGER")]
    assert [one.strip() for one in shown.split(";") if one.strip()] == made
    assert f"`PRAGMA application_id` is {APPLICATION_ID} (`mzl1`)" in page.text
    assert APPLICATION_ID.to_bytes(4, "big") == b"mzl1"
    assert f"`schema` = `{SCHEMA_VERSION}`" in page.text
    guards = [one.split()[2] for one in statements() if one.startswith("CREATE TRIGGER")]
    assert len(guards) == 3 * 7
    assert {name.rpartition("_")[2] for name in guards} == {"insert", "update", "delete"}


def test_key_database_is_the_one_that_is_made(page: _Page, tmp_path: Path) -> None:
    """Section 11 shows the statements of `sealing.db`, up to white space, and its journal mode."""
    KeyRing.create(tmp_path / "sealing.db", "county.example/ledger", SHA256)
    with contextlib.closing(sqlite3.connect(tmp_path / "sealing.db")) as database:
        made = database.execute(
            "SELECT sql FROM sqlite_schema WHERE name GLOB '[a-r]*' OR name GLOB 'sealing*'"
        ).fetchall()
        mode = database.execute("PRAGMA journal_mode").fetchone()
    shown = page.text.split("## 11. The key folder")[1].split("```sql\n")[1].split("```")[0]
    assert [" ".join(one.split()) for one in shown.split(";") if one.strip()] == [
        " ".join(one.split()) for (one,) in made
    ]
    assert mode == ("wal",)


def test_limits_that_the_page_names_are_those_of_the_code(page: _Page) -> None:
    """The smallest blob, and the white space that no name of a key holds."""
    assert (BLOB_BYTES_MIN, BLOB_BYTES_MAX) == (67, 1_048_576)
    assert page.text.count("67 to 1,048,576") == 3
    spaces = page.text.split("nor white space (")[1].split(")")[0]
    named: set[int] = set()
    for one in spaces.split(", "):
        first, _, last = one.partition("–")
        named.update(range(int(first[2:], 16), int((last or first)[2:], 16) + 1))
    assert named == {code for code in range(0x20, 0x110000) if chr(code).isspace()}

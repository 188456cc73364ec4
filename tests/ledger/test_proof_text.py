"""Proofs as text: written as the specifications say, read back the same, refused when a byte is out of place."""

import base64

import pytest

from ledger.hashing import SHA256
from ledger.proof_text import (
    ConsistencyProof,
    InclusionProof,
    ProofTextError,
    format_consistency,
    format_inclusion,
    parse_consistency,
    parse_inclusion,
)

NOTE = "county.example/ledger\n8\nabc\n\n— county.example/ledger AAAA\n".encode()
HASHES = tuple(SHA256.hash(bytes([number])) for number in range(3))
LINES = [base64.b64encode(one).decode() for one in HASHES]


def test_inclusion_proof_has_the_lines_of_the_specification() -> None:
    text = format_inclusion(InclusionProof(5, HASHES, NOTE)).decode()
    assert text == "\n".join(["c2sp.org/tlog-proof@v1", "index 5", *LINES, "", NOTE.decode()])


def test_extra_stands_in_the_second_line() -> None:
    text = format_inclusion(InclusionProof(0, (), NOTE, extra=b"case")).decode()
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra Y2FzZQ==\nindex 0\n\ncounty.example")


@pytest.mark.parametrize("extra", [b"", b"\x00anything"])
@pytest.mark.parametrize("path", [(), HASHES])
def test_inclusion_proof_is_read_back(path: tuple[bytes, ...], extra: bytes) -> None:
    proof = InclusionProof(73_894, path, NOTE, extra)
    assert parse_inclusion(format_inclusion(proof)) == proof


@pytest.mark.parametrize("path", [(), HASHES])
def test_consistency_proof_is_read_back(path: tuple[bytes, ...]) -> None:
    proof = ConsistencyProof(20_852_014, path, NOTE)
    assert parse_consistency(format_consistency(proof)) == proof
    assert format_consistency(proof).startswith(b"old 20852014\n")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "checkpoint"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n", "checkpoint"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n\n", "checkpoint"),
        (b"c2sp.org/tlog-proof@v2\nindex 5\n\n" + NOTE, "line 1"),
        (b"c2sp.org/tlog-proof@v1\r\nindex 5\n\n" + NOTE, "line 1"),
        (b"c2sp.org/tlog-proof@v1\n\n" + NOTE, "line 2"),
        (b"c2sp.org/tlog-proof@v1\nindex 05\n\n" + NOTE, "line 2"),
        (b"c2sp.org/tlog-proof@v1\nindex -5\n\n" + NOTE, "line 2"),
        (b"c2sp.org/tlog-proof@v1\nindex 5 \n\n" + NOTE, "line 2"),
        (b"c2sp.org/tlog-proof@v1\nextra !!\nindex 5\n\n" + NOTE, "line 2"),
        (b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex x\n\n" + NOTE, "line 3"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\nYQ==\n\n" + NOTE, "line 3"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n" + LINES[0].encode()[:-1] + b"\n\n" + NOTE, "line 3"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n" + LINES[0].encode()[:-2] + b"B=\n\n" + NOTE, "line 3"),
    ],
)
def test_what_is_no_inclusion_proof_is_refused_by_its_line(data: bytes, where: str) -> None:
    with pytest.raises(ProofTextError) as caught:
        parse_inclusion(data)
    assert caught.value.where == where


def test_more_consistency_hashes_than_a_tree_can_have_are_refused() -> None:
    with pytest.raises(ProofTextError, match="63"):
        parse_consistency(format_consistency(ConsistencyProof(1, HASHES[:1] * 64, NOTE)))

"""The map of stream heads: every stream provably in it or not, whatever its place, and no false proof holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events.application import TruthPledged
from ledger.entry import parse_entry
from ledger.hashing import SHA256, SM3
from ledger.heads_map import (
    HEADS_STREAM,
    HeadsMapError,
    MapProof,
    NamedHead,
    StreamHeads,
    check_map_proof,
    head_data,
    heads_below,
    map_proof,
    map_root,
)
from ledger.heads_recording import seal_heads
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.store_errors import StoreDamaged

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LEAF = bytes(range(32))
names = st.text("abcxyz0123456789-", min_size=1, max_size=6).map(lambda text: f"case/{text}")
suites = pytest.mark.parametrize("suite", [SHA256, SM3], ids=["sha256", "sm3"])


def heads_of(*streams: str) -> list[NamedHead]:
    return [NamedHead(name, number, SHA256.hash(name.encode())) for number, name in enumerate(sorted(streams), 1)]


def test_leaf_is_what_the_format_says():
    data = head_data(NamedHead("case/1", 12, LEAF))
    assert data == b"mingzhang/v1 head\ncase/1\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


@suites
def test_root_is_that_of_rfc_6962_over_the_sorted_leaves(suite):
    heads = heads_of("b/1", "a/1", "case/2", "case/10")
    sealed = map_root(suite, heads)
    assert [head.name for head in heads] == ["a/1", "b/1", "case/10", "case/2"]
    assert sealed.root == root(suite, [suite.leaf(head_data(head)) for head in heads])
    assert map_root(suite, []) == (0, suite.empty_root)


@settings(deadline=None, max_examples=60)
@given(streams=st.sets(names, max_size=20), other=names)
def test_every_stream_is_provably_in_the_map_or_provably_not(streams, other):
    heads = heads_of(*streams)
    sealed = map_root(SHA256, heads)
    for name in [*streams, other]:
        proof = map_proof(SHA256, heads, name)
        found = check_map_proof(SHA256, proof, name, sealed.root)
        assert found == next((head for head in heads if head.name == name), None)
        assert proof.streams == sealed.streams


@settings(deadline=None, max_examples=60)
@given(streams=st.sets(names, min_size=2, max_size=20), data=st.data())
def test_no_neighbours_hide_a_stream_that_is_there(streams, data):
    heads = heads_of(*streams)
    sealed = map_root(SHA256, heads)
    hidden = data.draw(st.sampled_from(heads))
    shown = [None, *(map_proof(SHA256, heads, head.name).at for head in heads if head != hidden)]
    before, after = data.draw(st.sampled_from(shown)), data.draw(st.sampled_from(shown))
    with pytest.raises(HeadsMapError):
        check_map_proof(SHA256, MapProof(sealed.streams, before=before, after=after), hidden.name, sealed.root)


@settings(deadline=None, max_examples=60)
@given(streams=st.sets(names, min_size=1, max_size=12), data=st.data())
def test_a_proof_changed_anywhere_does_not_hold(streams, data):
    heads = heads_of(*streams)
    sealed = map_root(SHA256, heads)
    head = data.draw(st.sampled_from(heads))
    proof = map_proof(SHA256, heads, head.name)
    leaf = proof.at
    assert leaf is not None
    path = leaf.path
    changed = [
        replace(leaf, head=head._replace(seq=head.seq + 1)),
        replace(leaf, head=head._replace(leaf=LEAF)),
        replace(leaf, index=leaf.index + 1),
        replace(leaf, path=(*path, LEAF)),
        *(replace(leaf, path=(*path[:place], LEAF, *path[place + 1 :])) for place in range(len(path))),
        *([replace(leaf, path=path[:-1])] if path else []),
    ]
    for one in changed:
        with pytest.raises(HeadsMapError):
            check_map_proof(SHA256, proof._replace(at=one), head.name, sealed.root)
    with pytest.raises(HeadsMapError):
        check_map_proof(SHA256, proof, f"{head.name}x", sealed.root)


def test_neighbours_prove_nothing_about_a_name_that_is_not_between_them():
    heads = heads_of("case/1", "case/3", "case/5", "case/7")
    sealed = map_root(SHA256, heads)
    proof = map_proof(SHA256, heads, "case/4")
    assert check_map_proof(SHA256, proof, "case/4", sealed.root) is None
    for name in ("case/2", "case/3", "case/5", "case/6", "case/9", "a/1"):
        with pytest.raises(HeadsMapError):
            check_map_proof(SHA256, proof, name, sealed.root)


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_missing_neighbour_is_allowed_at_the_ends_only(place):
    heads = heads_of("case/1", "case/3", "case/5")
    sealed = map_root(SHA256, heads)
    proof = map_proof(SHA256, heads, "case/2")
    with pytest.raises(HeadsMapError, match="leave room"):
        check_map_proof(SHA256, proof._replace(**{place: None}), "case/2", sealed.root)
    first, last = map_proof(SHA256, heads, "a/1"), map_proof(SHA256, heads, "zz/1")
    assert first.before is None
    assert last.after is None
    assert check_map_proof(SHA256, first, "a/1", sealed.root) is check_map_proof(SHA256, last, "zz/1", sealed.root)


def test_presence_and_absence_are_never_shown_together():
    heads = heads_of("case/1", "case/3")
    sealed = map_root(SHA256, heads)
    both = map_proof(SHA256, heads, "case/1")._replace(after=map_proof(SHA256, heads, "case/3").at)
    with pytest.raises(HeadsMapError, match="alone"):
        check_map_proof(SHA256, both, "case/1", sealed.root)


@pytest.mark.parametrize("streams", [("case/2", "case/1"), ("case/1", "case/1")], ids=["order", "twice"])
def test_names_out_of_order_or_twice_make_no_map(streams):
    heads = [NamedHead(name, 1, LEAF) for name in streams]
    with pytest.raises(HeadsMapError, match="names ascend"):
        map_root(SHA256, heads)
    with pytest.raises(HeadsMapError, match="names ascend"):
        map_proof(SHA256, heads, "case/1")


def test_heads_grow_entry_by_entry_and_only_in_order():
    heads = StreamHeads()
    heads.take("case/2", 1, bytes(32))
    heads.take("case/10", 1, LEAF)
    heads.take("case/2", 2, LEAF)
    assert list(heads) == [NamedHead("case/10", 1, LEAF), NamedHead("case/2", 2, LEAF)]
    with pytest.raises(HeadsMapError, match="expected seq 3, found 5"):
        heads.take("case/2", 5, LEAF)


@pytest.fixture
def ledger(make_store):
    """A ledger in each database in turn."""
    return Ledger(make_store(), None)


def pledge(ledger: Ledger, number: int, *streams: str) -> None:
    drafts = tuple(Draft(stream, TruthPledged(occurred_on=NOW.date())) for stream in streams)
    command = Command(f"00000000-0000-0000-0000-{number:012d}", "staff/MZ0012", drafts)
    ledger.record_command(command, lambda: NOW + timedelta(seconds=number))


def test_heads_of_every_earlier_moment_can_be_looked_up_again(ledger):
    streams = ["case/1", "case/2", "case/1", "case/3", "case/1", "case/2", "case/1", "case/1"]
    for number, stream in enumerate(streams):
        pledge(ledger, number, stream)
    for size in range(len(streams) + 1):
        read = StreamHeads()
        for record in ledger.store.records(0, size):
            read.take(record.stream, record.seq, SHA256.leaf(record.entry))
        assert list(heads_below(ledger.store, size)) == list(read)


def test_sealing_covers_exactly_what_stands_before_it(ledger):
    pledge(ledger, 1, "case/1", "case/2", "case/1")
    position = seal_heads(ledger, lambda: NOW)
    assert position == 3
    entry = parse_entry(ledger.store.record(position).entry)
    assert (entry.stream, entry.type, entry.k, entry.n) == (HEADS_STREAM, "ledger.heads-sealed/1", 1, 1)
    assert entry.payload["streams"] == 2
    pledge(ledger, 2, "case/3")
    assert seal_heads(ledger, lambda: NOW) == 5
    assert parse_entry(ledger.store.record(5).entry).payload["streams"] == 4, "the map's own stream is one of them"


def test_a_log_that_ends_with_a_true_map_gets_no_second_one(ledger):
    pledge(ledger, 1, "case/1")
    assert seal_heads(ledger, lambda: NOW) == seal_heads(ledger, lambda: NOW) == 1
    assert ledger.size == 2


def test_what_others_append_while_the_streams_are_looked_up_is_in_the_map(ledger, monkeypatch):
    pledge(ledger, 1, "case/1", "case/2")

    def slow(reader, size):
        yield from heads_below(reader, size)
        pledge(ledger, 2, "case/1", "case/3")

    monkeypatch.setattr("ledger.heads_recording.heads_below", slow)
    position = seal_heads(ledger, lambda: NOW)
    assert position == 4
    computed = map_root(SHA256, heads_below(ledger.store, 4))
    assert parse_entry(ledger.store.record(4).entry).payload["streams"] == computed.streams == 3


def test_a_row_whose_columns_lie_is_not_sealed_over(ledger):
    pledge(ledger, 1, "case/1")
    true = ledger.store.last_of

    def lying(stream):
        return true(stream)._replace(stream="case/9")

    ledger.store.last_of = lying
    with pytest.raises(StoreDamaged, match="those of another entry"):
        list(heads_below(ledger.store, 1))

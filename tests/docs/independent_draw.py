"""Repeats a draw from the file of `mingzhang audit sample publish`; imports nothing of the project's.

python independent_draw.py FILE        exit code 0 when everything comes out again, 1 with what does not

Written from docs/draws.md. Ed25519 is that of the package `cryptography`; SM3 ledgers need a hashlib that has it.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def hashed(label, *lines):
    text = "".join(line + "\n" for line in ("mingzhang-draw/1 " + label, *lines))
    return hashlib.sha256(text.encode()).hexdigest()


def repeated(published):
    """Return the seed, the drawn cases in order, the team, and who goes where."""
    announced, number = published["announced"], published["number"]
    witnesses = [f"{key} {signature}" for key, signature in sorted(published["seed"]["witnesses"].items())]
    seed = hashed("seed", number, *published["seed"]["checkpoint"].splitlines(), *witnesses)
    cases = []
    for stratum, sample in sorted(published["strata"].items()):
        tickets = {
            case: min(hashed("case", seed, case, str(ticket)) for ticket in range(1, weight + 1))
            for case, name, weight in published["pool"]
            if name == stratum
        }
        cases += sorted(tickets, key=tickets.get)[:sample]
    order = sorted(announced["inspectors"], key=lambda staff: hashed("inspector", seed, staff))
    given = dict.fromkeys(order, 0)
    recused = {one["case"]: one["recused"] for one in published["drawn"]}
    size, parties = announced["team_size"], []
    for case in cases:
        free = [staff for staff in order if staff not in recused.get(case, ())]
        free.sort(key=lambda staff: (staff not in order[:size], given[staff], hashed("pair", seed, case, staff)))
        parties.append(free[: announced["each"]])
        for staff in parties[-1]:
            given[staff] += 1
    return seed, cases, order[:size], parties


def pool_digest(published):
    return hashed("pool", *("\t".join(map(str, line)) for line in sorted(published["pool"])))


def false_signatures(published):
    """Return the names of the witnesses that did not sign the checkpoint at time 0."""
    message = b"cosignature/v1\ntime 0\n" + published["seed"]["checkpoint"].encode()
    false = []
    for vkey, signature in published["seed"]["witnesses"].items():
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        key = base64.b64decode(encoded)
        named = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id and key[0] == 4
        try:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(base64.b64decode(signature), message)
        except InvalidSignature:
            named = False
        false += [] if named else [name]
    return false


def proved_root(proof, size):
    """Return the root that the entry and its path lead to: RFC 9162 section 2.1.3.2."""

    def node(prefix, *parts):
        name = "sha256" if proof["suite"] == "mingzhang/v1" else "sm3"
        return hashlib.new(name, prefix + b"".join(parts)).digest()

    found = node(b"\x00", base64.b64decode(proof["entry"]))
    index, last = proof["index"], size - 1
    for encoded in proof["path"]:
        sibling = base64.b64decode(encoded)
        if index % 2 or index == last:
            found = node(b"\x01", sibling, found)
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            found = node(b"\x01", found, sibling)
        index, last = index // 2, last // 2
    return base64.b64encode(found).decode() if last == 0 else "a path of the wrong length"


def faults(published):
    """Yield what does not come out again."""
    seed, cases, team, parties = repeated(published)
    drawn, announced = published["drawn"], published["announced"]
    _, size, root = published["seed"]["checkpoint"].splitlines()
    header, said = base64.b64decode(published["proof"]["entry"]).decode().split("\n\n", 1)
    said = json.loads(said)
    if proved_root(published["proof"], int(size)) != root:
        yield "the announcement is not in the checkpoint"
    k, n = map(int, header.split("\ncommand ")[1].split("\n")[0].split(" ")[1].split("/"))
    if published["proof"]["index"] - k + 1 + n != int(size) or said["known_at"] > published["proof"]["index"]:
        yield "the checkpoint does not end with the announcement, or the pool is younger than it"
    if said["number"] != published["number"]:
        yield "the announcement is that of another draw"
    if any(said[name] != value for name, value in announced.items()):
        yield "the announcement is not what its entry says"
    if said["witnesses"] != list(published["seed"]["witnesses"]):
        yield "the witnesses are not those that were announced"
    if {one["name"]: one["sample"] for one in said["strata"]} != published["strata"]:
        yield "the sample sizes are not those that were announced"
    if pool_digest(published) != said["pool_fingerprint"]:
        yield "the pool is not the one that was announced"
    for name in false_signatures(published):
        yield f"{name} did not sign the checkpoint"
    if seed != published["seed"]["sha256"]:
        yield "the seed is another"
    if cases != [one["case"] for one in drawn]:
        yield "other cases come out"
    if (team, parties) != (published["team"], [one["inspectors"] for one in drawn]):
        yield "other inspectors go there"


if __name__ == "__main__":
    found = list(faults(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    for fault in found:
        print(fault)
    sys.exit(1 if found else 0)

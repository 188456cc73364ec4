"""The folder of a witness: its key, the logs it was told to trust, and what it cosigned last.

    witness.vkey       its verifier key, signature type 0x04; no secret. Written last: a folder that has it is whole
    witness.key        its private key, a key file of kind `witness`               (ledger/keyfile.py)
    heads.vkey         its second verifier key, NAME/heads: for maps of stream heads that it computed itself, only
    heads.key          the private key of that
    draws.vkey         its third verifier key, NAME/draws: for seeds of draws, only; made when it is first asked for
    draws.key          the private key of that
    logs.vkeys         the verifier keys of the logs that it cosigns, one in a line
    witness-state.json what it cosigned last of each log, and when; below
    witness.lock       empty; locked while one process reads, compares and writes the state
    leaves-<hash>      leaf hashes of a log that was replayed, 32 bytes each; the hash is that of the origin
    evidence/          one file for each contradiction that was refused

    {"clock":POSIX seconds of the latest cosignature,"format":"mingzhang-witness/1",
     "logs":[{"held":leaf hashes kept,"note":…,"origin":…,"root":base64,"size":n}…]}     canonical, with a line feed

The state is replaced as a whole and is durable before a cosignature leaves the witness.
"""

import base64
import binascii
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from ledger.canonical import decode, encode
from ledger.errors import FormatError
from ledger.hashing import HASH_BYTES, SHA256
from ledger.keyfile import (
    SECRET_BYTES,
    KeyFile,
    KeyFileDamaged,
    KeyFileExists,
    KeyFileMissing,
    KeyFileUnreadable,
    ScryptCost,
    read_key_file,
    replace_file,
    write_key_file,
    write_new_file,
)
from ledger.note import TYPE_COSIGNATURE, NoteError, Signer, Verifier, verifier_key
from ledger.witness_errors import WitnessStateError

VKEY_NAME: Final = "witness.vkey"
KEY_NAME: Final = "witness.key"
HEADS_VKEY_NAME: Final = "heads.vkey"
HEADS_KEY_NAME: Final = "heads.key"
HEADS_SUFFIX: Final = "/heads"
DRAWS_VKEY_NAME: Final = "draws.vkey"
DRAWS_KEY_NAME: Final = "draws.key"
DRAWS_SUFFIX: Final = "/draws"
LOGS_NAME: Final = "logs.vkeys"
STATE_NAME: Final = "witness-state.json"
EVIDENCE_NAME: Final = "evidence"
FORMAT: Final = "mingzhang-witness/1"


@dataclass(frozen=True)
class Cosigned:
    """What a witness cosigned last of one log: the note with its own line; `held` leaf hashes are kept."""

    origin: str
    size: int
    root: bytes
    note: bytes
    held: int = 0


@dataclass(frozen=True)
class WitnessState:
    """The POSIX time of the latest cosignature, and by origin what was cosigned last."""

    clock: int = 0
    logs: Mapping[str, Cosigned] = field(default_factory=dict)

    def with_log(self, cosigned: Cosigned, clock: int) -> "WitnessState":
        """Return the state in which this is what was cosigned last of its log."""
        return WitnessState(clock, {**self.logs, cosigned.origin: cosigned})


class WitnessFolder:
    """The files of one witness; made with `create`, found again with `open`."""

    def __init__(self, directory: Path, verifier: Verifier, passphrase: str | None) -> None:
        self.directory = directory
        self.verifier = verifier
        self._passphrase = passphrase

    @classmethod
    def create(cls, directory: Path, name: str, passphrase: str | None = None, cost: ScryptCost | None = None) -> Self:
        """Make a witness that trusts no log yet; durable when this returns.

        Raises NoteError for a name that no key can have, KeyFileExists when the folder holds anything.
        """
        verifier_key(name, bytes(SECRET_BYTES), TYPE_COSIGNATURE)  # refuses the name before anything is written
        _make_directory(directory)
        verifier = _new_key(directory / KEY_NAME, name, passphrase, cost)
        heads = _new_key(directory / HEADS_KEY_NAME, name + HEADS_SUFFIX, passphrase, cost)
        write_new_file(directory / HEADS_VKEY_NAME, f"{heads.text}\n".encode(), 0o644)
        write_new_file(directory / LOGS_NAME, b"", 0o644)
        write_new_file(directory / STATE_NAME, _encode(WitnessState()))
        write_new_file(directory / VKEY_NAME, f"{verifier.text}\n".encode(), 0o644)
        return cls(directory, verifier, passphrase)

    @classmethod
    def open(cls, directory: Path, passphrase: str | None = None) -> Self:
        """Find a witness; reads its public key only. Raises KeyFileMissing, KeyFileDamaged or KeyFileUnreadable."""
        return cls(directory, _read_vkey(directory / VKEY_NAME), passphrase)

    @property
    def heads_verifier(self) -> Verifier | None:
        """The second verifier key; None in the folder of a witness that was made before there were any.

        Raises KeyFileDamaged or KeyFileUnreadable.
        """
        path = self.directory / HEADS_VKEY_NAME
        return _read_vkey(path) if path.exists() else None

    def signer(self) -> Signer:
        """The private key; raises KeyFileError when it is not here, not to be opened, or not that of the vkey."""
        return self._signer(KEY_NAME, self.verifier)

    def heads_signer(self) -> Signer:
        """The second private key, which is made when there is none yet; raises KeyFileError as `signer` does.

        Call it after `signer`: that one tells whether the passphrase is the right one to protect a new key with.
        """
        return self._further_signer(HEADS_SUFFIX, HEADS_VKEY_NAME, HEADS_KEY_NAME)

    def draws_signer(self) -> Signer:
        """The third private key, for seeds of draws; as `heads_signer`."""
        return self._further_signer(DRAWS_SUFFIX, DRAWS_VKEY_NAME, DRAWS_KEY_NAME)

    def trusted(self) -> list[Verifier]:
        """The keys of the logs that this witness cosigns, in the order in which they were named."""
        path = self.directory / LOGS_NAME
        try:
            return [Verifier.parse(line) for line in path.read_text("utf-8").splitlines()]
        except (NoteError, ValueError) as error:
            raise KeyFileDamaged(path, f"is no list of verifier keys ({error})", "Put it back from its copy") from None
        except OSError as error:
            raise KeyFileUnreadable(path, f"cannot be read ({error.strerror})", "Put it back from its copy") from error

    def trust(self, log: Verifier) -> bool:
        """Cosign this log's checkpoints from now on; False when the key was trusted already.

        A log may have several keys, one after the other. Raises NoteError for the key of a witness, and for one of
        another hash suite than the log's other keys have.
        """
        if log.signature_type == TYPE_COSIGNATURE:
            raise NoteError("verifier key", f"{log.name} is the key of a witness, expected a log's")
        with self.locked():
            known = self.trusted()
            if any(one.name == log.name and one.signature_type != log.signature_type for one in known):
                raise NoteError("verifier key", f"the other keys of {log.name} are of another signature type")
            if log in known:
                return False
            text = "".join(f"{one.text}\n" for one in [*known, log])
            replace_file(self.directory / LOGS_NAME, text.encode(), 0o644)
        return True

    def state(self) -> WitnessState:
        """What was cosigned last; raises WitnessStateError when that cannot be known."""
        path = self.directory / STATE_NAME
        try:
            data = path.read_bytes()
            state = _decode(data)
        except (FormatError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise _unknown(path, f"a damaged file ({error})") from None
        except OSError as error:
            raise _unknown(path, f"a file that cannot be read ({error.strerror})") from error
        if _encode(state) != data:
            raise _unknown(path, "a damaged file")
        return state

    def keep(self, state: WitnessState) -> None:
        """Replace the state, durably; the caller holds the lock and has compared."""
        replace_file(self.directory / STATE_NAME, _encode(state))

    def leaves_path(self, origin: str) -> Path:
        """Where the leaf hashes of a log are kept."""
        return self.directory / f"leaves-{sha256(origin.encode()).hexdigest()[:16]}"

    def keep_evidence(self, name: str, members: Mapping[str, Any]) -> Path:
        """Write a file that anybody may read, and return its path; files of this name stay as they are."""
        folder = self.directory / EVIDENCE_NAME
        folder.mkdir(mode=0o755, exist_ok=True)
        text = json.dumps(
            members, ensure_ascii=False, sort_keys=True
        )  # what strangers wrote may have no canonical form
        data = text.encode() + b"\n"
        path = folder / f"{name}-{sha256(data).hexdigest()[:16]}.json"
        replace_file(path, data, 0o644)
        return path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the witness; the system lets go of it when the process ends, however it ends."""
        descriptor = os.open(self.directory / "witness.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    # Private

    def _further_signer(self, suffix: str, vkey_name: str, key_name: str) -> Signer:
        name, path, vkey_path = self.verifier.name + suffix, self.directory / key_name, self.directory / vkey_name
        with self.locked():
            if not vkey_path.exists():
                if not path.exists():
                    _new_key(path, name, self._passphrase, None)
                key = read_key_file(path, "witness", name, SHA256.name, 1, self._passphrase)
                made = Signer(name, TYPE_COSIGNATURE, key.secret).verifier
                write_new_file(vkey_path, f"{made.text}\n".encode(), 0o644)
        verifier = _read_vkey(vkey_path)
        if verifier.name != name or verifier.public_key == self.verifier.public_key:
            mend = "Put back the files of this witness: a key stands for one statement only"
            raise KeyFileDamaged(vkey_path, f"is not the key {name} of its own", mend)
        return self._signer(key_name, verifier)

    def _signer(self, key_name: str, verifier: Verifier) -> Signer:
        path = self.directory / key_name
        key = read_key_file(path, "witness", verifier.name, SHA256.name, 1, self._passphrase)
        signer = Signer(verifier.name, TYPE_COSIGNATURE, key.secret)
        if signer.verifier != verifier:
            vkey = path.with_suffix(".vkey").name
            raise KeyFileDamaged(path, f"is not the key of {vkey}", "Put back the two files made together")
        return signer


# Private


def _new_key(path: Path, name: str, passphrase: str | None, cost: ScryptCost | None) -> Verifier:
    seed = secrets.token_bytes(SECRET_BYTES)
    write_key_file(path, KeyFile("witness", name, SHA256.name, 1, seed), passphrase, cost)
    return Signer(name, TYPE_COSIGNATURE, seed).verifier


def _read_vkey(path: Path) -> Verifier:
    mend = "Say where the witness is, or make one with 'mingzhang witness init'"
    try:
        verifier = Verifier.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise KeyFileMissing(path, "is not there", mend) from None
    except (NoteError, ValueError) as error:
        raise KeyFileDamaged(path, f"is no verifier key ({error})", mend) from None
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be read ({error.strerror})", mend) from error
    if verifier.signature_type != TYPE_COSIGNATURE:
        raise KeyFileDamaged(path, "is not the key of a witness, whose type is 0x04", mend)
    return verifier


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        if any(directory.iterdir()):
            mend = "Choose another folder with --dir; a witness is never made over anything"
            raise KeyFileExists(directory, "holds something already", mend)
    except OSError as error:
        raise KeyFileUnreadable(directory, f"cannot be made ({error.strerror})", "Choose another") from error


def _unknown(path: Path, found: str) -> WitnessStateError:
    mend = "put back the copy that was made after the last cosignature; without it, make a new witness"
    return WitnessStateError(where=str(path), expected="what this witness cosigned last", found=found, mend=mend)


def _encode(state: WitnessState) -> bytes:
    logs = [
        {
            "origin": log.origin,
            "size": log.size,
            "root": base64.b64encode(log.root).decode(),
            "note": log.note.decode(),
            "held": log.held,
        }
        for _, log in sorted(state.logs.items())
    ]
    return encode({"clock": state.clock, "format": FORMAT, "logs": logs}) + b"\n"


def _decode(data: bytes) -> WitnessState:
    """Read a state; what it raises for other bytes, and what it lets through, `WitnessFolder.state` sees to."""
    members = decode(data.removesuffix(b"\n"))
    logs = {}
    for one in members["logs"]:
        root = base64.b64decode(one["root"], validate=True)
        numbers = (one["size"], one["held"], members["clock"])
        if len(root) != HASH_BYTES or any(type(number) is not int or number < 0 for number in numbers):
            raise FormatError("state", "a number or root that cannot be")
        logs[one["origin"]] = Cosigned(one["origin"], one["size"], root, one["note"].encode(), one["held"])
    if type(members["clock"]) is not int:
        raise FormatError("state", "a time that cannot be")
    return WitnessState(members["clock"], logs)

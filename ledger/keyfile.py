"""Key files: one secret of a ledger in one file of JSON text, readable by its owner only.

    {"check":…, "epoch":1, "format":"mingzhang-key/1", "kind":"signing" | "bureau" | "index" | "witness", "origin":…,
     "protection":{"kind":"none"} |
                  {"kind":"scrypt","n":32768,"r":8,"p":3,"salt":base64 of 16 bytes},
     "secret":…, "suite":"mingzhang/v1"}

    secret    base64 of the 32 bytes; under a passphrase, of N ‖ AES-256-GCM(scrypt(passphrase), N, bytes, aad) ‖ tag
    aad       the canonical bytes of the other members, `check` and `secret` left out
    check     hex(first 16 bytes of SHA-256(canonical bytes of all other members)): finds damage before decryption,
              so that a wrong passphrase and a damaged file are told apart

A passphrase is normalised to NFC before use. The text is in canonical form with a final line feed.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import decode, encode
from ledger.errors import FormatError, LedgerError

KeyKind = Literal["signing", "bureau", "index", "witness"]

FORMAT: Final = "mingzhang-key/1"
SECRET_BYTES: Final = 32


class KeyFileError(LedgerError):
    """A piece of the key folder that cannot be used: which file, what was expected and found, how to mend it."""

    def __init__(self, path: Path, found: str, mend: str) -> None:
        super().__init__(f"keys: {path} {found}. {mend}")
        self.path = path
        self.found = found
        self.mend = mend


class KeyFileMissing(KeyFileError):
    """There is no file of this name."""


class KeyFileExists(KeyFileError):
    """A key is already there; keys are never overwritten."""


class KeyFileExposed(KeyFileError):
    """Others than its owner may read the file."""


class KeyFileUnreadable(KeyFileError):
    """The operating system does not let this user read or write the file."""


class KeyFileDamaged(KeyFileError):
    """The text is not what was written."""


class KeyFileForeign(KeyFileError):
    """Sound, but of another ledger, purpose or epoch."""


class PassphraseNeeded(KeyFileError):
    """The key is protected and no passphrase was given."""


class PassphraseWrong(KeyFileError):
    """The passphrase does not open the key."""


@dataclass(frozen=True)
class ScryptCost:
    """The work that one try of a passphrase costs, RFC 7914: memory is 128 · n · r bytes (here 32 MiB)."""

    n: int = 1 << 15
    r: int = 8
    p: int = 3


@dataclass(frozen=True)
class KeyFile:
    """What one file holds: 32 secret bytes, their purpose, the ledger they belong to, and the epoch from 1."""

    kind: KeyKind
    origin: str
    suite: str
    epoch: int
    secret: bytes = field(repr=False)


def write_key_file(path: Path, key: KeyFile, passphrase: str | None = None, cost: ScryptCost | None = None) -> None:
    """Create `path` with mode 0600, its content on disk before this returns; raise KeyFileExists if it is there.

    An empty passphrase is refused (PassphraseNeeded). The folder must exist. Killed at any point, it leaves either
    no `path` or the whole of it.
    """
    members: dict[str, Any] = {
        "format": FORMAT,
        "kind": key.kind,
        "origin": key.origin,
        "suite": key.suite,
        "epoch": key.epoch,
        "protection": {"kind": "none"},
    }
    secret = key.secret
    if passphrase is not None:
        members["protection"] = _fresh_protection(cost or ScryptCost())
        kek = _derive(path, passphrase, members["protection"])
        nonce = secrets.token_bytes(12)
        secret = nonce + AESGCM(kek).encrypt(nonce, key.secret, encode(members))
    members["secret"] = base64.b64encode(secret).decode()
    members["check"] = _check_value(members)
    write_new_file(path, encode(members) + b"\n")


def read_key_file(
    path: Path, kind: KeyKind, origin: str, suite: str, epoch: int = 1, passphrase: str | None = None
) -> KeyFile:
    """The secret of the key file that this ledger needs for this purpose; any KeyFileError says what to do."""
    members = _parse(path, _read_private(path))
    _check_belongs(path, members, {"kind": kind, "origin": origin, "suite": suite, "epoch": epoch})
    secret = base64.b64decode(members["secret"])
    if members["protection"]["kind"] == "scrypt":
        secret = _decrypt(path, members, secret, passphrase)
    if len(secret) != SECRET_BYTES:
        raise KeyFileDamaged(path, f"holds {len(secret)} bytes, expected {SECRET_BYTES}", _RESTORE)
    return KeyFile(kind, origin, suite, epoch, secret)


def write_new_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Create a file whole and durable, or raise KeyFileExists; nothing of it is seen before it is complete."""
    try:
        temporary = _write_beside(path, data, mode)
        try:
            os.link(temporary, path)  # unlike a rename, a link fails if the name is taken
        finally:
            temporary.unlink()
        sync_directory(path.parent)
    except FileExistsError:
        raise KeyFileExists(path, "is already there", "Keys are never overwritten: choose another folder") from None
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be written ({error.strerror})", "Check folder and rights") from error


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file by a whole new one, durably; a reader sees the old bytes or the new, never a part."""
    temporary = _write_beside(path, data, mode)
    try:
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_directory(path.parent)


def destroy_file(path: Path) -> None:
    """Overwrite a file and remove its name, durably; nothing when it is not there. A disk may still keep old blocks."""
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be destroyed ({error.strerror})", "Check folder and rights") from error
    sync_directory(path.parent)


def check_private(path: Path) -> None:
    """Raise KeyFileMissing or KeyFileExposed unless `path` is there and only its owner may use it."""
    try:
        _check_mode(path, path.stat())
    except FileNotFoundError:
        raise KeyFileMissing(path, "is not there", _RESTORE) from None
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be read ({error.strerror})", _ASK_OWNER) from error


def sync_directory(directory: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Private

_RESTORE: Final = "Put back the file from the backup of the key folder"
_ASK_OWNER: Final = "Run as the user who owns the keys"
_COST_MAX: Final = 1 << 26  # n · r · p: bounds the work that a forged file can ask for
_MEMORY_MAX_BYTES: Final = 1 << 30
_FILE_BYTES_MAX: Final = 1 << 16
_TYPES: Final[Mapping[str, type]] = {
    "check": str,
    "epoch": int,
    "format": str,
    "kind": str,
    "origin": str,
    "protection": dict,
    "secret": str,
    "suite": str,
}


def _fresh_protection(cost: ScryptCost) -> dict[str, Any]:
    salt = base64.b64encode(secrets.token_bytes(16)).decode()
    return {"kind": "scrypt", "n": cost.n, "r": cost.r, "p": cost.p, "salt": salt}


def _derive(path: Path, passphrase: str, protection: Mapping[str, Any]) -> bytes:
    if not passphrase:
        raise PassphraseNeeded(path, "cannot have an empty passphrase", "Give one, or none at all for an open key")
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    n, r, p = protection["n"], protection["r"], protection["p"]
    salt = base64.b64decode(protection["salt"])
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY_MAX_BYTES, dklen=32)


def _decrypt(path: Path, members: Mapping[str, Any], secret: bytes, passphrase: str | None) -> bytes:
    if passphrase is None:
        raise PassphraseNeeded(path, "is protected by a passphrase", "Give the passphrase it was made with")
    aad = encode({name: value for name, value in members.items() if name not in ("secret", "check")})
    try:
        return AESGCM(_derive(path, passphrase, members["protection"])).decrypt(secret[:12], secret[12:], aad)
    except (InvalidTag, ValueError):
        raise PassphraseWrong(
            path, "does not open with this passphrase", "The file itself is undamaged: try the passphrase again"
        ) from None


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _check_mode(path, os.fstat(file.fileno()))
            return file.read(_FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise KeyFileMissing(path, "is not there", f"{_RESTORE}, or say where the keys are") from None
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be read ({error.strerror})", _ASK_OWNER) from error


def _check_mode(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        mend = f"chmod 600 {path}, and ask who may have read it meanwhile"
        raise KeyFileExposed(path, f"has mode {mode:04o}, expected 0600: others may read it", mend)


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    """The members of an undamaged file; `check` is compared before anything in it is believed."""
    try:
        if len(data) > _FILE_BYTES_MAX or not data.endswith(b"\n"):
            raise FormatError("key file", "cut short, or too long")
        members = decode(data[:-1])
        _check_shape(members)
    except (FormatError, binascii.Error, KeyError, TypeError) as error:
        raise KeyFileDamaged(path, f"is damaged, or no key file ({error})", _RESTORE) from None
    return members


def _check_shape(members: dict[str, Any]) -> None:
    if {name: type(value) for name, value in members.items()} != _TYPES:
        raise FormatError("key file", "other members than a key file has")
    if members["check"] != _check_value(members):
        raise FormatError("check", "the text does not fit its check value")
    if members["format"] != FORMAT or members["kind"] not in get_args(KeyKind):
        raise FormatError("format", f"expected {FORMAT}")
    base64.b64decode(members["secret"], validate=True)
    protection = members["protection"]
    if protection["kind"] == "scrypt":
        base64.b64decode(protection["salt"], validate=True)
        n, r, p = protection["n"], protection["r"], protection["p"]
        if (
            {type(n), type(r), type(p)} != {int}
            or min(n, r, p) < 1
            or n * r * p > _COST_MAX
            or 128 * n * r > _MEMORY_MAX_BYTES // 2
        ):
            raise FormatError("protection", "scrypt parameters out of bounds")
    elif protection["kind"] != "none":
        raise FormatError("protection", "expected none or scrypt")


def _check_belongs(path: Path, members: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name, expected in wanted.items():
        if members[name] != expected:
            found = f"its {name} is {members[name]}, expected {expected}"
            raise KeyFileForeign(path, found, "Give the key folder that was made with this ledger")


def _check_value(members: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in members.items() if name != "check"}
    return hashlib.sha256(encode(rest)).digest()[:16].hex()


def _write_beside(path: Path, data: bytes, mode: int) -> Path:
    """A durable file of another name in the same folder; a file of a killed run may stay behind under it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask of this process
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary

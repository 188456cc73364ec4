"""The keys of one ledger, in a folder of their own beside the database and never in it.

    signing.vkey       the public key that checkpoints are verified with; no secret
    signing.key        signs checkpoints                                      (ledger/keyfile.py)
    signing-<id>.key   the same once the key was changed, its key id in the name  (ledger/key_rotation.py)
    retired-<id>.key   a key that signed before; nothing reads it
    bureau-1.key       wraps the sealing keys; one file per epoch
    index.key          keys the digests by which duplicates are found
    sealing.db         the sealing keys, wrapped under the bureau's key       (ledger/keyring.py)
    signer-state.json  the last size and root that were signed                (ledger/signer_state.py)

The files are readable by their owner only. A key file is opened when it is first needed, so that the public key can
be had without a passphrase. Every error is a KeyFileError and names the file.
"""

import hmac
import re
import secrets
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from ledger.hashing import SM3, Suite
from ledger.keyfile import (
    SECRET_BYTES,
    KeyFile,
    KeyFileDamaged,
    KeyFileExists,
    KeyFileExposed,
    KeyFileForeign,
    KeyFileMissing,
    KeyFileUnreadable,
    KeyKind,
    ScryptCost,
    destroy_file,
    read_key_file,
    write_key_file,
    write_new_file,
)
from ledger.keyring import KeyRing, SealingKey
from ledger.note import TYPE_ED25519, TYPE_SM3_LOG, NoteError, Signer, Verifier
from ledger.signer_state import STATE_NAME, create_state

VKEY_NAME: Final = "signing.vkey"
SIGNING_NAME: Final = "signing.key"
INDEX_NAME: Final = "index.key"
KEYRING_NAME: Final = "sealing.db"


class KeyPlace(NamedTuple):
    """What `KeyStore.open` takes, for another process; never to be shown, for the passphrase is in it."""

    directory: Path
    origin: str
    suite: Suite
    passphrase: str | None


class KeyStore:
    """The keys of the ledger `origin`; made with `create`, found again with `open`, closed with `close`."""

    def __init__(self, directory: Path, origin: str, suite: Suite, passphrase: str | None) -> None:
        self.directory = directory
        self.origin = origin
        self.suite = suite
        self._passphrase = passphrase
        self._bureau_keys: dict[int, bytes] = {}

    @classmethod
    def create(
        cls,
        directory: Path,
        origin: str,
        suite: Suite,
        passphrase: str | None = None,
        cost: ScryptCost | None = None,
    ) -> Self:
        """Make all keys of a new ledger from the operating system's randomness; durable when this returns.

        Raise KeyFileExists if the folder holds the keys of a ledger. What an interrupted run has left is completed:
        no key that is there is replaced.
        """
        store = cls(directory, origin, suite, passphrase)
        if (directory / VKEY_NAME).exists():
            mend = "Use them, or choose another folder; keys are never overwritten"
            raise KeyFileExists(directory, "holds the keys of a ledger already", mend)
        _make_directory(directory)
        store._make_key("signing", SIGNING_NAME, cost)
        store._make_key("bureau", _bureau_name(1), cost)
        store._make_key("index", INDEX_NAME, cost)
        KeyRing.create(directory / KEYRING_NAME, origin, suite)
        if not (directory / STATE_NAME).exists():
            create_state(directory, origin)
        # The public key comes last: a folder that has it is whole.
        write_new_file(directory / VKEY_NAME, f"{store._private_signer.verifier.text}\n".encode(), 0o644)
        return store

    @classmethod
    def open(cls, directory: Path, origin: str, suite: Suite, passphrase: str | None = None) -> Self:
        """Find the keys of a ledger; reads the public key only, and checks that it is that of this ledger."""
        store = cls(directory, origin, suite, passphrase)
        _check_directory(directory)
        store.verifier_key()
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> KeyPlace:
        """How these keys were opened, so that another process can do the same."""
        return KeyPlace(self.directory, self.origin, self.suite, self._passphrase)

    def close(self) -> None:
        """Close the file of sealing keys; keys that were not flushed are gone."""
        self._ring.close()

    def verifier_key(self) -> str:
        """The vkey text that verifies this ledger's checkpoints; needs no passphrase."""
        return self._verifier.text

    def signer(self) -> Signer:
        """The private key that signs checkpoints; raise KeyFileForeign if it is not that of `signing.vkey`."""
        signer = self._private_signer
        if signer.verifier != self._verifier:
            path = self.directory / SIGNING_NAME
            found = f"is the key of {signer.verifier.text}, expected that of {VKEY_NAME}, {self._verifier.text}"
            raise KeyFileForeign(path, found, "Put back the two files that were made together")
        return signer

    def check_current(self) -> None:
        """Raise KeyFileForeign when the key was changed since these keys were opened."""
        path = self.directory / VKEY_NAME
        if _read_verifier(path) != self._verifier:
            raise KeyFileForeign(path, "names another key than before: it was changed meanwhile", "Run this again")

    def signer_in(self, name: str) -> Signer:
        """The private key in a file of the folder; raises KeyFileError."""
        return Signer(self.origin, self.signature_type, self._secret("signing", name))

    def write_key(self, name: str, key: KeyFile, cost: ScryptCost | None = None) -> None:
        """Write a key file of the folder, under the passphrase of the others."""
        write_key_file(self.directory / name, key, self._passphrase, cost)

    @property
    def signature_type(self) -> int:
        """The signature type of this ledger's checkpoints."""
        return signature_type_of(self.suite)

    def unlock(self) -> None:
        """Open every key file now, so that a wrong passphrase or a missing file shows before the work begins."""
        self.signer()
        self._bureau_key(self._newest_epoch())
        self.index_mac("unlock")
        self._ring.open()

    def key_for(self, scope: str) -> SealingKey:
        """The (kid, key) to seal entries of a stream with; a new one must be flushed before they are committed."""
        return self._ring.key_for(scope)

    def single_key(self, scope: str) -> SealingKey:
        """A new (kid, key) of a stream for one command and no other; it must be flushed before it is committed."""
        return self._ring.single_key(scope)

    def key_by_id(self, kid: str) -> bytes | None:
        """The sealing key that an entry names, None if it is not here: never was, or was destroyed."""
        return self._ring.key_by_id(kid)

    def scope_of(self, kid: str) -> str | None:
        """The stream that a sealing key was made for, None if the key is not here."""
        return self._ring.scope_of(kid)

    def keys_of(self, scope: str) -> list[SealingKey]:
        """All sealing keys of a stream, oldest first."""
        return self._ring.keys_of(scope)

    def retire(self, kid: str) -> None:
        """Seal nothing more with a key; the next entry of its stream gets a new one."""
        self._ring.retire(kid)

    def destroy(self, kid: str) -> bool:
        """Destroy a sealing key, so that nothing it sealed is ever read again; False if it is not here."""
        return self._ring.destroy(kid)

    def holds(self, kids: Collection[str]) -> bool:
        """Say whether any of these sealing keys is here."""
        return self._ring.holds(kids)

    @property
    def epoch(self) -> int:
        """The newest epoch of the bureau's key; that of an erasure under way counts."""
        return self._newest_epoch()

    @property
    def epoch_min(self) -> int:
        """The oldest epoch that a sealing key may be wrapped under."""
        return self._ring.epoch_min

    def make_epoch(self, epoch: int, cost: ScryptCost | None = None) -> None:
        """Make the bureau's key of a new epoch; nothing is wrapped under it yet."""
        secret = secrets.token_bytes(SECRET_BYTES)
        self.write_key(_bureau_name(epoch), KeyFile("bureau", self.origin, self.suite.name, epoch, secret), cost)

    def rewrap(self, epoch: int, without: Collection[str]) -> None:
        """Wrap every sealing key anew under an epoch, but these, which are destroyed; all at once, or nothing."""
        self._ring.rewrap(epoch, without)

    def scour(self) -> None:
        """Leave no old bytes in the file of sealing keys; raises KeyFileUnreadable while another process reads it."""
        self._ring.scour()

    def destroy_epochs_before(self, epoch: int) -> None:
        """Destroy the bureau's keys of older epochs: what is wrapped under them, in any copy, opens no more here."""
        for number in sorted(self._epochs()):
            if number < epoch:
                destroy_file(self.directory / _bureau_name(number))
                self._bureau_keys.pop(number, None)

    def flush(self) -> None:
        """Make new sealing keys durable; call it before the transaction that stores what they sealed."""
        self._ring.flush()

    def index_mac(self, label: str, *parts: str) -> bytes:
        """HMAC-SHA256(index key, encoding of label and parts): 32 bytes, the same only for the same texts.

        Each text is written as its length in 8 bytes, big-endian, and its UTF-8 bytes, so that no two lists of
        texts have one encoding. Without the key, nobody can tell a guessed citizen number by its digest.
        """
        texts = [text.encode() for text in (label, *parts)]
        message = b"".join([len(text).to_bytes(8, "big") + text for text in texts])
        return hmac.digest(self._index_key, message, "sha256")

    def command_id(self, label: str, *parts: str) -> str:
        """A command id that the same work gives again: a uuid's text of the first 16 bytes of `index_mac`."""
        digits = self.index_mac(label, *parts)[:16].hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    # Private

    def _make_key(self, kind: KeyKind, name: str, cost: ScryptCost | None) -> None:
        path = self.directory / name
        if path.exists():
            self._secret(kind, name)
            return
        self.write_key(name, KeyFile(kind, self.origin, self.suite.name, 1, secrets.token_bytes(SECRET_BYTES)), cost)

    def _secret(self, kind: KeyKind, name: str, epoch: int = 1) -> bytes:
        path = self.directory / name
        return read_key_file(path, kind, self.origin, self.suite.name, epoch, self._passphrase).secret

    @cached_property
    def _verifier(self) -> Verifier:
        path = self.directory / VKEY_NAME
        verifier = _read_verifier(path)
        wanted = (self.origin, signature_type_of(self.suite))
        if (verifier.name, verifier.signature_type) != wanted:
            found = f"is the key of {verifier.name} (signature type {verifier.signature_type:#04x})"
            expected = f"expected {wanted[0]} (signature type {wanted[1]:#04x})"
            mend = "Give the key folder that was made with this ledger"
            raise KeyFileForeign(path, f"{found}, {expected}", mend)
        return verifier

    @cached_property
    def _private_signer(self) -> Signer:
        if (self.directory / VKEY_NAME).exists():
            name = signing_name(self._verifier)
            if (self.directory / name).exists():
                return self.signer_in(name)
        return self.signer_in(SIGNING_NAME)

    @cached_property
    def _index_key(self) -> bytes:
        return self._secret("index", INDEX_NAME)

    @cached_property
    def _ring(self) -> KeyRing:
        path = self.directory / KEYRING_NAME
        return KeyRing(path, self.origin, self.suite, self._newest_epoch, self._bureau_key)

    def _bureau_key(self, epoch: int) -> bytes:
        if epoch not in self._bureau_keys:
            self._bureau_keys[epoch] = self._secret("bureau", _bureau_name(epoch), epoch)
        return self._bureau_keys[epoch]

    def _newest_epoch(self) -> int:
        return max(self._epochs(), default=1)

    def _epochs(self) -> list[int]:
        found = (_BUREAU.fullmatch(path.name) for path in self.directory.iterdir())
        return [int(match[1]) for match in found if match]


def signature_type_of(suite: Suite) -> int:
    """The signature type with which the logs of a suite are signed."""
    return TYPE_SM3_LOG if suite == SM3 else TYPE_ED25519


def signing_name(verifier: Verifier) -> str:
    """The name of the file of a signing key that is not the ledger's first."""
    return f"signing-{verifier.key_id.hex()}.key"


# Private

_BUREAU: Final = re.compile(r"bureau-([1-9][0-9]{0,15})\.key")
_GIVE_FOLDER: Final = "Say where the keys are, or put them back from their backup"


def _bureau_name(epoch: int) -> str:
    return f"bureau-{epoch}.key"


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileUnreadable(directory, f"cannot be made ({error.strerror})", "Choose another") from error
    _check_directory(directory)


def _check_directory(directory: Path) -> None:
    if not directory.is_dir():
        raise KeyFileMissing(directory, "is not there", _GIVE_FOLDER)
    mode = directory.stat().st_mode & 0o777
    if mode & 0o022:
        mend = f"chmod 700 {directory}"
        raise KeyFileExposed(directory, f"has mode {mode:04o}, expected 0700: others may change it", mend)


def _read_verifier(path: Path) -> Verifier:
    try:
        return Verifier.parse(path.read_text("ascii"))
    except FileNotFoundError:
        if (path.parent / SIGNING_NAME).exists():
            mend = "Making the keys was interrupted: run 'mingzhang init' again, it keeps what is there"
            raise KeyFileMissing(path, "is not there", mend) from None
        raise KeyFileMissing(path, "is not there", _GIVE_FOLDER) from None
    except (NoteError, ValueError) as error:
        raise KeyFileDamaged(path, f"is no verifier key ({error})", _GIVE_FOLDER) from None
    except OSError as error:
        raise KeyFileUnreadable(path, f"cannot be read ({error.strerror})", _GIVE_FOLDER) from error

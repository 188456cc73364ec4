"""A new signing key in the place of the old one, so that at every moment exactly one of the two can sign.

    (1) the new key is made, as `signing-<key id>.key`: nobody uses it yet
    (2) the log announces it, in an entry that the old key signed (ledger/key_chain.py): the caller's part
    (3) `signing.vkey` is replaced, in one step: from now on the new key signs
    (4) the old key becomes `retired-<key id>.key`, or is destroyed

Killed between any two steps, the same again goes on with the key that is there. All of it happens under the lock of
the signer, whose memory of what was signed stays as it is.
"""

import secrets
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from ledger.keyfile import SECRET_BYTES, KeyFile, KeyFileForeign, ScryptCost, destroy_file, replace_file, sync_directory
from ledger.keystore import SIGNING_NAME, VKEY_NAME, KeyStore, signing_name
from ledger.note import Signer, Verifier
from ledger.signer_state import locked

Announce = Callable[[Signer, Verifier], None]  # records the new key under the old one's signature, once


def rotate_key(
    keys: KeyStore,
    announce: Announce,
    former: Collection[Verifier] = (),
    *,
    destroy: bool = False,
    cost: ScryptCost | None = None,
) -> Verifier:
    """Change the signing key and return the new one; `keys` must be opened again before they sign.

    `former` are the keys that the log has retired: what an interrupted change left of them is no new key.
    Raises KeyFileForeign when another process changed the key since `keys` were opened, and every KeyFileError.
    """
    with locked(keys.directory):
        keys.check_current()
        old = keys.signer()
        _put_leftovers_aside(keys, old.verifier, former, destroy=destroy)
        new = _pending(keys, old.verifier) or _make(keys, cost)
        announce(old, new)
        replace_file(keys.directory / VKEY_NAME, f"{new.text}\n".encode(), 0o644)
        _put_aside(_file_of(keys, old.verifier), old.verifier, destroy=destroy)
    return new


# Private

_PENDING: Final = "signing-*.key"


def _pending(keys: KeyStore, current: Verifier) -> Verifier | None:
    """Return the new key that an interrupted change has left, after its file has been read as a whole."""
    paths = sorted(keys.directory.glob(_PENDING))
    path = next((one for one in paths if one.name != signing_name(current)), None)
    if path is None:
        return None
    verifier = keys.signer_in(path.name).verifier
    if signing_name(verifier) != path.name:
        found = f"holds the key of id {verifier.key_id.hex()}"
        raise KeyFileForeign(path, found, "Give the file the name of its key, or put it aside")
    return verifier


def _make(keys: KeyStore, cost: ScryptCost | None) -> Verifier:
    seed = secrets.token_bytes(SECRET_BYTES)
    verifier = Signer(keys.origin, keys.signature_type, seed).verifier
    keys.write_key(signing_name(verifier), KeyFile("signing", keys.origin, keys.suite.name, 1, seed), cost)
    return verifier


def _file_of(keys: KeyStore, key: Verifier) -> Path:
    path = keys.directory / signing_name(key)
    return path if path.exists() else keys.directory / SIGNING_NAME


def _put_leftovers_aside(keys: KeyStore, current: Verifier, former: Collection[Verifier], *, destroy: bool) -> None:
    """Do step (4) for a change that was interrupted before it."""
    for key in former:
        path = keys.directory / signing_name(key)
        if key != current and path.exists():
            _put_aside(path, key, destroy=destroy)
    first = keys.directory / SIGNING_NAME
    if first.exists() and _file_of(keys, current) != first:
        _put_aside(first, keys.signer_in(SIGNING_NAME).verifier, destroy=destroy)


def _put_aside(path: Path, old: Verifier, *, destroy: bool) -> None:
    """Take the old key out of use; its bytes are overwritten first when it is to be destroyed."""
    if destroy:
        destroy_file(path)
    else:
        path.rename(path.with_name(f"retired-{old.key_id.hex()}.key"))
        sync_directory(path.parent)

"""Sealing: personal data encrypted under a key of its stream, with a commitment to each field.

    H = the suite's hash; HMAC uses H; ‖ joins raw bytes.
    K     32 random bytes; a K seals entries of one stream only (its scope)
    kid   hex(first 16 bytes of H("mingzhang/v1 key\\n" ‖ K))
    P     the sealed object in canonical form, at least one member;  S: 32 fresh random bytes
    s_i   HMAC(S, "mingzhang/v1 salt\\n" ‖ name_i)
    d_i   "mingzhang/v1 field\\n" ‖ s_i ‖ name_i ‖ ":" ‖ value_i      value_i = its canonical bytes
    C     RFC 6962 root over d_1…d_n in key order: the commitment
    aad   the entry's bytes, line 1 through the line feed of "type"
    blob  N ‖ AES-256-GCM(K, N, S ‖ P, aad) ‖ tag;  N 12 random bytes, fresh each time;  at most 1 MiB
    wrap  N ‖ AES-256-GCM(KEK, N, K, "mingzhang/v1 wrap\\n" ‖ origin ‖ LF ‖ kid ‖ LF ‖ scope ‖ LF ‖ epoch) ‖ tag

The entry names kid, H(blob) and C. A field is disclosed with its salt s_i and its path in the commitment, never
with S, so that the other fields stay sealed. Once K is destroyed, H(blob) and C still hold.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import decode, decode_members, encode, encode_members, encode_value, joined
from ledger.entry import Seal
from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.merkle import inclusion_path, root, verify_inclusion

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
BLOB_BYTES_MIN: Final = NONCE_BYTES + SALT_BYTES + len(b'{"a":0}') + TAG_BYTES
BLOB_BYTES_MAX: Final = 1 << 20


class SealError(FormatError):
    """A blob, a disclosure or a wrapped key that does not hold; `where` names the part, no value is quoted."""


def key_id(suite: Suite, key: bytes) -> str:
    """The 32 hexadecimal digits by which entries name a sealing key."""
    return suite.hash(_KEY_LABEL + key)[:16].hex()


def seal(
    suite: Suite, key: bytes, aad: bytes, members: Mapping[str, Any], salt: bytes, nonce: bytes
) -> tuple[bytes, Seal]:
    """Encrypt an object for the entry whose first lines are `aad`; return the blob and what the entry says of it.

    `salt` (32 bytes) and `nonce` (12 bytes) come fresh from the operating system for every call, retries included.
    Raise SealError for an empty object or a blob over 1 MiB, FormatError for a value without a canonical form.
    """
    if (len(key), len(salt), len(nonce)) != _SEALING_LENGTHS:
        _check_length("key", key, KEY_BYTES)
        _check_length("salt", salt, SALT_BYTES)
        _check_length("nonce", nonce, NONCE_BYTES)
    fields = encode_members(members)
    commitment = root(suite, _field_leaves(suite, salt, fields))
    blob = nonce + AESGCM(key).encrypt(nonce, salt + joined(fields), aad)
    if len(blob) > BLOB_BYTES_MAX:
        raise SealError("blob", f"{len(blob)} bytes, expected at most {BLOB_BYTES_MAX}; split it over several entries")
    return blob, Seal(key_id(suite, key), suite.hash(blob), commitment)


def open_blob(suite: Suite, key: bytes, aad: bytes, seal: Seal, blob: bytes) -> tuple[dict[str, Any], bytes]:
    """Decrypt a blob and check all that its entry says of it; return the sealed object and the salt S.

    Raise SealError at "kid", "blob", "sealed object" or "commitment".
    """
    if key_id(suite, key) != seal.kid:
        raise SealError("kid", f"the entry was sealed with {seal.kid}, this is key {key_id(suite, key)}")
    check_blob(suite, seal, blob)
    plaintext = _decrypt("blob", key, blob, aad)
    if len(plaintext) < SALT_BYTES:
        raise SealError("sealed object", f"{len(plaintext)} bytes inside, expected more than the {SALT_BYTES} of S")
    salt = plaintext[:SALT_BYTES]
    try:
        members, fields = decode_members(plaintext[SALT_BYTES:])
    except FormatError as error:
        raise SealError("sealed object", error.reason) from None
    if root(suite, _field_leaves(suite, salt, fields)) != seal.commitment:
        raise SealError("commitment", "the fields inside are not those the entry commits to")
    return members, salt


def check_blob(suite: Suite, seal: Seal, blob: bytes) -> None:
    """Compare a blob with its entry without opening it: size and hash; raise SealError("blob", …)."""
    if len(blob) > BLOB_BYTES_MAX:
        raise SealError("blob", f"{len(blob)} bytes, expected at most {BLOB_BYTES_MAX}")
    if suite.hash(blob) != seal.blob_hash:
        raise SealError("blob", "these are not the bytes whose hash stands in the entry")


def field_salts(suite: Suite, salt: bytes, members: Mapping[str, Any]) -> dict[str, bytes]:
    """The salt s_i of each field, 32 bytes each, from the salt S of the blob."""
    return {name: suite.hmac(salt, _SALT_LABEL + name.encode()) for name in members}


def disclose(suite: Suite, salt: bytes, members: Mapping[str, Any], field: str) -> bytes:
    """The canonical text that shows one field of a sealed object and proves it, without S or another field."""
    if field not in members:
        raise SealError("field", f"no field {field!r} in this sealed object, which has {', '.join(sorted(members))}")
    names = sorted(members)
    leaves = _field_leaves(suite, salt, encode_members(members))
    index = names.index(field)
    return encode(
        {
            "commitment": _base64(root(suite, leaves)),
            "field": field,
            "index": index + 1,
            "of": len(names),
            "path": [_base64(one) for one in inclusion_path(suite, leaves, index)],
            "salt": _base64(suite.hmac(salt, _SALT_LABEL + field.encode())),
            "value": members[field],
        }
    )


def verify_disclosure(suite: Suite, text: bytes, commitment: bytes) -> tuple[str, Any]:
    """The field and value that a disclosure proves for the entry that carries `commitment`.

    Raise SealError at "disclosure", "field", "salt", "commitment" or "path".
    """
    shown = _parse_disclosure(text)
    field, index, of = shown["field"], shown["index"], shown["of"]
    if not _FIELD.fullmatch(field):
        raise SealError("field", "not a name that a field can have")
    salt = _hash_of("salt", shown["salt"])
    if _hash_of("commitment", shown["commitment"]) != commitment:
        raise SealError("commitment", "the disclosure is of another entry")
    path = [_hash_of("path", one) for one in shown["path"]]
    leaf = suite.leaf(_FIELD_LABEL + salt + field.encode() + b":" + encode_value(shown["value"]))
    if not 1 <= index <= of or not verify_inclusion(suite, leaf, index - 1, of, path, commitment):
        raise SealError("path", "field, value, salt and path do not lead to the commitment")
    return field, shown["value"]


def wrap_key(suite: Suite, bureau_key: bytes, origin: str, scope: str, epoch: int, key: bytes, nonce: bytes) -> bytes:
    """Encrypt a sealing key under the bureau's key of an epoch, bound to log, key id, scope and epoch; 60 bytes."""
    _check_length("bureau key", bureau_key, KEY_BYTES)
    _check_length("key", key, KEY_BYTES)
    _check_length("nonce", nonce, NONCE_BYTES)
    aad = _wrap_aad(origin, key_id(suite, key), scope, epoch)
    return nonce + AESGCM(bureau_key).encrypt(nonce, key, aad)


def unwrap_key(suite: Suite, bureau_key: bytes, origin: str, kid: str, scope: str, epoch: int, wrapped: bytes) -> bytes:
    """The sealing key inside; raise SealError at "wrap" if it does not open, at "kid" if it is another key."""
    _check_length("bureau key", bureau_key, KEY_BYTES)
    key = _decrypt("wrap", bureau_key, wrapped, _wrap_aad(origin, kid, scope, epoch))
    if len(key) != KEY_BYTES or key_id(suite, key) != kid:
        raise SealError("kid", f"the wrapped key is not the one that {kid} names")
    return key


# Private

_KEY_LABEL: Final = b"mingzhang/v1 key\n"
_SALT_LABEL: Final = b"mingzhang/v1 salt\n"
_FIELD_LABEL: Final = b"mingzhang/v1 field\n"
_WRAP_LABEL: Final = b"mingzhang/v1 wrap\n"
_SEALING_LENGTHS: Final = (KEY_BYTES, SALT_BYTES, NONCE_BYTES)
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")
_DISCLOSURE: Final[Mapping[str, type]] = {
    "commitment": str,
    "field": str,
    "index": int,
    "of": int,
    "path": list,
    "salt": str,
}


def _field_leaves(suite: Suite, salt: bytes, fields: Mapping[str, bytes]) -> list[bytes]:
    """H(00 ‖ d_i) of fields in key order; refuses the object without a member, which commits to nothing."""
    if not fields:
        raise SealError("sealed object", "an object without a member; an entry with nothing to seal says 'sealed -'")
    names = [name.encode() for name in fields]
    salts = suite.hmac_all(salt, [_SALT_LABEL + name for name in names])
    start = b"\x00" + _FIELD_LABEL  # 00: what is hashed is a leaf
    parts = zip(salts, names, fields.values(), strict=True)
    return suite.hash_all([b"%b%b%b:%b" % (start, field_salt, name, value) for field_salt, name, value in parts])


def _decrypt(where: str, key: bytes, sealed: bytes, aad: bytes) -> bytes:
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealError(where, f"{len(sealed)} bytes, expected at least {NONCE_BYTES + TAG_BYTES}")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise SealError(where, "does not open with this key for this place: other bytes, key or header") from None


def _wrap_aad(origin: str, kid: str, scope: str, epoch: int) -> bytes:
    return _WRAP_LABEL + f"{origin}\n{kid}\n{scope}\n{epoch}".encode()


def _parse_disclosure(text: bytes) -> dict[str, Any]:
    try:
        shown = decode(text)
    except FormatError as error:
        raise SealError("disclosure", error.reason) from None
    if shown.keys() != {*_DISCLOSURE, "value"}:
        raise SealError("disclosure", f"expected the members {', '.join(sorted({*_DISCLOSURE, 'value'}))}")
    for name, kind in _DISCLOSURE.items():
        if type(shown[name]) is not kind:  # a bool is an int to isinstance
            raise SealError("disclosure", f"{name}: expected {kind.__name__}, found {type(shown[name]).__name__}")
    return shown


def _hash_of(where: str, text: Any) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise SealError(where, "not base64 of RFC 4648 section 4") from None
    if len(raw) != KEY_BYTES or _base64(raw) != text:
        raise SealError(where, "expected the base64 of 32 bytes, its unused bits zero")
    return raw


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _check_length(where: str, value: bytes, length_bytes: int) -> None:
    if len(value) != length_bytes:
        raise SealError(where, f"{len(value)} bytes, expected {length_bytes}")

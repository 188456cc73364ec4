"""Whose signatures are believed: a policy or a key that was given, else the keys of the ledger at hand."""

from pathlib import Path
from typing import Final

from audit.signed_checkpoint import announced_keys
from cli.errors import BadOption
from cli.options import Context
from cli.words import N_, _
from ledger.keyfile import KeyFileError
from ledger.note import TYPE_COSIGNATURE, NoteError, Verifier
from ledger.policy import Policy, parse_policy
from ledger.store import Reader, Store

_OF_A_LOG: Final = N_("a file of `mingzhang key show --vkey`, or its text")
_EXPECTED: Final = {"--witness": N_("a file with the verifier key of a witness, or its text")}


def policy_of(policy: Path | None, vkey: str | None) -> Policy | None:
    """Return the policy in a file, or that of one key, which asks for no witness; None when neither was given.

    Raises PolicyError for a file that is none, BadOption for both at once and for a key that signs no log.
    """
    if policy is not None and vkey is not None:
        raise BadOption(_("Give --policy or --vkey, not both"), where="--vkey")
    if policy is not None:
        return parse_policy(policy.read_bytes())
    if vkey is None:
        return None
    key = verifier_of(vkey)
    if key.signature_type == TYPE_COSIGNATURE:
        raise BadOption(_("This is the key of a witness, not of a log"), where="--vkey", found=key.name)
    return Policy((key,))


def verifier_of(text: str, option: str = "--vkey") -> Verifier:
    """Return the key that a file holds or that stands on the command line after `option`; raises BadOption."""
    path = Path(text)
    try:
        return Verifier.parse((path.read_text("utf-8") if path.is_file() else text).strip())
    except (NoteError, UnicodeDecodeError) as error:
        raise BadOption(
            _("This is no verifier key"), where=option, expected=_(_EXPECTED.get(option, _OF_A_LOG)), found=str(error)
        ) from None


def log_keys(context: Context, store: Store, reader: Reader) -> list[Verifier]:
    """Return the keys that this ledger's checkpoints may be signed with: the key folder's, and those it announced."""
    keys: list[Verifier] = []
    if context.keys_directory.is_dir():
        try:
            with context.open_keys(store, unlock=False) as opened:
                keys.append(Verifier.parse(opened.verifier_key()))
        except KeyFileError:
            pass  # the announced ones are left, and nothing is signed here
    return [*keys, *(key for key in announced_keys(reader) if key not in keys)]

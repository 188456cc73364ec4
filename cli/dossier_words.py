"""The words of a dossier's checks: what each is called, and the forms in which the audit writes its details."""

from collections.abc import Mapping
from typing import Final

from cli.words import N_

CHECKS: Final[Mapping[str, str]] = {
    "file": N_("file"),
    "policy": N_("policy"),
    "signature": N_("signature of the log"),
    "quorum": N_("quorum of witnesses"),
    "checkpoint": N_("checkpoint"),
    "entries": N_("entries"),
    "inclusion": N_("inclusion"),
    "heads": N_("entry of the map"),
    "map": N_("map of streams"),
    "completeness": N_("completeness"),
    "disclosures": N_("disclosed fields"),
}
"""The checks of a dossier, in their order; the keys are the names in `--json`."""

STATES: Final[Mapping[str, str]] = {
    "OK": N_("OK"),
    "BROKEN": N_("BROKEN"),
    "UNCHECKED": N_("UNCHECKED"),
    "ASSERTED": N_("ASSERTED"),
}

FORMS: Final = (
    N_("{} bytes"),
    N_("the file cannot be read"),
    N_("digest: the file is not as it was written: a byte of it was changed"),
    N_("file: not in canonical form: {}"),
    N_("file: expected one line feed at its end"),
    N_("none was given, so nobody's word is taken for the checkpoint"),
    N_("a key stands in both policies: who attests the map does so with a key of its own"),
    N_("logs: {}, quorum: no witness"),
    N_("logs: {}, quorum: {}"),
    N_("no policy names the key of the log"),
    N_("no policy, or no signature of the log"),
    N_("signature: the signature of {} does not fit this text"),
    N_("note: not signed by a known key: known {}; the note is signed by {}"),
    N_("the policy asks for no witness: it rests on the key of the log alone"),
    N_("needs {}; no cosignature of {}"),
    N_("needs {}; no attestation of {}"),
    N_("{}: cosigned by {}"),
    N_("{} entries, root {}"),
    N_("size {}, expected {}: one more than the map covers"),
    N_("it is one of {}, the dossier is one of {}"),
    N_("{} is not in the map, the dossier has {} entries of it"),
    N_("{} entries of {}"),
    N_("{} paths"),
    N_("{}: entry and path do not lead to the root of the checkpoint"),
    N_("{}: prev is not the leaf hash of the entry before it in the dossier"),
    N_("{}: expected a position from {} to {}"),
    N_("{}: expected {}, found {}"),
    N_("at {}, recorded {}"),
    N_("{} ends with seq {}, one of {} streams"),
    N_("{} is none of the {} streams"),
    N_("{}: the last entry given is not the one that the map names"),
    N_("{}: leaf {} of {} and its path do not lead to the root"),
    N_("asserted by the bureau: no policy was given for who replayed the log"),
    N_("asserted by the bureau: the policy asks for nobody who replayed the log"),
    N_("the policies could not be followed"),
    N_("attested by {}, who replayed every entry below {}"),
    N_("{} sealed fields"),
    N_("{}: path: field, value, salt and path do not lead to the commitment"),
    N_("{}: commitment: the disclosure is of another entry"),
    N_("{}: {} is disclosed twice"),
    N_("{}: a disclosure, and nothing is sealed"),
)
"""Forms of details, the more special before the more general; a detail of no form is shown in English."""

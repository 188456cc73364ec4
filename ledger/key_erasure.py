"""Destroying sealing keys so that no copy of the file of keys opens them again: a new epoch of the bureau's key.

    (1) the bureau's key of a new epoch is made: nothing is wrapped under it yet
    (2) in one transaction the keys to be erased are deleted, and every other one is wrapped anew under it
    (3) the file of sealing keys is written anew, and its WAL emptied
    (4) the bureau's key of every older epoch is overwritten and removed

Killed between any two steps, the same again goes on with what is there. A process that seals meanwhile is not
disturbed: (2) waits for it, and its new keys are wrapped under the new epoch when they are saved. Copies of the key
folder made before keep the old epoch: they are the caller's to destroy (docs/erasure.md).
"""

from collections.abc import Collection

from ledger.keyfile import ScryptCost
from ledger.keystore import KeyStore
from ledger.signer_state import locked


def erase_keys(keys: KeyStore, kids: Collection[str], cost: ScryptCost | None = None) -> None:
    """Destroy these sealing keys in the key folder; durable when this returns, and nothing when they are gone.

    The caller has recorded that their erasure is requested. Raises KeyFileError, with everything to be done again.
    """
    with locked(keys.directory):
        if keys.holds(kids):
            epoch = keys.epoch
            if epoch == keys.epoch_min:  # else (1) was done by a run that was interrupted
                epoch += 1
                keys.make_epoch(epoch, cost)
            keys.rewrap(epoch, kids)
        keys.scour()
        keys.destroy_epochs_before(keys.epoch_min)

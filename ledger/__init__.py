"""The append-only log: entry bytes, chains, Merkle tree, checkpoints, keys, sealing, stores."""

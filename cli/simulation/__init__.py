"""Synthetic counties: files in the import formats, and the answers a correct ledger must reach."""

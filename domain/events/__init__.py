"""Everything the ledger can record: one frozen class per topic, grouped by the thing that happened."""

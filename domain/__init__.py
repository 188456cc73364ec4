"""Pure rules of the field: events, decisions, law as data, money, months, identities; no input or output."""

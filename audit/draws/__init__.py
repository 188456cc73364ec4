"""Draws by lot of cases and inspectors: pool, seed, making, verification, publication (docs/draws.md)."""

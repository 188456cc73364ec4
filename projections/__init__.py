"""Read models: the registers (台账), disposable and rebuilt from entry 0 at any time."""

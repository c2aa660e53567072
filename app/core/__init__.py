"""The rules of the call queue as pure functions over frozen values: no clock, randomness, I/O or logging."""

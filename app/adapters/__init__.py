"""Small adapters of the ports to what is at hand: this machine's clock, its randomness, `speech` and `models`."""

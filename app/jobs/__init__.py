"""Slow work and long retries, on RQ: recordings to fetch and transcribe, and upkeep."""

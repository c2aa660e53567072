"""Adapters of the store port: one for a single process, one for Redis."""

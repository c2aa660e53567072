"""Adapters between carriers and the use cases."""

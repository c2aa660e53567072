"""The owner's YAML file: read, checked, explained, written and watched."""

from app.owner.load import DEMO_TIMES, EXAMPLES, LENDER, UNICONE, load
from app.owner.problems import OwnerFileError, Problem
from app.owner.schema import schema

__all__ = ["DEMO_TIMES", "EXAMPLES", "LENDER", "UNICONE", "OwnerFileError", "Problem", "load", "schema"]

"""The owner's YAML file: read, checked, explained, written and watched."""

from app.owner.book import ConfigBook, Texts
from app.owner.load import DEMO_TIMES, EXAMPLES, LENDER, UNICONE, load
from app.owner.problems import OwnerFileError, Problem
from app.owner.schema import schema
from app.owner.vocabulary import missing_words
from app.owner.writer import Answers, RouteAnswer, write_owner_file

__all__ = [
    "DEMO_TIMES",
    "EXAMPLES",
    "LENDER",
    "UNICONE",
    "Answers",
    "ConfigBook",
    "OwnerFileError",
    "Problem",
    "RouteAnswer",
    "Texts",
    "load",
    "missing_words",
    "schema",
    "write_owner_file",
]

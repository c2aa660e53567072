"""Options that several commands share."""

from pathlib import Path

import click

PIPED_WIDTH = 140
FILE = click.Path(path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document for programs, instead of text.")
INDEX = click.option("--index", metavar="URL", help="Another list of models. Default: the Vosk project's.")

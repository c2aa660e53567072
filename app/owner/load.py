"""Reads an owner's file, with an overlay if there is one, into a Config, or reports every mistake at once."""

import hashlib
from pathlib import Path

from app.core.config import Config
from app.owner import build, going_on, paths, people, references, serving, talk, waiting
from app.owner.look import look
from app.owner.problems import OwnerFileError, Problem
from app.owner.reader import Source, read_source, read_tree
from app.owner.shape import fitted
from app.owner.tree import Branch, overlaid

EXAMPLES = Path(__file__).with_name("examples")
UNICONE = EXAMPLES / "unicone.yaml"
LENDER = EXAMPLES / "lender.yaml"
DEMO_TIMES = EXAMPLES / "demo-times.yaml"

_CHECKS = (references.check, people.check, talk.check, waiting.check, serving.check, going_on.check)


def load(path_or_text: Path | str, overlay: Path | str | None = None) -> Config:
    """A `Path` is read, a `str` is taken as the text itself; raises OwnerFileError with every problem found."""
    source = read_source(path_or_text)
    over = None if overlay is None else read_source(overlay, "overlay.yaml")
    return load_sources(source, over)


def load_sources(source: Source, overlay: Source | None, *, look_at_files: bool = True) -> Config:
    """Like `load`; a text that was good once is read again without looking for its music."""
    tree, problems = _merged(source, overlay)
    file, fitting, misfits = fitted(tree)
    problems += misfits
    view = look(tree, fitting, source.folder, misfits)
    problems += [found for check in _CHECKS for found in check(file, view)] if look_at_files else []
    if look_at_files and not misfits:
        problems = paths.with_dead_ends(problems, file, view)
    if problems:
        raise OwnerFileError(problems)
    return build.config(file, version(source, overlay), lambda written: waiting.music(written, source.folder))


def version(source: Source, overlay: Source | None) -> str:
    """Names the content: the same text and overlay always have the same version."""
    text = source.text + ("\0" + overlay.text if overlay else "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _merged(source: Source, overlay: Source | None) -> tuple[Branch, list[Problem]]:
    tree, problems = read_tree(source)
    if overlay is None:
        return tree, problems
    over, more = read_tree(overlay)
    return overlaid(tree, over), problems + more

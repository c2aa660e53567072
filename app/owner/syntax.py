"""YAML's complaints in an owner's words."""

import re

from ruamel.yaml.error import MarkedYAMLError

from app.owner.problems import Place, Problem, problem

# (what YAML says, what it means, what to do), the first that matches
_MEANINGS = (
    (r"found character '\\t'", "a tab is used as indentation", "use spaces instead of tabs"),
    (r"found undefined|found unknown escape", "a \\ in double quotes means something else", "use single quotes"),
    (r"cannot start any token", "text cannot begin with this character", "put quotes round the text"),
    (r"expected <block end>", "this line does not line up with those above", "check its indentation"),
    (r"expected ',' or '[\]}]'", "a bracket is not closed, or a comma is missing", "check the brackets"),
    (r"expected the node content", "a bracket is not closed", "close it with ] or }"),
)
_QUOTE_OPEN = ("a quotation mark is not closed", "put the same mark at the end of the text")
_QUOTE_GOES_ON = ("the text goes on after its quotation mark", "put double quotes round the whole text")
_KEYS_UNQUOTED = ("keys that begin with * need quotes", "write them like this: '*7'")
_COLON_MISSING = ("a colon is missing on this line", "write it as `name: value`")
_COLON_INSIDE = ("a second colon on one line", "put quotes round text that holds a colon and a space")
_ELSE = "check the indentation, colons and quotation marks here and just above"


def explained(error: MarkedYAMLError, file: str, text: str) -> Problem:
    """What YAML could not read, where it went wrong rather than where YAML noticed."""
    said = error.problem or error.context or "this cannot be read"
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    row, column = (mark.line, mark.column) if mark else (0, 0)
    line = lines[row] if row < len(lines) else ""
    if "quoted scalar" in (error.context or "") and "unexpected end" in said and error.context_mark:
        opened = error.context_mark
        return problem(Place(file, opened.line + 1, opened.column + 1), *_QUOTE_OPEN)
    if "could not find expected ':'" in said and error.context_mark:
        return problem(Place(file, error.context_mark.line + 1, error.context_mark.column + 1), *_COLON_MISSING)
    if line.lstrip().startswith("*"):
        return problem(Place(file, row + 1, len(line) - len(line.lstrip()) + 1), *_KEYS_UNQUOTED)
    if line[:column].rstrip().endswith(("'", '"')) and "scalar" in said:
        return problem(Place(file, row + 1, column + 1), *_QUOTE_GOES_ON)
    if "mapping values are not allowed" in said:
        return _about_a_colon(file, lines, row, column)
    for pattern, message, hint in _MEANINGS:
        if re.search(pattern, said):
            return problem(Place(file, row + 1, column + 1), message, hint)
    return problem(Place(file, row + 1, column + 1), said, _ELSE)


def unreadable(file: str, text: str, position: int | None) -> Problem:
    """A character that no text file should hold; YAML does not always say which."""
    before = text[: position or 0]
    place = Place(file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    return problem(place, "the file holds a character that text cannot hold", "retype this line in a plain editor")


def _about_a_colon(file: str, lines: list[str], row: int, column: int) -> Problem:
    """`a: b: c` has one colon too many; a lone colon that surprises means that the line above lacks one."""
    line = lines[row] if row < len(lines) else ""
    above = row - 1
    while above >= 0 and (not lines[above].strip() or lines[above].lstrip().startswith("#")):
        above -= 1
    if ": " not in line[:column] and above >= 0 and ":" not in lines[above]:
        indent = len(lines[above]) - len(lines[above].lstrip())
        return problem(Place(file, above + 1, indent + 1), *_COLON_MISSING)
    if ": " in line[:column]:
        return problem(Place(file, row + 1, column + 1), *_COLON_INSIDE)
    return problem(Place(file, row + 1, column + 1), "this line does not line up with those above", _ELSE)

"""Reads an owner's file from disk and its YAML into a tree, and explains in words what YAML cannot read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from app.owner.problems import OwnerFileError, Place, Problem, problem
from app.owner.syntax import explained, unreadable
from app.owner.tree import Branch, Entry, Items, Leaf, Node, Scalar

MAX_BYTES = 500_000
MAX_NODES = 20_000
MAX_DEPTH = 20

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_DECIMAL = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,9}")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, the name to call it by, and the folder that its relative paths start from."""

    name: str
    text: str
    folder: Path


def read_source(source: Path | str, name: str = "owner.yaml") -> Source:
    """Reads a file (a `Path`) or takes a text (a `str`); raises OwnerFileError if it is not readable text."""
    if isinstance(source, str):
        return Source(name, source, Path())
    place = Place(str(source))
    try:
        with source.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        hint = "name the file inside it"
        raise OwnerFileError([problem(place, "this is a folder, not a file", hint)]) from None
    except FileNotFoundError:
        hint = "check the name, or write one with `switchboard init`"
        raise OwnerFileError([problem(place, "there is no such file", hint)]) from None
    except (OSError, ValueError) as error:
        hint = "check the name and who may read it"
        raise OwnerFileError([problem(place, f"the file cannot be read: {error}", hint)]) from error
    return Source(str(source), _decoded(data, place), source.parent)


def _decoded(data: bytes, place: Place) -> str:
    if len(data) > MAX_BYTES:
        hint = "is it really the owner's file?"
        raise OwnerFileError([problem(place, f"the file is larger than {MAX_BYTES // 1000} kB", hint)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        hint = "save the file as UTF-8 in your editor"
        wrong = problem(Place(place.file, line, column), "this is not UTF-8 text", hint)
        raise OwnerFileError([wrong]) from None


def read_tree(source: Source) -> tuple[Branch, list[Problem]]:
    """The file as a tree, and mistakes that still let it be read; raises OwnerFileError where they do not."""
    if len(source.text) > MAX_BYTES:
        hint = "is it really the owner's file?"
        raise OwnerFileError([problem(Place(source.name), "the text is too long", hint)])
    composer = _Composer(source)
    try:
        root = composer.document()
    except MarkedYAMLError as error:
        stop = explained(error, source.name, source.text)
        before = [found for found in composer.problems if found.line != stop.line]
        raise OwnerFileError([*before, stop]) from None
    except (YAMLError, ValueError, OverflowError) as error:
        position = error.position if isinstance(error, ReaderError) else None
        raise OwnerFileError([unreadable(source.name, source.text, position)]) from error
    if isinstance(root, Branch) and root.entries:
        return root, composer.problems
    empty = root is None or isinstance(root, Branch) or (isinstance(root, Leaf) and root.value is None)
    message = "the file says nothing" if empty else "the file is not made of `name: value` lines"
    hint = "begin with a line like `business: Unicone`"
    place = root.place if root is not None and not empty else Place(source.name)
    raise OwnerFileError([*composer.problems, problem(place, message, hint)])


class _Composer:
    """Builds the tree from YAML's events; it takes its own view of scalars, so `no`, `9:30` and `+1` stay text."""

    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._events: Iterator[Any] = iter(())
        self._anchors: dict[str, Node] = {}

    def document(self) -> Node | None:
        self._events = iter(YAML(typ="safe", pure=True).parse(self._source.text))
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    hint = "remove the line `---`"
                    self._note(event.start_mark, "a second document begins here", hint)
                    return root
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._stop(event.start_mark, "too many levels inside each other", "simplify the file")
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if getattr(event, "tag", None) and str(event.tag) != "!":
            self._note(event.start_mark, f"{event.tag} is not used in this file", "leave it out, or quote it")
        node = self._inner(event, depth)
        if node.size > MAX_NODES:
            self._stop(event.start_mark, "too many values for an owner's file", "leave out the repetitions")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _inner(self, event: Any, depth: int) -> Node:
        place = self._place(event.start_mark)
        if isinstance(event, ScalarEvent):
            return _leaf(event, place)
        return self._branch(place, depth) if isinstance(event, MappingStartEvent) else self._items(place, depth)

    def _items(self, place: Place, depth: int) -> Items:
        nodes: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            nodes.append(self._node(event, depth + 1))
        return Items(place, tuple(nodes), 1 + sum(node.size for node in nodes))

    def _branch(self, place: Place, depth: int) -> Branch:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            node = self._node(next(self._events), depth + 1)
            name = event.value if isinstance(event, ScalarEvent) else ""
            where = self._place(event.start_mark)
            if not name:
                hint = "write it as `name: value`; quote text that holds { or ["
                self.problems.append(problem(where, "a name is expected before the colon", hint))
            elif name in entries:
                hint = f"the first is on line {entries[name].key.line}; keep one of them"
                self.problems.append(problem(where, f'"{name}" is written twice', hint))
            else:
                entries[name] = Entry(key.place if isinstance(key, Leaf) else where, node)
        return Branch(place, entries, 1 + sum(1 + entry.node.size for entry in entries.values()))

    def _alias(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            hint = f"to mean the keys, put quotes round it: '*{event.anchor}'"
            self._note(event.start_mark, f"*{event.anchor} refers to nothing above", hint)
            return Leaf(self._place(event.start_mark), f"*{event.anchor}")
        return node

    def _place(self, mark: Any) -> Place:
        return Place(self._source.name, mark.line + 1, mark.column + 1)

    def _note(self, mark: Any, message: str, hint: str) -> None:
        self.problems.append(problem(self._place(mark), message, hint))

    def _stop(self, mark: Any, message: str, hint: str) -> NoReturn:
        raise OwnerFileError([*self.problems, problem(self._place(mark), message, hint)])


def _leaf(event: Any, place: Place) -> Leaf:
    start, end = event.start_mark, event.end_mark
    quoted = bool(event.style)
    shown = end.column - start.column if start.line == end.line else -1
    lines_up = shown == len(event.value) + 2 * quoted
    return Leaf(place, event.value if quoted else _scalar(event.value), int(quoted) if lines_up else None)


def _scalar(text: str) -> Scalar:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text

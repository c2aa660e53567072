"""Reads the table of words that an OpenFst graph may carry inside its file, as small published Vosk models do."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_GRAPH_MAGIC = 2125659606
_TABLE_MAGIC = 2125658996
_HAS_INPUT_SYMBOLS = 1
_HAS_OUTPUT_SYMBOLS = 2
_LONGEST_TEXT = 4096
_MOST_SYMBOLS = 10_000_000


class GraphDamaged(Exception):
    """The file begins as a graph does, and then makes no sense or ends."""


def output_symbols(file: Path) -> list[str] | None:
    """The words of the graph's own table; None when it has no table, or is not a graph at all.

    Raises GraphDamaged.
    """
    with file.open("rb") as graph:
        magic = graph.read(4)
        if len(magic) < 4 or struct.unpack("<i", magic)[0] != _GRAPH_MAGIC:
            return None
        for _ in ("kind of graph", "kind of arc"):
            _text(graph)
        _version, flags, *_rest = _numbers(graph, "<iiQqqq")
        if not flags & _HAS_OUTPUT_SYMBOLS:
            return None
        if flags & _HAS_INPUT_SYMBOLS:
            _table(graph)
        return _table(graph)


def _table(graph: BinaryIO) -> list[str]:
    (magic,) = _numbers(graph, "<i")
    _text(graph)
    _next_key, size = _numbers(graph, "<qq")
    if magic != _TABLE_MAGIC or not 0 <= size <= _MOST_SYMBOLS:
        raise GraphDamaged("its table of words is not one")
    symbols = []
    for _ in range(size):
        symbols.append(_text(graph))
        _numbers(graph, "<q")
    return symbols


def _numbers(graph: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _exactly(graph, struct.calcsize(layout)))


def _text(graph: BinaryIO) -> str:
    (length,) = _numbers(graph, "<i")
    if not 0 <= length <= _LONGEST_TEXT:
        raise GraphDamaged(f"it holds a text of {length} bytes")
    return _exactly(graph, length).decode("utf-8", errors="replace")


def _exactly(graph: BinaryIO, count: int) -> bytes:
    data = graph.read(count)
    if len(data) < count:
        raise GraphDamaged("it ends in the middle")
    return data

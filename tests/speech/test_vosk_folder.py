"""What a model's folder says before the engine reads it; the words of small published models are in their graph."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from speech import ModelUnusable
from speech.files import transcribe_file
from speech.vosk_engine import VoskRecognizer
from speech.vosk_folder import inspect

AUDIO = Path(__file__).parent / "audio"
HEADER = 4 + 4 + len("const") + 4 + len("standard")
FLAGS = HEADER + 4
AFTER_HEADER = HEADER + struct.calcsize("<iiQqqq")


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<i", len(data)) + data


def table(words: list[tuple[str, int]]) -> bytes:
    """A symbol table as OpenFst writes it."""
    head = struct.pack("<i", 2125658996) + text("words.txt") + struct.pack("<qq", len(words), len(words))
    return head + b"".join(text(word) + struct.pack("<q", key) for word, key in words)


@pytest.fixture
def as_published(model_copy: Path) -> Path:
    """The model in the box as vosk-model-small-en-us-0.15 is made: no words.txt, its lines inside Gr.fst."""
    listed = model_copy / "graph" / "words.txt"
    words = [(word, int(key)) for word, key in (line.split() for line in listed.read_text().splitlines())]
    graph = model_copy / "graph" / "Gr.fst"
    data = bytearray(graph.read_bytes())
    data[FLAGS : FLAGS + 4] = struct.pack("<i", 3)  # it has words for input and for output
    graph.write_bytes(bytes(data[:AFTER_HEADER]) + table(words) * 2 + bytes(data[AFTER_HEADER:]))
    listed.unlink()
    return model_copy


def test_a_model_whose_graph_carries_the_words_needs_no_list_of_them(as_published: Path) -> None:
    assert inspect(as_published).vocabulary == 706
    heard = transcribe_file(
        VoskRecognizer(as_published), AUDIO / "zero_one_two_nine.wav", ["zero", "one", "two", "nine"]
    )
    assert heard["text"] == "zero one two nine"


def test_a_graph_that_ends_within_its_words_is_refused(as_published: Path) -> None:
    graph = as_published / "graph" / "Gr.fst"
    graph.write_bytes(graph.read_bytes()[: AFTER_HEADER + 2000])
    with pytest.raises(ModelUnusable, match=r"Gr\.fst may be damaged: it ends in the middle"):
        inspect(as_published)


@pytest.mark.parametrize("size", [-1, 2**40])
def test_a_table_of_words_of_impossible_size_is_refused(model_copy: Path, size: int) -> None:
    graph = model_copy / "graph" / "Gr.fst"
    data = bytearray(graph.read_bytes())
    data[FLAGS : FLAGS + 4] = struct.pack("<i", 2)
    lying = struct.pack("<i", 2125658996) + text("words.txt") + struct.pack("<qq", 0, size)
    graph.write_bytes(bytes(data[:AFTER_HEADER]) + lying + bytes(data[AFTER_HEADER:]))
    with pytest.raises(ModelUnusable, match=r"may be damaged: its table of words is not one"):
        inspect(model_copy)

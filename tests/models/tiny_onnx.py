"""Builds classifiers so small that their answers can be worked out by hand: a logit is a sum over the words.

The ONNX file is written byte by byte (it is a protocol buffer), which spares the tests a heavy package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

VOCABULARY = {"[UNK]": 0, "great": 1, "terrible": 2, "hello": 3, "order": 4}


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _tensor(name: str, array: np.typing.NDArray[np.float32] | np.typing.NDArray[np.int64]) -> bytes:
    kind = 1 if array.dtype == np.float32 else 7
    dims = b"".join(_field(1, size) for size in array.shape)
    return dims + _field(2, kind) + _field(8, name) + _field(9, array.tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(_field(1, _field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    given = b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind)
    return given + b"".join(
        _field(5, _field(1, name) + _field(3, value) + _field(20, 2)) for name, value in attributes.items()
    )


def write_model(
    path: Path,
    weights: Mapping[str, Sequence[float]],
    labels: int,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
) -> None:
    """A model whose logits are the sum of the weights of the words said."""
    table = np.zeros((len(VOCABULARY), labels), dtype=np.float32)
    for word, row in weights.items():
        table[VOCABULARY[word]] = row
    nodes = [
        _node("Gather", ["table", inputs[0]], "rows", axis=0),
        _node("ReduceSum", ["rows", "axes"], "logits", keepdims=0),
    ]
    graph = (
        b"".join(_field(1, node) for node in nodes)
        + _field(2, "sum of words")
        + _field(5, _tensor("table", table))
        + _field(5, _tensor("axes", np.array([1], dtype=np.int64)))
        + b"".join(_field(11, _value(name, 7, [1, "length"])) for name in inputs)
        + _field(12, _value("logits", 1, [1, labels]))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(2, 13)))


def write_tokenizer(path: Path) -> None:
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(path))


def box_folder(folder: Path, weights: Mapping[str, Sequence[float]], labels: Sequence[str]) -> Path:
    """A model in the project's own form."""
    folder.mkdir(parents=True)
    write_tokenizer(folder / "tokenizer.json")
    write_model(folder / "model.onnx", weights, len(labels))
    (folder / "labels.json").write_text(json.dumps(list(labels)))
    return folder


def huggingface_folder(
    folder: Path,
    weights: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    weights_at: str = "model.onnx",
    **config: object,
) -> Path:
    """A model as the hub's exporters leave it."""
    folder.mkdir(parents=True)
    write_tokenizer(folder / "tokenizer.json")
    write_model(folder / weights_at, weights, len(labels))
    named = {str(number): label for number, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": named, **config}))
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(fast))
    return folder

"""Loads any Hugging Face sentiment classifier that the owner names: a folder with ONNX weights."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from models.onnx import MOST_TOKENS, Encode, OnnxScorer, OnnxSession
from models.scoring import ModelUnusable

_WEIGHTS = ("model.onnx", "onnx/model.onnx")
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model")


def load_huggingface_folder(folder: Path) -> OnnxScorer:
    """Raise ModelUnusable naming the file that is missing or wrong."""
    config = _read_config(folder)
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise ModelUnusable(
            f"{folder}: no ONNX weights (model.onnx or onnx/model.onnx). Make them where torch is installed: "
            "pip install 'optimum[exporters]' && optimum-cli export onnx --task text-classification "
            "--model THE_MODEL THE_FOLDER"
        )
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        raise ModelUnusable(f"{folder}: no tokenizer, one of {', '.join(_VOCABULARIES)} is needed")
    labels = _labels(folder, config)
    several = config.get("problem_type") == "multi_label_classification"
    session = OnnxSession(weights)
    return OnnxScorer(folder.resolve().name, session, _tokenizer(folder), labels, several=several)


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise ModelUnusable(f"{folder}: config.json is missing")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelUnusable(f"{path}: cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ModelUnusable(f"{path}: not a model's configuration")
    return config


def _labels(folder: Path, config: dict[str, Any]) -> list[str]:
    named = config.get("id2label")
    if not isinstance(named, dict) or sorted(named) != sorted(map(str, range(len(named)))) or not named:
        raise ModelUnusable(f"{folder / 'config.json'}: id2label does not name the labels 0, 1, …")
    return [str(named[str(number)]) for number in range(len(named))]


def _tokenizer(folder: Path) -> Encode:
    # Nothing a caller says, and no name of a model, is to leave this machine; set before the import reads it.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import AutoTokenizer  # noqa: PLC0415 - takes a second; only owners who name a model pay it

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # transformers raises whatever the tokenizer's class raises
        reason = str(error).strip().partition("\n")[0][:300]
        raise ModelUnusable(f"{folder}: transformers cannot load its tokenizer: {reason}") from error
    lock = Lock()  # truncation is set inside the tokenizer for each call, which two threads must not do at once

    def encode(text: str) -> tuple[Sequence[int], Sequence[int]]:
        with lock:
            encoding = tokenizer(text, truncation=True, max_length=MOST_TOKENS)
        ids: Sequence[int] = encoding["input_ids"]
        return ids, encoding.get("token_type_ids", [0] * len(ids))

    return encode

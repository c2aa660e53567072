"""Runs text classifiers stored as ONNX files on one CPU thread, with the `tokenizers` library alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from models.labels import valences
from models.lexicon import LexiconScorer
from models.scoring import Label, ModelUnusable, Scorer, Scores

Encode = Callable[[str], tuple[Sequence[int], Sequence[int]]]
"""Token ids of a text, and the kind of segment each belongs to."""

MOST_TOKENS = 128

_LABEL_WITHOUT_NEUTRAL = 0.5  # a two-way model that is less sure than 3 to 1 says nothing
_MOST_CHARACTERS = 8_000
_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class OnnxSession:
    """One model file, loaded; gives the first output for one sequence of tokens."""

    def __init__(self, path: Path) -> None:
        """Raise ModelUnusable when the file is no model, or wants what a tokenizer does not give."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the binding's errors share no base
            raise ModelUnusable(f"{path}: ONNX Runtime cannot load it: {_first_line(error)}") from error
        self._inputs = [item.name for item in self._session.get_inputs()]
        if strange := sorted(set(self._inputs) - _INPUTS) or "input_ids" not in self._inputs:
            raise ModelUnusable(f"{path}: not a text classifier, its inputs are {self._inputs} ({strange=})")
        self._output = self._session.get_outputs()[0].name
        self._path = path

    def run(self, ids: Sequence[int], kinds: Sequence[int]) -> npt.NDArray[np.float64]:
        """The first row of the first output."""
        given = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "token_type_ids": np.array([kinds], dtype=np.int64),
        }
        outputs = self._session.run([self._output], {name: given[name] for name in self._inputs})
        return np.asarray(outputs[0][0], dtype=np.float64)


class OnnxScorer:
    """Sentiment from a classifier; frustration, urgency and excitement from the lexicon."""

    def __init__(
        self, name: str, session: OnnxSession, encode: Encode, labels: Sequence[str], *, several: bool
    ) -> None:
        """`several`: the labels do not exclude each other. Raise ModelUnusable on labels that do not fit."""
        meant = valences(labels)
        if meant is None:
            raise ModelUnusable(f"{name}: what these labels say about sentiment is not known: {', '.join(labels)}")
        self.name = name
        self.description = (
            f"Classifier {name!r} ({', '.join(labels)}) for sentiment; the lexicon baseline for the rest."
        )
        self._session, self._encode, self._several = session, encode, several
        self._valences = np.array(meant)
        self._lexicon: Scorer = LexiconScorer()
        self._try_out(len(labels))

    def score(self, text: str) -> Scores:
        """Scores of one utterance; text without a single word is neutral without asking the model."""
        base = self._lexicon.score(text)
        ids, kinds = self._encode(text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8"))
        if not text.strip() or len(ids) == 0:
            return base
        probabilities = self._probabilities(self._session.run(ids, kinds))
        sentiment = float(np.clip(probabilities @ self._valences, -1, 1))
        return replace(base, sentiment=sentiment, label=self._label(probabilities, sentiment))

    def _probabilities(self, logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        each = 1 / (1 + np.exp(-np.clip(logits, -60, 60))) if self._several else np.exp(logits - logits.max())
        total: npt.NDArray[np.float64] = each / each.sum()
        return total

    def _label(self, probabilities: npt.NDArray[np.float64], sentiment: float) -> Label:
        if (self._valences == 0).any():
            masses: dict[Label, float] = {
                "neutral": float(probabilities[self._valences == 0].sum()),
                "negative": float(probabilities[self._valences < 0].sum()),
                "positive": float(probabilities[self._valences > 0].sum()),
            }
            return max(masses, key=lambda label: masses[label])
        if abs(sentiment) < _LABEL_WITHOUT_NEUTRAL:
            return "neutral"
        return "positive" if sentiment > 0 else "negative"

    def _try_out(self, labels: int) -> None:
        """One utterance now, so that a mismatched model is refused at start and not during a call."""
        try:
            shape = self._session.run(*self._encode("hello")).shape
        except Exception as error:  # the binding's errors share no base
            raise ModelUnusable(f"{self.name}: the model cannot score a sentence: {_first_line(error)}") from error
        if shape != (labels,):
            raise ModelUnusable(f"{self.name}: the model answers {shape}, but its configuration names {labels} labels")


def load_onnx_folder(folder: Path) -> OnnxScorer:
    """A model in this project's own form: `tokenizer.json`, `model.onnx` and `labels.json` in one folder."""
    for name in ("tokenizer.json", "model.onnx", "labels.json"):
        if not (folder / name).is_file():
            raise ModelUnusable(f"{folder}: {name} is missing")
    labels = _read_labels(folder / "labels.json")
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the binding raises nothing more precise
        raise ModelUnusable(f"{folder / 'tokenizer.json'}: not a tokenizer: {_first_line(error)}") from error
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()

    def encode(text: str) -> tuple[Sequence[int], Sequence[int]]:
        encoding = tokenizer.encode(text)
        return encoding.ids, encoding.type_ids

    return OnnxScorer(folder.resolve().name, OnnxSession(folder / "model.onnx"), encode, labels, several=False)


def _read_labels(path: Path) -> list[str]:
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelUnusable(f"{path}: cannot be read: {error}") from error
    if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
        raise ModelUnusable(f'{path}: wanted a list of label names, such as ["negative", "neutral", "positive"]')
    return labels


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__

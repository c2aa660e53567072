"""Classifiers in ONNX files score sentiment, whoever made them; broken ones are refused at start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models import ModelUnusable, load_scorer
from tests.models.tiny_onnx import box_folder, huggingface_folder, write_model

TWO = {"great": [-2.0, 2.0], "terrible": [2.0, -2.0]}
THREE = {"great": [-1.0, 0.0, 3.0], "terrible": [3.0, 0.0, -1.0], "order": [0.0, 2.0, 0.0]}
Build = Callable[[Path, Mapping[str, Sequence[float]], Sequence[str]], Path]
SIGNS = ["negative", "neutral", "positive"]


def softmax(*logits: float) -> list[float]:
    each = np.exp(np.array(logits))
    return list(each / each.sum())


@pytest.mark.parametrize("build", [box_folder, huggingface_folder])
def test_a_classifier_decides_the_sentiment_and_the_lexicon_the_rest(tmp_path: Path, build: Build) -> None:
    scorer = load_scorer(str(build(tmp_path / "mood", THREE, SIGNS)))
    negative, _, positive = softmax(3, 0, -1)
    scores = scorer.score("terrible")
    assert scores.sentiment == pytest.approx(positive - negative, abs=1e-6)
    assert scores.label == "negative"
    assert scores.frustration > 0.5
    assert scorer.score("great great").label == "positive"
    assert scorer.score("hello order").label == "neutral"
    assert scorer.name == "mood"
    assert "negative, neutral, positive" in scorer.description


@pytest.mark.parametrize(
    ("labels", "word", "label"),
    [
        (["NEGATIVE", "POSITIVE"], "great", "positive"),
        (["LABEL_0", "LABEL_1"], "terrible", "negative"),
        (["anger", "joy"], "great", "positive"),
        (["1 star", "5 stars"], "terrible", "negative"),
        (["Very Negative", "slightly positive"], "terrible", "negative"),
    ],
)
def test_labels_of_many_kinds_are_understood(tmp_path: Path, labels: list[str], word: str, label: str) -> None:
    scorer = load_scorer(str(huggingface_folder(tmp_path / "m", TWO, labels)))
    assert scorer.score(word).label == label


def test_a_two_way_model_in_doubt_is_neutral(tmp_path: Path) -> None:
    scorer = load_scorer(str(huggingface_folder(tmp_path / "m", TWO, ["NEGATIVE", "POSITIVE"])))
    scores = scorer.score("hello")
    assert (scores.label, scores.sentiment) == ("neutral", 0.0)


def test_labels_that_do_not_exclude_each_other_are_weighed_each_for_itself(tmp_path: Path) -> None:
    weights = {"great": [4.0, 4.0, -4.0]}
    labels = ["joy", "surprise", "anger"]
    folder = huggingface_folder(tmp_path / "m", weights, labels, problem_type="multi_label_classification")
    high, low = 1 / (1 + np.exp(-4)), 1 / (1 + np.exp(4))
    expected = (high - low) / (2 * high + low)
    assert load_scorer(str(folder)).score("great").sentiment == pytest.approx(expected, abs=1e-6)


def test_weights_in_the_onnx_folder_are_found(tmp_path: Path) -> None:
    folder = huggingface_folder(tmp_path / "m", TWO, ["NEGATIVE", "POSITIVE"], weights_at="onnx/model.onnx")
    assert load_scorer(str(folder)).score("great").label == "positive"


def test_a_model_that_wants_segments_gets_them(tmp_path: Path) -> None:
    folder = box_folder(tmp_path / "m", TWO, ["negative", "positive"])
    write_model(folder / "model.onnx", TWO, 2, inputs=["input_ids", "attention_mask", "token_type_ids"])
    assert load_scorer(str(folder)).score("great").label == "positive"


@pytest.mark.parametrize("build", [box_folder, huggingface_folder])
@pytest.mark.parametrize("text", ["", " ", "\x00", "привет", "7", "great " * 5000, "a" * 100_000, "\ud83d"])
def test_no_text_makes_it_fail(tmp_path: Path, build: Build, text: str) -> None:
    scores = load_scorer(str(build(tmp_path / "m", THREE, SIGNS))).score(text)
    assert -1 <= scores.sentiment <= 1


def test_many_threads_may_share_a_scorer(tmp_path: Path) -> None:
    scorer = load_scorer(str(huggingface_folder(tmp_path / "m", THREE, SIGNS)))
    with ThreadPoolExecutor(8) as pool:
        labels = list(pool.map(lambda word: scorer.score(word).label, ["great", "terrible"] * 100))
    assert labels == ["positive", "negative"] * 100


@pytest.mark.parametrize(
    ("build", "missing", "complaint"),
    [
        (box_folder, "model.onnx", r"model\.onnx is missing"),
        (box_folder, "tokenizer.json", r"tokenizer\.json is missing"),
        (huggingface_folder, "config.json", r"config\.json is missing"),
        (huggingface_folder, "model.onnx", "optimum-cli export onnx"),
        (huggingface_folder, "tokenizer.json", "no tokenizer"),
    ],
)
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(
    tmp_path: Path, build: Build, missing: str, complaint: str
) -> None:
    folder = build(tmp_path / "m", THREE, SIGNS)
    (folder / missing).unlink()
    with pytest.raises(ModelUnusable, match=complaint):
        load_scorer(str(folder))


@pytest.mark.parametrize(
    ("build", "name", "content", "complaint"),
    [
        (box_folder, "model.onnx", b"not a model", "ONNX Runtime cannot load it"),
        (box_folder, "tokenizer.json", b"{}", "not a tokenizer"),
        (box_folder, "labels.json", b"{", "cannot be read"),
        (box_folder, "labels.json", b'{"0": "bad"}', "wanted a list"),
        (box_folder, "labels.json", b'["negative", "positive"]', r"names 2 labels"),
        (box_folder, "labels.json", b'["cat", "dog", "fish"]', "is not known: cat, dog, fish"),
        (huggingface_folder, "model.onnx", b"", "ONNX Runtime cannot load it"),
        (huggingface_folder, "config.json", b"[]", "not a model's configuration"),
        (huggingface_folder, "config.json", b"nonsense", "cannot be read"),
        (huggingface_folder, "config.json", b'{"id2label": {"0": "a", "2": "b"}}', "id2label"),
        (huggingface_folder, "tokenizer.json", b"{}", "transformers cannot load its tokenizer"),
    ],
)
def test_a_broken_file_is_refused_at_start(
    tmp_path: Path, build: Build, name: str, content: bytes, complaint: str
) -> None:
    folder = build(tmp_path / "m", THREE, SIGNS)
    (folder / name).write_bytes(content)
    with pytest.raises(ModelUnusable, match=complaint):
        load_scorer(str(folder))


def test_a_model_for_something_else_than_text_is_refused(tmp_path: Path) -> None:
    folder = box_folder(tmp_path / "m", TWO, ["negative", "positive"])
    write_model(folder / "model.onnx", TWO, 2, inputs=["pixels"])
    with pytest.raises(ModelUnusable, match="not a text classifier"):
        load_scorer(str(folder))


def test_the_projects_own_form_needs_no_transformers(tmp_path: Path) -> None:
    folder = box_folder(tmp_path / "m", THREE, SIGNS)
    program = (
        "import sys; from models import load_scorer; "
        f"load_scorer({str(folder)!r}).score('great'); print('transformers' in sys.modules, 'torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True, timeout=50
    )
    assert ran.stdout.split() == ["False", "False"]


def test_loading_a_hugging_face_model_forbids_the_hub(tmp_path: Path) -> None:
    load_scorer(str(huggingface_folder(tmp_path / "m", TWO, ["NEGATIVE", "POSITIVE"])))
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_name_that_is_no_folder_is_refused_and_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="Nothing is downloaded"):
        load_scorer("distilbert-base-uncased-finetuned-sst-2-english")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnusable, match=r"config\.json is missing"):
        load_scorer(str(tmp_path / "empty"))


def test_the_configuration_written_for_tests_is_what_it_says(tmp_path: Path) -> None:
    folder = huggingface_folder(tmp_path / "m", TWO, ["bad", "good"])
    assert json.loads((folder / "config.json").read_text())["id2label"] == {"0": "bad", "1": "good"}

"""Every model in the box, and the code that scores language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.intents import Intents
from models.lexicon import NAME as BOX_SCORER
from models.lexicon import LexiconScorer
from models.scoring import Label, ModelUnusable, Scorer, Scores

__all__ = [
    "BOX_SCORER",
    "Intents",
    "Label",
    "ModelUnusable",
    "Scorer",
    "Scores",
    "load_intents",
    "load_scorer",
    "speech_model_folder",
]

WEIGHTS = Path(__file__).parent / "weights"


def speech_model_folder() -> Path:
    """The Vosk model in the box."""
    return WEIGHTS / "vosk-en-telephone-small"


def load_scorer(name_or_folder: str | None = None) -> Scorer:
    """The scorer in the box, or the classifier in the folder named; raise ModelUnusable saying what is wrong."""
    if name_or_folder in (None, "", BOX_SCORER):
        return LexiconScorer()
    folder = Path(str(name_or_folder)).expanduser()
    if not folder.is_dir():
        raise ModelUnusable(
            f"{name_or_folder}: no such folder, and no model in the box is called so (there is: {BOX_SCORER}). "
            "Nothing is downloaded while the server runs: name the folder of a model that is here"
        )
    if (folder / "labels.json").exists():
        from models.onnx import load_onnx_folder  # noqa: PLC0415 - onnxruntime is of no use to the lexicon

        return load_onnx_folder(folder)
    from models.huggingface import load_huggingface_folder  # noqa: PLC0415 - as above

    return load_huggingface_folder(folder)


def load_intents(examples: Mapping[str, Sequence[str]]) -> Intents:
    """What finds the owner's routes by their examples and keywords."""
    return Intents(examples)

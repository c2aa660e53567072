"""Ears: telephone audio in, words out. Knows audio, not telephones."""

from __future__ import annotations

from pathlib import Path

from speech.recognizer import (
    TELEPHONE_RATE,
    Capabilities,
    Final,
    Heard,
    ModelUnusable,
    Partial,
    RecognitionFailed,
    Recognizer,
    Stream,
    Word,
)
from speech.scripted import ScriptedRecognizer

__all__ = [
    "TELEPHONE_RATE",
    "Capabilities",
    "Final",
    "Heard",
    "ModelUnusable",
    "Partial",
    "RecognitionFailed",
    "Recognizer",
    "Stream",
    "Word",
    "load_recognizer",
]


def load_recognizer(engine: str, model_folder: Path) -> Recognizer:
    """The recognizer that the setting names: `vosk`, with the model in the folder, or `scripted`."""
    if engine == "vosk":
        from speech.vosk_engine import VoskRecognizer  # noqa: PLC0415 - a heavy import, of use to few commands

        return VoskRecognizer(model_folder)
    if engine == "scripted":
        return ScriptedRecognizer()
    raise ModelUnusable(f"no speech engine is called {engine!r}; there are: vosk, scripted")

"""Every model in the box, and the code that scores language."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"


def speech_model_folder() -> Path:
    """The Vosk model in the box."""
    return WEIGHTS / "vosk-en-telephone-small"

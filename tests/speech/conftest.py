"""One Vosk engine for all tests of this folder, and the audio they listen to (flite, voice slt, 8 kHz mu-law)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models import speech_model_folder
from speech import mulaw
from speech.files import read_audio
from speech.vosk_engine import VoskRecognizer

AUDIO = Path(__file__).parent / "audio"


@pytest.fixture(scope="session")
def vosk_engine() -> VoskRecognizer:
    return VoskRecognizer(speech_model_folder())


@pytest.fixture
def spoken() -> Callable[[str], bytes]:
    """The mu-law bytes of a recording, with enough silence behind it to end the utterance."""
    return lambda name: mulaw.encode(read_audio(AUDIO / f"{name}.wav")) + b"\xff" * 10_000


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    """A copy of the model in the box, to be damaged."""
    return Path(shutil.copytree(speech_model_folder(), tmp_path / "a-model"))

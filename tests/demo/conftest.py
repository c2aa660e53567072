"""The recognizer of the box, loaded once for the demo's tests."""

import pytest

import models
from speech.vosk_engine import VoskRecognizer


@pytest.fixture(scope="session")
def box_model() -> VoskRecognizer:
    return VoskRecognizer(models.speech_model_folder())

"""The speech engine of a process that listens."""

from pathlib import Path

import models
import speech
from app.adapters.recognizer import SpeechRecognizer
from app.bootstrap.installation import Installation
from app.settings import Settings


def engine_of(settings: Settings) -> speech.Recognizer:
    """The engine with the model in use; loading it takes a moment. Raises `speech.ModelUnusable`."""
    folder = Path(settings.vosk_model) if settings.vosk_model else models.speech_model_folder()
    return speech.load_recognizer(settings.speech_engine, folder)


def recognizer_of(installation: Installation, engine: speech.Recognizer) -> SpeechRecognizer:
    """The engine as the use cases know it."""
    return SpeechRecognizer(engine, installation.clock)

"""The speech engine of a process that listens."""

from pathlib import Path

import models
import speech
from app.adapters.recognizer import SpeechRecognizer
from app.bootstrap.installation import Installation
from app.settings import Settings
from speech.model_store import ModelStore
from speech.published import is_model_name
from speech.vosk_folder import inspect


def model_store(settings: Settings) -> ModelStore:
    """The published speech models that were fetched for this installation."""
    return ModelStore(settings.data_dir / "models")


def model_folder(settings: Settings) -> Path:
    """The folder of the speech model in use. Raises `speech.ModelUnusable` if VOSK_MODEL names none."""
    named = settings.vosk_model
    if not named:
        return models.speech_model_folder()
    found = model_store(settings).find(named)
    if found:
        return found
    folder = Path(named).expanduser()
    if folder.is_dir():
        return folder
    if not is_model_name(named):
        raise speech.ModelUnusable(f"{named}: no such folder; name the folder of an unpacked Vosk model")
    raise speech.ModelUnusable(
        f"{named}: no such folder, and no model of this name in {settings.data_dir / 'models'}; "
        f"`switchboard models fetch {named}` installs a published one"
    )


def check_ears(settings: Settings) -> None:
    """Raises `speech.ModelUnusable` if the model in use is not one, without the time that loading it takes."""
    if settings.speech_engine == "vosk":
        inspect(model_folder(settings))


def engine_of(settings: Settings) -> speech.Recognizer:
    """The engine with the model in use; loading it takes a moment. Raises `speech.ModelUnusable`."""
    return speech.load_recognizer(settings.speech_engine, model_folder(settings))


def recognizer_of(installation: Installation, engine: speech.Recognizer) -> SpeechRecognizer:
    """The engine as the use cases know it."""
    return SpeechRecognizer(engine, installation.clock)

"""The process of slow work."""

import logging
from threading import Event

from app.bootstrap.carrier import telephony_of
from app.bootstrap.ears import engine_of, recognizer_of
from app.bootstrap.followers import history_of
from app.bootstrap.installation import Installation
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.jobs.tools import Tools
from app.jobs.worker import run_worker
from app.ports.recognizer import Recognizer, Utterance
from app.usecases.conversation import transcribed

log = logging.getLogger(__name__)


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Works on jobs until a signal asks to stop (RQ takes the signals itself)."""
    recognizer = recognizer_of(installation, engine_of(installation.settings))
    history = history_of(installation)
    tools = Tools(
        store=installation.store,
        history=history,
        telephony=telephony_of(installation),
        clock=installation.clock,
        transcribe=lambda recording: _words(recognizer, recording),
        redact=SqlTaskRouterEvents(history.database).redact,
        retention_days=installation.settings.retention_days,
        heard=lambda call, turn, words: transcribed(installation.context, call, turn, words),
    )
    run_worker(installation.jobs_url, installation.settings.workspace, tools)


def _words(recognizer: Recognizer, recording: bytes) -> Utterance | None:
    try:
        return recognizer.transcribe(recording)
    except ValueError as error:
        log.warning("a recording could not be transcribed: %s", error)
        return None

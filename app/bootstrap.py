"""The composition root: builds each process from the settings; the only module that knows every adapter."""

import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event as StopEvent

from flask import Blueprint, Flask

import models
import speech
from app.adapters.clock import started_clock
from app.adapters.ids import RandomIds
from app.adapters.recognizer import SpeechRecognizer
from app.adapters.scorer import ModelScorer
from app.followers.dispatcher import Dispatcher
from app.followers.history import historian
from app.followers.operator import Operator
from app.history.sql import SqlHistory, open_history
from app.jobs.tools import Tools
from app.jobs.wiring import Jobs, queue
from app.jobs.worker import run_worker
from app.owner.book import ConfigBook
from app.owner.load import UNICONE
from app.ports.clock import Clock
from app.ports.recognizer import Utterance
from app.ports.store import Store
from app.settings import DEFAULT_TWILIO_API, Settings
from app.store.redis import RedisStore
from app.telephony.twilio.audio import create_audio
from app.telephony.twilio.links import Links
from app.telephony.twilio.media import MediaStreams, create_media
from app.telephony.twilio.rest import Account, TwilioTelephony
from app.telephony.twilio.signature import Gate
from app.telephony.twilio.webhooks import create_blueprint
from app.usecases.context import Context
from app.usecases.conversation import transcribed
from app.usecases.desk import Desk
from app.usecases.staffing import set_activity
from app.usecases.switching import Switchboard
from app.web.app import create_app
from app.web.services import Health, Services

log = logging.getLogger(__name__)
MUSIC = Path(__file__).parent / "demo" / "music"
CONFIG_NOTE = "config:"
TRIAL_EARS = (
    "the speech model in the box is for trying out. Download a published Vosk model (vosk-model-small-en-us-0.15 "
    "is 40 MB), unpack it, and set VOSK_MODEL to its folder."
)


class _Texts:
    """Owner's files of earlier versions, for calls that began with them, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, version: str, text: str) -> None:
        """Remembers a version's text."""
        self._store.note(CONFIG_NOTE + version, text)

    def get(self, version: str) -> str | None:
        """The text of a version."""
        return self._store.noted(CONFIG_NOTE + version)


@dataclass(frozen=True)
class Installation:
    """Every part of one installation, made when it is first asked for."""

    settings: Settings

    @cached_property
    def clock(self) -> Clock:
        """The clock that all processes of this installation share."""
        return started_clock(self.settings.clock, self.settings.data_dir)

    @cached_property
    def store(self) -> RedisStore:
        """Live state."""
        if self.settings.redis_url is None:
            raise ValueError("REDIS_URL is not set: processes of a server get it from the supervisor")
        return RedisStore(self.settings.redis_url, self.settings.workspace)

    @cached_property
    def book(self) -> ConfigBook:
        """The owner's file."""
        path = self.settings.config_path or UNICONE
        return ConfigBook(path, _Texts(self.store), self.clock, self.settings.overlay_path)

    @cached_property
    def speech_folder(self) -> Path:
        """The folder of the speech model in use."""
        return Path(self.settings.vosk_model) if self.settings.vosk_model else models.speech_model_folder()

    @cached_property
    def engine(self) -> speech.Recognizer:
        """The speech engine; loading it takes a moment."""
        return speech.load_recognizer(self.settings.speech_engine, self.speech_folder)

    @cached_property
    def recognizer(self) -> SpeechRecognizer:
        """The engine as the use cases know it."""
        return SpeechRecognizer(self.engine, self.clock)

    @property
    def trial_ears(self) -> bool:
        """Whether real callers would be heard by the model in the box, which is for trying things out."""
        real = self.settings.twilio_api_url == DEFAULT_TWILIO_API
        return real and self.settings.speech_engine == "vosk" and self.settings.vosk_model is None

    @cached_property
    def scorer(self) -> ModelScorer:
        """The language models."""
        return ModelScorer(models.load_scorer(self.settings.sentiment_model))

    @cached_property
    def context(self) -> Context:
        """The world of the use cases."""
        return Context(self.store, self.clock, RandomIds(), self.book, self.scorer, keypad_first=self.trial_ears)

    @cached_property
    def links(self) -> Links:
        """The addresses the carrier finds us at."""
        settings = self.settings
        return Links(settings.public_url or "", settings.media_url or "", settings.twilio_caller_id or "")

    @cached_property
    def account(self) -> Account:
        """The carrier's account."""
        settings = self.settings
        api = "" if settings.twilio_api_url == DEFAULT_TWILIO_API else settings.twilio_api_url
        return Account(
            settings.twilio_account_sid or "", settings.twilio_auth_token or "", api, settings.twilio_caller_id or ""
        )

    @cached_property
    def telephony(self) -> TwilioTelephony:
        """The carrier's commands."""
        return TwilioTelephony(self.account, self.links)

    @cached_property
    def history(self) -> SqlHistory:
        """Past calls, its database brought up to date."""
        return open_history(self.settings.sqlalchemy_url())

    @cached_property
    def gate(self) -> Gate:
        """What tells the carrier's requests from everybody else's."""
        settings = self.settings
        return Gate(
            self.links,
            settings.twilio_auth_token or "",
            next_token=settings.twilio_next_auth_token or "",
            shared_key=settings.twilio_shared_key or "",
            account=settings.twilio_account_sid or "",
        )

    def telephone_pages(self) -> Sequence[Blueprint]:
        """Webhooks, media socket and audio."""
        desk = Desk(self.context, self.recognizer)
        folders = [MUSIC, (self.settings.config_path or UNICONE).parent]
        return (
            create_blueprint(desk, self.gate, self.links),
            create_media(MediaStreams(desk, self.gate), self.gate),
            create_audio(folders),
        )

    def application(self) -> Flask:
        """The web application: pages, API, probes and, once somebody can call, the telephone's pages."""
        services = Services(
            store=self.store,
            history=self.history,
            clock=self.clock,
            admin_password=self.settings.admin_password or secrets.token_urlsafe(16),
            config=self.book.current,
            health=self.health,
            set_activity=lambda name, activity: set_activity(self.context, name, activity),
        )
        return create_app(services, self.telephone_pages())

    def health(self) -> Health:
        """How this installation is, and everything about it that is not as it should be."""
        config = self.book.current()
        return Health(
            degraded=tuple(self._degraded()),
            speech=self.engine.name,
            speech_fit=self.engine.description,
            scorer=self.scorer.name,
            clock=self.settings.clock.isoformat() if self.settings.clock else "system",
            config_version=config.version,
            config_problem=self.book.problem or "",
        )

    def _degraded(self) -> Iterator[str]:
        settings = self.settings
        if not settings.twilio_auth_token:
            yield "TWILIO_AUTH_TOKEN is not set: every webhook is refused."
        if not settings.public_url:
            yield "PUBLIC_URL is not set and no tunnel runs: the carrier cannot reach this server."
        if self.trial_ears:
            yield f"Real callers get the keypad first: {TRIAL_EARS}"
        if self.book.problem:
            yield "The owner's file is broken; the last good version is in use."

    def run(self, name: str, consumer: str, stop: StopEvent) -> None:
        """Runs one of the server's loops until told to stop."""
        runners = {
            "dispatcher": self._run_dispatcher,
            "operator": self._run_operator,
            "followers": self._run_followers,
            "jobs": self._run_jobs,
        }
        runners[name](consumer, stop)

    def _run_dispatcher(self, consumer: str, stop: StopEvent) -> None:
        Dispatcher(self.context, consumer).run(stop)

    def _run_operator(self, consumer: str, stop: StopEvent) -> None:
        switch = Switchboard(self.context)
        jobs = Jobs(queue(self.jobs_url, self.settings.workspace))
        Operator(self.store, self.telephony, switch, jobs.transcribe, self.clock, consumer).run(stop)

    def _run_followers(self, consumer: str, stop: StopEvent) -> None:
        historian(self.store, self.history, self.clock, consumer).run(stop)

    def _run_jobs(self, consumer: str, stop: StopEvent) -> None:
        tools = Tools(
            store=self.store,
            history=self.history,
            telephony=self.telephony,
            clock=self.clock,
            transcribe=self._words_of,
            heard=lambda call, turn, words: transcribed(self.context, call, turn, words),
        )
        run_worker(self.jobs_url, self.settings.workspace, tools)

    @property
    def jobs_url(self) -> str:
        """The Redis that keeps jobs."""
        return self.settings.rq_redis_url or self.settings.redis_url or ""

    def _words_of(self, recording: bytes) -> Utterance | None:
        try:
            return self.recognizer.transcribe(recording)
        except ValueError as error:
            log.warning("a recording could not be transcribed: %s", error)
            return None


def web() -> Flask:
    """The application for the web server, from the environment."""
    settings = Settings.from_environment(os.environ, Path(".env"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return Installation(settings).application()

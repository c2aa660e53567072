"""What every process of an installation works with, made from the settings when it is first asked for."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import models
from app.adapters.clock import started_clock
from app.adapters.ids import RandomIds
from app.adapters.scorer import ModelScorer
from app.core.routing import sids
from app.owner.book import ConfigBook
from app.owner.load import UNICONE
from app.ports.clock import Clock
from app.ports.store import Store, StoreUnavailable
from app.settings import DEFAULT_TWILIO_API, Settings
from app.store.redis import RedisStore
from app.usecases.context import Context
from app.usecases.workspaces import Workspaces

log = logging.getLogger(__name__)
CONFIG_NOTE = "config:"
TRIAL_EARS = (
    "the speech model in the box is for trying out. `switchboard models fetch vosk-model-small-en-us-0.15` (40 MB) "
    "installs one for real callers, and says what to put into .env."
)


class _Texts:
    """Owner's files of earlier versions, for calls that began with them, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, version: str, text: str) -> None:
        """Remembers a version's text; a server can start while its Redis is still coming up."""
        try:
            self._store.note(CONFIG_NOTE + version, text)
        except StoreUnavailable:
            log.warning("version %s of the owner's file could not be kept for other processes", version)

    def get(self, version: str) -> str | None:
        """The text of a version, if it can be had."""
        try:
            return self._store.noted(CONFIG_NOTE + version)
        except StoreUnavailable:
            log.warning("version %s of the owner's file cannot be looked up now", version)
            return None


@dataclass(frozen=True)
class Installation:
    """One installation: its settings, and the parts that several processes share."""

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

    @property
    def owner_file(self) -> Path:
        """The owner's file, or the packaged example."""
        return self.settings.config_path or UNICONE

    @cached_property
    def book(self) -> ConfigBook:
        """The owner's file as it is and as it was."""
        return ConfigBook(self.owner_file, _Texts(self.store), self.clock, self.settings.overlay_path)

    @cached_property
    def scorer(self) -> ModelScorer:
        """The language models."""
        return ModelScorer(models.load_scorer(self.settings.sentiment_model))

    @cached_property
    def context(self) -> Context:
        """The world of the use cases."""
        return Context(
            self.store, self.clock, RandomIds(), self.book, self.scorer, keypad_first=self.trial_ears,
            workspace=self.settings.workspace,
        )  # fmt: skip

    @cached_property
    def workspaces(self) -> Workspaces:
        """The owner's workspace and those the API made, all in one Redis."""
        return Workspaces(self.context, self._live_state)

    @property
    def account_sid(self) -> str:
        """The account as programs see it: an installation without one has its own."""
        account = self.settings.twilio_account_sid or ""
        return account if sids.is_sid(account) else sids.derive(sids.ACCOUNT, "switchboard")

    def _live_state(self, workspace: str) -> RedisStore:
        return RedisStore(self.settings.redis_url or "", workspace)

    @property
    def trial_ears(self) -> bool:
        """Whether real callers would be heard by the model in the box, which is for trying things out."""
        real = self.settings.twilio_api_url == DEFAULT_TWILIO_API
        return real and self.settings.speech_engine == "vosk" and self.settings.vosk_model is None

    @property
    def jobs_url(self) -> str:
        """The Redis that keeps jobs."""
        return self.settings.rq_redis_url or self.settings.redis_url or ""

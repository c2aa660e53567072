"""The web's process: pages, API, webhooks, media socket and hold music on one port."""

import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask import Flask

import speech
from app.bootstrap.carrier import links_of
from app.bootstrap.ears import engine_of, recognizer_of
from app.bootstrap.followers import history_of
from app.bootstrap.installation import TRIAL_EARS, Installation
from app.core.scripts import audio_name
from app.history.sql import SqlHistory
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.settings import Settings
from app.telephony.twilio.audio import create_audio
from app.telephony.twilio.enqueue_routes import create_enqueue
from app.telephony.twilio.media import MediaStreams, create_media
from app.telephony.twilio.signature import Gate
from app.telephony.twilio.webhooks import create_blueprint
from app.usecases.desk import Desk
from app.usecases.link import suspected_since
from app.usecases.staffing import set_activity
from app.web.app import create_app
from app.web.services import Health, Services
from app.web.taskrouter.blueprint import taskrouter_blueprint
from app.web.taskrouter.scope import Services as TaskRouterServices

log = logging.getLogger(__name__)
MUSIC = Path(__file__).parents[1] / "demo" / "music"
HOLD_MUSIC = "waffle.wav"


def application() -> Flask:
    """The application for the web server, from the environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return build(Installation(Settings.from_environment(os.environ, Path(".env"))))


def build(installation: Installation) -> Flask:
    """The application of an installation."""
    engine = engine_of(installation.settings)
    log.info("callers are heard with %s: %s", engine.name, engine.description)
    log.info("words are scored with %s", installation.scorer.name)
    desk = Desk(installation.context, recognizer_of(installation, engine))
    links = links_of(installation)
    gate = _gate(installation.settings, installation)
    history = history_of(installation)
    services = Services(
        store=installation.store,
        history=history,
        clock=installation.clock,
        admin_password=installation.settings.admin_password or secrets.token_urlsafe(16),
        config=installation.book.current,
        health=lambda: health(installation, engine),
        set_activity=lambda name, activity: set_activity(installation.context, name, activity),
    )
    telephone = (
        create_blueprint(desk, gate, links),
        create_media(MediaStreams(desk, gate), gate),
        create_audio([MUSIC], lambda: _hold_music(installation)),
        create_enqueue(installation.workspaces, gate, links, music=HOLD_MUSIC),
    )
    return create_app(services, (*telephone, taskrouter_blueprint(_taskrouter(installation, history))))


def _taskrouter(installation: Installation, history: SqlHistory) -> TaskRouterServices:
    settings = installation.settings
    return TaskRouterServices(
        workspaces=installation.workspaces,
        account=installation.account_sid,
        token=settings.twilio_auth_token or "",
        events=SqlTaskRouterEvents(history.database),
    )


def _hold_music(installation: Installation) -> Mapping[str, Path]:
    """The files that the owner's queues play; nothing else beside the owner's file is anybody's business."""
    music = (queue.music for queue in installation.book.current().queues.values())
    return {audio_name(path): Path(path) for path in music if path.startswith("/")}


def _gate(settings: Settings, installation: Installation) -> Gate:
    return Gate(
        links_of(installation),
        settings.twilio_auth_token or "",
        next_token=settings.twilio_next_auth_token or "",
        shared_key=settings.twilio_shared_key or "",
        account=settings.twilio_account_sid or "",
    )


def health(installation: Installation, engine: speech.Recognizer) -> Health:
    """How this installation is, and everything about it that is not as it should be."""
    clock = installation.settings.clock
    return Health(
        degraded=tuple(_degraded(installation)),
        speech=engine.name,
        speech_fit=engine.description,
        scorer=installation.scorer.name,
        clock=clock.isoformat() if clock else "system",
        config_version=installation.book.current().version,
        config_problem=installation.book.problem or "",
    )


def _degraded(installation: Installation) -> Iterator[str]:
    settings = installation.settings
    if not settings.twilio_auth_token:
        yield "TWILIO_AUTH_TOKEN is not set: every webhook is refused."
    if not settings.public_url:
        yield "PUBLIC_URL is not set and no tunnel runs: the carrier cannot reach this server."
    if installation.trial_ears:
        yield f"Real callers get the keypad first: {TRIAL_EARS}"
    if installation.book.problem:
        yield "The owner's file is broken; the last good version is in use."
    if installation.book.current().offers.suspect_link and suspected_since(installation.store):
        yield "Calls to agents fail together: our own line is suspected, so nobody is set off duty."

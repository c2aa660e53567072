"""Commands that look at a running server, at past calls, or at what the models make of something."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

import models
import speech
from app.adapters.scorer import ModelScorer
from app.bootstrap.ears import engine_of
from app.bootstrap.followers import history_of
from app.bootstrap.installation import Installation
from app.commands.check import read_owner_file
from app.commands.failures import WrongInput
from app.core.entities import Activity
from app.core.inputs import Utterance
from app.core.understanding import understand
from app.owner.load import UNICONE
from app.ports.history import History, HistoryUnavailable
from app.ports.store import StoreUnavailable
from app.settings import Settings
from app.usecases.staffing import set_activity
from speech.files import NotAudio, Transcript, transcribe_file

DAY_MS = 86_400_000
ACTIVITIES = {"on": Activity.AVAILABLE, "off": Activity.OFF, "break": Activity.BREAK}


@contextmanager
def open_past(settings: Settings) -> Iterator[History]:
    """History while it is read, or exit code 2 with what is in the way."""
    if settings.database_url is None and not settings.data_dir.is_dir():
        raise WrongInput(f"{settings.data_dir}: no such folder, so no server has run here. Set DATA_DIR, or go there.")
    try:
        with closing(history_of(Installation(settings))) as history:
            yield history
    except HistoryUnavailable as error:
        raise WrongInput(f"the history cannot be read: {error}") from error


def _scorer(settings: Settings) -> ModelScorer:
    """The language models, or exit code 2 with what is wrong with them."""
    try:
        return Installation(settings).scorer
    except models.ModelUnusable as error:
        raise WrongInput(str(error)) from error


def transcribe(settings: Settings, files: Sequence[Path], words: str | None) -> Iterator[Transcript]:
    """What the speech engine hears in each file."""
    try:
        engine = engine_of(settings)
        grammar = [word.strip() for word in words.split(",")] if words else None
        for file in files:
            yield transcribe_file(engine, file, grammar)
    except (NotAudio, speech.ModelUnusable) as error:
        raise WrongInput(str(error)) from error


def score(settings: Settings, text: str, config_path: Path | None) -> dict[str, Any]:
    """How the language models and the owner's keywords understand a sentence."""
    config = read_owner_file(config_path or settings.config_path or UNICONE, settings.overlay_path)
    scorer = _scorer(settings)
    reading = scorer.read(text, config)
    understood = understand(Utterance(text), reading.mood, reading.routes or {}, config)
    likeness = {name: round(value, 3) for name, value in (reading.routes or {}).items() if value >= 0.001}
    return {
        "model": scorer.name,
        "mood": reading.mood.value,
        "sentiment": round(reading.sentiment, 3),
        "route": understood.route,
        "confidence": round(understood.confidence, 3),
        "keywords": list(understood.keywords),
        "wants_person": understood.wants_person,
        "likeness": likeness,
    }


def list_agents(settings: Settings) -> list[dict[str, str]]:
    """Every agent of the running server and what they are doing."""
    try:
        workers = Installation(settings).store.snapshot().workers
    except StoreUnavailable as error:
        raise WrongInput(_unreachable(error)) from error
    return [
        {"name": worker.sid, "state": "busy" if worker.reservations else str(worker.activity)} for worker in workers
    ]


def put_agent(settings: Settings, name: str, activity: str) -> bool:
    """Puts an agent on or off duty; False if there is no such agent."""
    try:
        return set_activity(Installation(settings).context, name, ACTIVITIES[activity])
    except StoreUnavailable as error:
        raise WrongInput(_unreachable(error)) from error


def _unreachable(error: StoreUnavailable) -> str:
    return f"the running server's Redis cannot be reached ({error}). Is `switchboard serve` running?"


def report(settings: Settings, days: int) -> list[dict[str, Any]]:
    """A row per day."""
    installation = Installation(settings)
    config = read_owner_file(settings.config_path or UNICONE, settings.overlay_path)
    now = installation.clock.now()
    with open_past(settings) as history:
        rows = history.report(now - days * DAY_MS, now, config.timezone)
    return [{**asdict(row), "day": row.day.isoformat()} for row in rows]


def report_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The report for people."""
    table = Table(title="Calls by day (abandoned calls count as offered, however short)")
    for title in ("day", "offered", "answered", "abandoned", "speed of answer", "within 20 s"):
        table.add_column(title, justify="left" if title == "day" else "right")
    for row in rows:
        asa, level = row["asa_ms"], row["service_level"]
        table.add_row(
            row["day"], str(row["offered"]), str(row["answered"]), str(row["abandoned"]),
            "-" if asa is None else f"{asa / 1000:.1f} s", "-" if level is None else f"{level:.0%}",
        )  # fmt: skip
    return table


def models_in_use(settings: Settings) -> dict[str, str]:
    """Which models hear and understand callers, and what each is good for."""
    try:
        engine = engine_of(settings)
    except speech.ModelUnusable as error:
        raise WrongInput(str(error)) from error
    return {
        "speech": engine.name,
        "speech is good for": engine.description,
        "language": _scorer(settings).name,
    }

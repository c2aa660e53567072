"""`switchboard call`: one call through the whole server, from a recording or from typed words."""

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from app.adapters.clock import SystemClock
from app.commands.check import read_owner_file
from app.commands.failures import WrongInput
from app.commands.rehearsal import Report, rehearsal, temporary_settings
from app.core.config import Config
from app.core.hours import is_open, next_change
from app.settings import Settings
from app.simulator.agents import Answer
from app.simulator.audio import AudioError, read_wav
from app.simulator.callers import Caller, ListenUntil, Speak, Step, TypeWords
from app.simulator.scenario import Agent, Scenario
from app.supervisor.output import LogFiles
from app.usecases.reception import local_time

CALLER = "+12025550199"
PATIENCE = 45.0
CARRIER_LISTENS = "listening: carrier\n"


def call_with_recording(settings: Settings, config_path: Path, wav: Path) -> Report:
    """The recording is streamed as a caller's voice, in real time."""
    try:
        sound = read_wav(wav.read_bytes())
    except OSError as error:
        raise WrongInput(f"{wav}: cannot be read: {error.strerror}") from error
    except AudioError as error:
        raise WrongInput(f"{wav}: {error}") from error
    return _call(settings, config_path, Speak(sound, wav.name))


def call_with_words(settings: Settings, config_path: Path, words: str) -> Report:
    """The words travel as the carrier's own recognition: ours is skipped."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as overlay:
        overlay.write(CARRIER_LISTENS)
        overlay.flush()
        return _call(replace(settings, overlay_path=Path(overlay.name)), config_path, TypeWords(words, 0.95))


def _call(settings: Settings, config_path: Path, speaking: Step) -> Report:
    config = read_owner_file(config_path, settings.overlay_path)
    opening = next_opening(config, SystemClock().now())
    if opening and settings.clock is None:
        when = f"{opening:%A at %H:%M}"
        click.echo(f"It is closed now: the call comes when it has opened, {when}. Set CLOCK to choose.", err=True)
        settings = replace(settings, clock=opening)
    with tempfile.TemporaryDirectory(prefix="switchboard-call-") as folder:
        own = temporary_settings(replace(settings, config_path=config_path, port=0), Path(folder))
        with rehearsal(own, config.number or "+12025550100", LogFiles(Path(folder) / "logs")) as server:
            return server.run(_scenario(config, speaking))[0]


def next_opening(config: Config, now: int) -> datetime | None:
    """A minute after the business next opens; None if it is open at `now` (ms), or does not open within eight days."""
    local = local_time(now, config)
    if is_open(config.hours, local):
        return None
    change = next_change(config.hours, local)
    return change + timedelta(minutes=1) if change else None


def _scenario(config: Config, speaking: Step) -> Scenario:
    """One caller; every agent answers after a moment and presses the key that takes the call."""
    accept = Answer(does="accept", after=1.0, press_after=0.5, talks=3.0)
    agents = tuple(Agent(phone=agent.phone, name=agent.name, answers=(accept,)) for agent in config.agents.values())
    greeting = " ".join(config.greeting.split()[-3:]).lower()
    caller = Caller(
        name="you", from_number=CALLER, patience=PATIENCE,
        does=(ListenUntil(greeting, within=20.0, finished=True), speaking),
    )  # fmt: skip
    return Scenario(name="one call", agents=agents, callers=(caller,))

"""The whole real server beside a pretend carrier, while a scenario lasts: what `demo`, `call` and drills run."""

import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

import speech
from app.adapters.clock import hold_clock, release_clock
from app.bootstrap.ears import model_folder
from app.commands.failures import WrongInput
from app.settings import Settings
from app.simulator.carrier import Carrier
from app.simulator.events import Event
from app.simulator.report import CallResult
from app.simulator.scenario import Scenario
from app.supervisor.output import Output
from app.supervisor.stack import Stack, stack

PUBLIC_URL = "https://unicone.example"
READY_SECONDS = 60.0
STORY_SECONDS = 5.0
SPEECH_RATE = 18.0


@dataclass(frozen=True, slots=True)
class Report:
    """One call from both sides: what the carrier saw, and the server's own story of it."""

    result: CallResult
    story: dict[str, Any] | None
    mismatches: tuple[str, ...] = ()

    @property
    def heard(self) -> tuple[str, ...]:
        """What the server understood the caller to say, in order."""
        return tuple(line["heard"] for line in self.events if line["heard"])

    @property
    def events(self) -> Sequence[dict[str, Any]]:
        """The server's story, event by event."""
        return self.story["events"] if self.story else ()

    def fact(self, name: str) -> str:
        """A field of the server's record of the call, such as route or mood."""
        return str(self.story["call"].get(name) or "") if self.story else ""


@dataclass
class Rehearsal:
    """A running server with a carrier in front of it."""

    server: Stack
    carrier: Carrier
    password: str
    begins: int = 0
    reports: list[Report] = field(default_factory=list)

    def run(self, scenario: Scenario, on_event: Callable[[Event], None] | None = None) -> list[Report]:
        """Plays a scenario and tells each call from both sides, in the scenario's order."""
        results = self.carrier.run(scenario, on_event)
        return [self.report(result) for result in results]

    def report(self, result: CallResult) -> Report:
        """The carrier's result with the server's story, and everything that is not as expected."""
        story = self.story(result.sid)
        report = Report(result, story)
        return replace(report, mismatches=(*result.mismatches, *_server_mismatches(report)))

    def story(self, sid: str) -> dict[str, Any] | None:
        """The server's story of an ended call, once its history has caught up."""
        deadline = time.monotonic() + STORY_SECONDS
        while True:
            told = self.get(f"/api/v1/calls/{sid}")
            if told is not None and told["call"]["ended"]:
                return told
            if time.monotonic() > deadline:
                return told
            time.sleep(0.1)

    def get(self, path: str) -> dict[str, Any] | None:
        """A page of the server's API; None when it has no such thing (yet)."""
        headers = {"Authorization": f"Bearer {self.password}"}
        answer = requests.get(self.server.url + path, headers=headers, timeout=5)
        return answer.json() if answer.ok else None


@contextmanager
def rehearsal(
    settings: Settings, number: str, output: Output | None = None, *, speech_rate: float = SPEECH_RATE
) -> Iterator[Rehearsal]:
    """Starts carrier and server, waits until calls can be taken, and stops both.

    `speech_rate` is how many characters a second the carrier's voice speaks.
    When the settings start a clock of their own, that instant is when the scenario begins, not when the server boots.
    """
    port = settings.port or _free_port()
    sid, token, password = f"AC{secrets.token_hex(16)}", secrets.token_hex(16), secrets.token_urlsafe(12)
    carrier = Carrier(
        account_sid=sid,
        auth_token=token,
        number=number,
        public_url=PUBLIC_URL,
        connect_to=f"http://127.0.0.1:{port}",
        speech_rate=speech_rate,
    )
    with carrier:
        account = {"twilio_account_sid": sid, "twilio_auth_token": token, "twilio_caller_id": number}
        world = {"port": port, "public_url": PUBLIC_URL, "twilio_api_url": carrier.api_url, "admin_password": password}
        ready = replace(settings, **account, **world)  # type: ignore[arg-type] # each is its field's type
        with _started(ready, output) as server:
            yield Rehearsal(server, carrier, password)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def _started(settings: Settings, output: Output | None) -> Iterator[Stack]:
    """The server, ready; a clock of its own stands still while it boots."""
    if settings.clock is not None:
        hold_clock(settings.clock, settings.data_dir)
    with stack(settings, output) as server:
        server.supervisor.wait_ready(READY_SECONDS)
        if settings.clock is not None:
            release_clock(settings.clock, settings.data_dir)
        yield server


def _server_mismatches(report: Report) -> Iterator[str]:
    expect = report.result.expect
    if report.story is None:
        yield "the server has no story of this call"
        return
    for name in ("route", "mood", "queue"):
        wanted = expect.get(name)
        if wanted is not None and report.fact(name) not in _several(wanted):
            yield f"{name}: {report.fact(name) or 'none'} instead of {' or '.join(_several(wanted))}"
    said = " ".join(report.heard).lower()
    missing = [word for word in _several(expect.get("heard", ())) if str(word).lower() not in said]
    if missing:
        yield f"not heard: {', '.join(missing)} (heard: {said or 'nothing'})"


def _several(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def temporary_settings(settings: Settings, data_dir: Path) -> Settings:
    """The owner's settings, but a Redis, a database and a clock of the rehearsal's own; or exit code 2."""
    own = replace(settings, data_dir=data_dir, redis_url=None, rq_redis_url=None, database_url=None, media_url=None)
    if not settings.vosk_model:
        return own
    try:
        # By its folder: its name is known in the owner's DATA_DIR only.
        return replace(own, vosk_model=str(model_folder(settings).absolute()))
    except speech.ModelUnusable as error:
        raise WrongInput(str(error)) from error

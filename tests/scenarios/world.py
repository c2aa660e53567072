"""The whole real server beside the pretend carrier, as scenarios need it: small owner's files, fast voices."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from app.commands.rehearsal import Rehearsal, Report, rehearsal
from app.owner.load import load
from app.settings import Settings
from app.simulator.agents import Answer
from app.simulator.callers import Caller, ListenUntil, SayWords, Speak, Step
from app.simulator.carrier import CallHandle, Carrier
from app.simulator.leg import Leg
from app.simulator.scenario import Scenario, load_scenario
from app.supervisor.output import LogFiles
from speech.scripted import frames

HERE = Path(__file__).parent
AUDIO = HERE.parents[1] / "app" / "demo" / "audio"
NUMBER = "+12025550100"
SPEECH_RATE = 120.0
PATIENCE = 15.0
LOOK_EVERY = 0.05


@dataclass(frozen=True)
class World:
    """A running server, its carrier, and the owner's file, which tests may change."""

    rehearsal: Rehearsal
    owner_file: Path

    @property
    def carrier(self) -> Carrier:
        """The pretend carrier."""
        return self.rehearsal.carrier

    @property
    def url(self) -> str:
        """Where the server answers."""
        return self.rehearsal.server.url

    def adopt(self, text: str) -> None:
        """Puts another owner's file in place, and waits until every process works by it."""
        if self.owner_file.read_text() == text:
            return
        before = self.readiness()["config_version"]
        self.owner_file.write_text(text)
        names = set(load(self.owner_file).agents)
        assert eventually(lambda: self.readiness()["config_version"] != before), "the new file was not taken up"
        assert eventually(lambda: names <= self._staff()), "the dispatcher did not take up the new file"

    def _staff(self) -> set[str]:
        told = self.rehearsal.get("/api/v1/agents") or {}
        return {item["name"] for item in told["agents"]}

    def play(self, scenario: Scenario) -> dict[str, Report]:
        """Plays a scenario to its end; both sides' stories by the caller's name."""
        return {report.result.name: report for report in self.rehearsal.run(scenario)}

    def dial(self, name: str, number: str, *steps: Step, patience: float | None = PATIENCE) -> CallHandle:
        """Somebody calls now, and does these things."""
        return self.carrier.dial(Caller(name=name, from_number=number, does=steps, patience=patience))

    def ended(self, call: CallHandle, within: float = 20.0) -> Report:
        """The call once it has ended and its story is told."""
        assert call.wait(within), f"the call of {call.caller.name} never ended"
        return self.rehearsal.report(call.result)

    def agent(self, name: str, number: str, *answers: Answer) -> None:
        """Somebody sits at an agent's telephone from now on."""
        self.carrier.add_agent(number, name, answers)

    def legs_of(self, person: str) -> list[Leg]:
        """Every call that rang somebody, in order."""
        with self.carrier.exchange.lock:
            legs = list(self.carrier.exchange.legs.values())
        return [leg for leg in legs if leg.ends.person == person and leg.ends.direction != "inbound"]

    def heard_by(self, person: str) -> list[str]:
        """Everything that was said to somebody who was rung."""
        return [prompt.text for leg in self.legs_of(person) for prompt in leg.prompts]

    def activity(self, agent: str) -> str:
        """Whether an agent is on duty, as the server tells."""
        told = self.rehearsal.get("/api/v1/agents") or {}
        return next((item["activity"] for item in told["agents"] if item["name"] == agent), "unknown")

    def readiness(self) -> dict[str, Any]:
        """What /readyz says."""
        answer: dict[str, Any] = requests.get(f"{self.url}/readyz", timeout=5).json()
        return answer


@contextmanager
def world(owner_file: Path, engine: str = "scripted", settings: Settings | None = None) -> Iterator[World]:
    """A server on a copy of an owner's file, ready to take calls; all gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="sb-play-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        copy = data / "shop.yaml"
        copy.write_text(owner_file.read_text())
        own = replace(settings or Settings(), config_path=copy, data_dir=data, speech_engine=engine, port=0)
        with rehearsal(own, NUMBER, LogFiles(data / "logs"), speech_rate=SPEECH_RATE) as running:
            try:
                yield World(running, copy)
            finally:
                _end_all_at_once(running.server.supervisor.children)


def _end_all_at_once(children: Mapping[str, int]) -> None:
    """The loops may end side by side: the supervisor would wait for one after the other, as a server should."""
    for name, pid in children.items():
        if name != "redis":
            os.kill(pid, signal.SIGTERM)


def scenario(name: str) -> Scenario:
    """A scenario file of this folder."""
    return load_scenario(HERE / f"{name}.yaml", AUDIO)


def eventually(holds: Callable[[], bool], within: float = 10.0) -> bool:
    """Whether something that the server does by itself comes to hold in time."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY)
    return True


def says(words: str, after: str = "welcome") -> tuple[Step, ...]:
    """Words as soon as a prompt begins."""
    return (ListenUntil(after), SayWords(words))


def unsure(words: str, confidence: float) -> Step:
    """Words that the recognizer is not sure of."""
    return Speak(b"".join(frames(words, confidence)), words)

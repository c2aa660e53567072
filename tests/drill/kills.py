"""Kills the server's processes one after the other in the middle of calls: nobody may be lost."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import requests
from redis import Redis
from rq import Worker

from app.core.events import EventType
from app.ports.store import StoreUnavailable
from tests.drill.crowd import STUBBORN, caller, moods
from tests.drill.judge import Loss, losses
from tests.drill.lines import Lines
from tests.drill.world import World, agent_names, world

VICTIMS = ("web", "dispatcher", "operator", "followers", "jobs", "redis")
_RECOVER_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_WIND_DOWN_SECONDS = 100.0


@dataclass
class Kill:
    """One kill: how many calls were under way, the seconds until a new process ran and until it did its work."""

    victim: str
    at: float = 0.0
    alive: int = 0
    restarted: float | None = None
    working: float | None = None
    lost: list[Loss] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the process came back and nobody was lost meanwhile."""
        return not self.lost and self.working is not None


@dataclass(frozen=True)
class Kills:
    """What came of all of them. `before` were lost before anything was killed."""

    calls: int
    kills: list[Kill]
    before: list[Loss]
    double_bridges: int

    @property
    def passed(self) -> bool:
        """Whether nobody was lost or bridged twice."""
        return not self.before and not self.double_bridges and all(kill.passed for kill in self.kills)


def kill_in_turn(
    victims: Sequence[str] = VICTIMS, callers: int = 16, engine: str = "scripted", apart: float = 8.0
) -> Kills:
    """Keeps so many callers on the line and kills one process after the other, `apart` seconds after it recovered."""
    with world(engine, moods(agent_names())) as running:
        lines = Lines(running.carrier, callers, lambda number, turn: caller(number, turn, STUBBORN))
        lines.start()
        running.carrier.exchange.pause(apart)
        kills = []
        for victim in victims:
            kills.append(_kill(running, victim, lines))
            running.carrier.exchange.pause(apart)
        lines.finish(_WIND_DOWN_SECONDS)
        return _judged(lines, kills, len(running.carrier.double_bridges))


def _kill(running: World, victim: str, lines: Lines) -> Kill:
    pid = running.pid_of(victim)
    works = _SIGNS[victim](running)
    kill = Kill(victim, time.monotonic(), len(lines.alive()))
    os.kill(pid, signal.SIGKILL)
    while time.monotonic() - kill.at < _RECOVER_SECONDS:
        if kill.restarted is None and running.pid_of(victim) not in (0, pid):
            kill.restarted = time.monotonic() - kill.at
        if kill.restarted is not None and works():
            kill.working = time.monotonic() - kill.at
            break
        running.carrier.exchange.pause(_LOOK_SECONDS)
    return kill


def _judged(lines: Lines, kills: list[Kill], double_bridges: int) -> Kills:
    """Each loss counts against the last kill before it."""
    before: list[Loss] = []
    for loss in losses(lines.handles):
        last = next((kill for kill in reversed(kills) if kill.at <= loss.at), None)
        (before if last is None else last.lost).append(loss)
    return Kills(len(lines.handles), kills, before, double_bridges)


# --- signs that a process does its work again -------------------------------------------------------------------------

Sign = Callable[[], bool]


def _web_answers(running: World) -> Sign:
    def sign() -> bool:
        try:
            return requests.get(f"{running.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False

    return sign


def _redis_answers(running: World) -> Sign:
    def sign() -> bool:
        try:
            running.store.ping()
        except StoreUnavailable:
            return False
        return True

    return sign


def _told(*kinds: EventType) -> Callable[[World], Sign]:
    """The stream holds another event of these kinds, which only that process can have caused."""

    def of(running: World) -> Sign:
        last = running.store.since("0", count=100_000)[-1].id

        def sign() -> bool:
            return bool(running.events(*kinds, since=last))

        return sign

    return of


def _followers_write(running: World) -> Sign:
    """A call that ended after the kill is in the history."""
    began = running.store.since("0", count=100_000)[-1].id

    def sign() -> bool:
        ended = [told.event.call for told in running.events(EventType.CALL_ENDED, since=began)]
        story = running.rehearsal.get(f"/api/v1/calls/{ended[0]}") if ended else None
        return story is not None and bool(story["call"]["ended"])

    return sign


def _worker_registered(running: World) -> Sign:
    """RQ knows a worker that was not there before."""
    connection = Redis.from_url(running.rehearsal.server.settings.redis_url or "")
    before = {worker.name for worker in Worker.all(connection=connection)}

    def sign() -> bool:
        return any(worker.name not in before for worker in Worker.all(connection=connection))

    return sign


_SIGNS: Mapping[str, Callable[[World], Sign]] = {
    "web": _web_answers,
    "dispatcher": _told(EventType.RESERVATION_CREATED),
    "operator": _told(EventType.RESERVATION_RINGING),
    "followers": _followers_write,
    "jobs": _worker_registered,
    "redis": _redis_answers,
}

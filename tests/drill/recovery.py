"""Kills dispatcher, web and Redis again and again while programs use the TaskRouter API; then counts what is left.

The embedded Redis writes its append-only file before it answers, and has it on the disk within a second: a killed
Redis loses nothing that was acknowledged, unless its disk was just then busy with the second before (it then holds
writes back for up to two seconds); a machine that loses its power may lose the last second or two.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event as StopEvent
from threading import Thread

import requests

from app.core.events import EventType
from app.ports.store import StoreUnavailable
from app.store.redis import RedisStore
from tests.drill.programs import Api, Servant, Submitter, Told
from tests.drill.world import World, world
from tests.usecases.taskrouter.firm import InsideRedis
from tests.usecases.taskrouter.naive import World as State
from tests.usecases.taskrouter.states import disagreements

VICTIMS = ("dispatcher", "web", "redis")
WORKERS = 6
TWO_AT_ONCE = 0.25
_PAUSE_SECONDS = 0.2
WINDOW_SECONDS = 2.5
"""What was acknowledged so shortly before Redis was killed may be lost if its disk was busy."""
_BACK_SECONDS = 40.0
_QUIET_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_NOT_SO_OFTEN = 0.5
_ENDS = (EventType.TASK_COMPLETED, EventType.TASK_CANCELED, EventType.TASK_DELETED)


@dataclass(frozen=True)
class Blow:
    """One kill: whom, when (monotonic), and how many seconds later they worked again (None: never)."""

    victims: tuple[str, ...]
    at: float
    back: float | None


@dataclass
class Recovery:
    """What was told, and what was left when all was quiet. `wrong` names everything that must not be."""

    seed: int
    blows: list[Blow]
    told: dict[str, int]
    states: dict[str, int]
    unheard: int
    in_window: list[str]
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything is as it has to be."""
        return not self.wrong and all(blow.back is not None for blow in self.blows)


def recover(kills: int = 12, seed: int = 0, apart: tuple[float, float] = (1.0, 4.5)) -> Recovery:
    """So many kills at random instants, while tasks are sent, accepted and completed. The first hit each in turn."""
    chance = random.Random(seed)
    with world("scripted", {}) as running:
        api, workspace, workflow, workers = _furnished(running)
        told, seen = Told(), Reader(running, workspace)
        seen.start()
        submitters = [Submitter(api, told, workflow, number, _PAUSE_SECONDS) for number in range(2)]
        servants = [Servant(api, told, worker, number) for number, worker in enumerate(workers)]
        for thread in (*submitters, *servants):
            thread.start()
        blows = []
        for victims in _chosen(kills, chance):
            time.sleep(chance.uniform(*apart))
            blows.append(_blow(running, victims))
        time.sleep(apart[0])
        _ended(submitters)
        _wait_until_all_has_ended(running, workspace)
        _ended(servants)
        seen.finish()
        return _judged(running, workspace, seed, blows, told, seen)


def _chosen(kills: int, chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Whom to kill, blow by blow: all in turn, for who dies too often waits ever longer to be started again.

    After the first turn now and then another with them.
    """
    order: list[str] = []
    for number in range(kills):
        turn = number % len(VICTIMS)
        if turn == 0:
            order = chance.sample(VICTIMS, len(VICTIMS))
        together = number >= len(VICTIMS) and chance.random() < TWO_AT_ONCE
        yield (order[turn], order[turn - 1]) if together else (order[turn],)


def _ended(threads: Sequence[Submitter | Servant]) -> None:
    for thread in threads:
        thread.stop.set()
    for thread in threads:
        thread.join()


def _furnished(running: World) -> tuple[Api, str, str, list[str]]:
    """A workspace with workers of two languages, whose tasks are offered to two of them at a time."""
    settings = running.rehearsal.server.settings
    account, token = settings.twilio_account_sid or "", settings.twilio_auth_token or ""
    root = Api(f"{running.url}/v1/Workspaces", account, token)
    sid = root.sure("POST", "", FriendlyName="Recovery")["sid"]
    api = Api(f"{running.url}/v1/Workspaces/{sid}", account, token)
    activities = {item["friendly_name"]: item["sid"] for item in api.sure("GET", "/Activities")["activities"]}
    free = activities["Available"]
    api.sure("POST", "", DefaultActivitySid=free, TimeoutActivitySid=free)
    queue = api.sure("POST", "/TaskQueues", FriendlyName="all", TargetWorkers="1==1", MaxReservedWorkers=2)["sid"]
    target = {"queue": queue, "expression": "task.lang IN worker.langs", "timeout": 30}
    filters = [{"filter_friendly_name": "language", "expression": "1==1", "targets": [target, {"queue": queue}]}]
    routing = json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": queue}}})
    workflow = api.sure(
        "POST", "/Workflows", FriendlyName="flow", Configuration=routing, TaskReservationTimeout=5
    )["sid"]  # fmt: skip
    workers = []
    for number in range(WORKERS):
        langs = (["en"], ["es"], ["en", "es"])[number % 3]
        made = api.sure("POST", "/Workers", FriendlyName=f"w{number}", Attributes=json.dumps({"langs": langs}))
        api.sure("POST", f"/Workers/{made['sid']}/Channels/chat", Capacity=2)
        workers.append(made["sid"])
    return api, sid, workflow, workers


# --- kills -------------------------------------------------------------------------------------------------------


def _blow(running: World, victims: tuple[str, ...]) -> Blow:
    pids = {victim: running.pid_of(victim) for victim in victims}
    at = time.monotonic()
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    while time.monotonic() - at < _BACK_SECONDS:
        if all(running.pid_of(name) not in (0, pid) for name, pid in pids.items()) and _serves(running):
            return Blow(victims, at, time.monotonic() - at)
        time.sleep(_LOOK_SECONDS)
    return Blow(victims, at, None)


def _serves(running: World) -> bool:
    """Whether the web answers and has its Redis."""
    try:
        running.store.ping()
        return requests.get(f"{running.url}/healthz", timeout=1).ok
    except (StoreUnavailable, requests.RequestException):
        return False


class Reader(Thread):
    """Reads every event of the workspace as it comes, and is not put off by a Redis that is away."""

    def __init__(self, running: World, workspace: str) -> None:
        super().__init__(name="reader", daemon=True)
        self.accepted: Counter[str] = Counter()
        self.created: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self._url, self._workspace = running.rehearsal.server.settings.redis_url or "", workspace
        self._over = StopEvent()

    def run(self) -> None:
        """From the first event to the last."""
        last = "0"
        with closing(RedisStore(self._url, self._workspace)) as store:
            while True:
                over = self._over.is_set()
                try:
                    found = store.since(last, count=1000, block_ms=100)
                except StoreUnavailable:
                    self._over.wait(_LOOK_SECONDS)
                    continue
                for item in found:
                    last = item.id
                    self.accepted[item.event.task] += item.event.type is EventType.RESERVATION_ACCEPTED
                    self.created[item.event.task] += item.event.type is EventType.TASK_CREATED
                    self.ended[item.event.task] += item.event.type in _ENDS
                if over and not found:
                    return

    def finish(self) -> None:
        """Reads to the end."""
        self._over.set()
        self.join()


# --- the reckoning -----------------------------------------------------------------------------------------------


def _state(running: World, workspace: str) -> State:
    with closing(InsideRedis(running.rehearsal.server.settings.redis_url or "", workspace)) as inside:
        return State(inside.entities())


def _wait_until_all_has_ended(running: World, workspace: str) -> None:
    """The workers go on until nothing is left to do, or until it takes too long."""
    give_up = time.monotonic() + _QUIET_SECONDS
    while _state(running, workspace).live and time.monotonic() < give_up:
        time.sleep(_NOT_SO_OFTEN)


def _judged(running: World, workspace: str, seed: int, blows: list[Blow], told: Told, seen: Reader) -> Recovery:
    state = _state(running, workspace)
    redis_url = running.rehearsal.server.settings.redis_url or ""
    with closing(RedisStore(redis_url, workspace)) as store, closing(InsideRedis(redis_url, workspace)) as inside:
        wrong = [*disagreements(state, inside, store), *_left(state)]
    falls = [blow.at for blow in blows if "redis" in blow.victims]
    lost = list(_lost(state, told))
    close = [f"{what} {task}" for what, task, at in lost if any(0 <= fall - at <= WINDOW_SECONDS for fall in falls)]
    wrong += [f"{what} {task}" for what, task, _ in lost if f"{what} {task}" not in close]
    wrong += [f"{task} was handed out {count} times" for task, count in seen.accepted.items() if count > 1]
    wrong += [f"{task} ended {count} times" for task, count in seen.ended.items() if count > 1]
    wrong += [f"two were told that they have {task}" for task in _told_twice(told)]
    known = {word.task for word in told.created}
    counts = {
        "submitted": len(told.created), "accepted": len(told.accepted), "completed": len(told.completed),
        "refused": told.refused, "without an answer": sum(told.unsure.values()),
    }  # fmt: skip
    unheard = len(state.tasks.keys() - known)
    if unheard > told.unsure.get("submit", 0):
        wrong.append(f"{unheard} tasks are there that nobody sent")
    return Recovery(seed, blows, counts, dict(Counter(task.state.value for task in state.tasks.values())),
                    unheard, close, wrong)  # fmt: skip


def _left(state: State) -> Iterator[str]:
    """What has not ended although nothing more happens."""
    yield from (f"{task.sid} is still {task.state}" for task in state.live.values())
    yield from (f"{worker.sid} still holds {worker.held}" for worker in state.workers.values() if worker.reservations)


def _lost(state: State, told: Told) -> Iterator[tuple[str, str, float]]:
    """What a program was told has happened, and is not so; and when it was told."""
    for word in told.created:
        if word.task not in state.tasks:
            yield "acknowledged, and lost:", word.task, word.at
    for word in told.accepted:
        task, offer = state.tasks.get(word.task), state.reservations.get(word.reservation)
        if task and (offer is None or not offer.accepted):
            yield "accepted, and not so:", word.task, word.at
    for word in told.completed:
        task = state.tasks.get(word.task)
        if task and task.state != "completed":
            yield "completed, and not so:", word.task, word.at


def _told_twice(told: Told) -> list[str]:
    """Tasks that programs were told they have by more than one reservation."""
    pairs = {(word.task, word.reservation) for word in told.accepted}
    return [task for task, count in Counter(task for task, _ in pairs).items() if count > 1]

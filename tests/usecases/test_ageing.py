"""A flood of VIPs for hours: with ageing everybody is served within a stated time, without it the others starve."""

from dataclasses import replace

import pytest

from app.core import offers, tasks
from app.core.change import Change
from app.core.config import Agent, Config, Escalation, Queue, Target, TargetKind
from app.core.entities import Task, TaskState
from app.core.offers import Held
from app.core.routing.lanes import lane_of
from app.core.tasks import Entry
from app.owner import OwnerFileError, load
from app.usecases import deadlines, dispatching
from tests.builders import a_call
from tests.shop import Shop, a_config, to_queue

HOURS = 2
STEP = 12
"""A VIP comes at each step; all other times are multiples of it, so that everything happens at some step."""
HANDLING = 10 * STEP
"""So one agent is offered ten times the work of VIPs that they can do."""
PATIENCE = 120
"""A VIP who has waited so long leaves a message."""
PLAIN_EVERY = 13 * STEP
PRIORITY, AGEING = 10, 30


def a_flooded_config(ageing: int) -> Config:
    """One agent, VIPs who do not wait for long, and everybody else, who does."""
    message = (Escalation(after=PATIENCE, target=Target(TargetKind.VOICEMAIL)),)
    late = (Escalation(after=86_000, target=Target(TargetKind.VOICEMAIL)),)
    queues = (
        Queue(name="vip", title="", serves="1 == 1", priority=PRIORITY, ageing=ageing, escalation=message, wrap_up=0),
        Queue(name="plain", title="", serves="1 == 1", ageing=ageing, escalation=late, wrap_up=0),
    )
    agents = {"anna": Agent(name="anna", phone="+12025550111")}
    return replace(a_config(), agents=agents, queues={queue.name: queue for queue in queues}, priorities=())


class Flood:
    """The shop during the flood: real decisions, store and deadlines; phones are answered at once."""

    def __init__(self, ageing: int) -> None:
        self.shop = Shop(a_flooded_config(ageing))
        self.context = self.shop.context
        self.waits: list[float] = []
        self.still: list[float] = []
        self.vips = 0
        self._busy: tuple[str, int] | None = None

    def runs(self) -> "Flood":
        """Hours of it."""
        for second in range(0, HOURS * 3600, STEP):
            self._comes("vip", second)
            if second % PLAIN_EVERY == 0:
                self._comes("plain", second)
            self._conversation_ends()
            deadlines.look_after_due(self.context, limit=1000)
            dispatching.dispatch_everything(self.context)
            self._conversation_begins()
            self.shop.clock.advance_seconds(STEP)
        now = self.shop.clock.now()
        left = self.context.store.snapshot().tasks
        self.still = [(now - task.created) / 1000 for task in left if task.queue == "plain" and tasks.is_waiting(task)]
        return self

    def _comes(self, queue: str, second: int) -> None:
        entry = Entry(f"WT-{queue}-{second}", to_queue(queue), "flood", {})
        call = a_call(f"CA-{queue}-{second}", config="v1")
        self.context.store.commit(tasks.enter(call, entry, self.shop.config, self.shop.clock.now()))

    def _conversation_begins(self) -> None:
        now = self.shop.clock.now()
        for offer in self.shop.offers():
            task, held = self._held(offer.sid)
            self.context.store.commit(offers.accept(task, held, (), now))
            self._busy = (offer.sid, now + 1000 * HANDLING)
            if task.queue == "plain":
                self.waits.append((now - task.created) / 1000)
            else:
                self.vips += 1

    def _conversation_ends(self) -> None:
        now = self.shop.clock.now()
        if self._busy and self._busy[1] <= now:
            task, held = self._held(self._busy[0])
            self.context.store.commit(offers.wrap_up(task, held, self.shop.config.queues[task.queue], now))
            self._busy = None

    def _held(self, sid: str) -> tuple[Task, Held]:
        offer = self.shop.reservation(sid)
        task = self.context.store.get(Task, offer.task)
        assert task is not None
        return task, Held(offer, self.shop.worker(offer.worker))


def test_with_ageing_the_least_important_wait_no_longer_than_stated() -> None:
    """The bound: the difference in priority times the ageing, the VIPs' patience, and one conversation.

    It holds for a class whose callers come no faster than one agent can serve them, however many VIPs there are.
    Proof, by induction over that class in the order in which they come. No VIP who comes later than D = difference *
    ageing after caller c goes before c, and those who came until then have been served or have left for voicemail by
    T = since_c + D + patience. The caller of the class before c came at least one conversation earlier, and so by the
    same bound has begun by T, and all before them too. So at T nobody is before c, and whoever is talking then is free
    after one conversation at most.
    """
    bound = PRIORITY * AGEING + PATIENCE + HANDLING

    flood = Flood(AGEING).runs()

    assert len(flood.waits) >= HOURS * 3600 // PLAIN_EVERY - bound // PLAIN_EVERY - 1, "every one of them was served"
    assert max(*flood.waits, *flood.still) <= bound
    assert max(flood.waits) > PRIORITY * AGEING, "a bound that nobody comes near would say little"
    assert flood.vips > 0, "the VIPs still go first for as long as their priority is worth"


def test_without_ageing_they_starve() -> None:
    flood = Flood(0).runs()

    assert flood.waits == []
    assert max(flood.still) == HOURS * 3600, "the first of them still waits"
    assert flood.vips == HOURS * 3600 // HANDLING


def test_the_owners_file_brings_ageing_to_the_tasks_of_its_queues() -> None:
    text = """
business: x
time zone: UTC
agents: {anna: {phone: "+12025550111", weight: 3}}
queues:
  slow: {serves: 1 == 1, ageing: 1 min, strategy: ring all}
  fast: {serves: 1 == 1}
"""
    shop = Shop(replace(load(text), version="v1"))
    rules = shop.context.rules.current()

    entered = tasks.enter(a_call(), Entry("WT1", to_queue("slow"), "", {}), shop.config, 0)

    (task,) = [write.new for write in entered.writes]
    assert isinstance(task, Task)
    assert (task.state, task.ageing, lane_of(task).queue) == (TaskState.PENDING, 60, "slow")
    assert (rules.queues["slow"].ageing, rules.queues["fast"].ageing) == (60, 0)
    assert shop.worker("anna").attributes["weight"] == 3
    assert isinstance(entered, Change)


def test_newest_first_and_ageing_exclude_each_other() -> None:
    with pytest.raises(OwnerFileError, match="newest first cannot have `ageing`"):
        load("business: x\ntime zone: UTC\nqueues: {a: {serves: 1 == 1, order: newest first, ageing: 5}}\n")

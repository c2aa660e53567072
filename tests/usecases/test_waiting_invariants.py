"""With every rule about waiting in force at once, whatever happens, the queue's promises hold as they do without."""

import os
from dataclasses import replace

import pytest
from hypothesis.stateful import run_state_machine_as_test

from app.core.config import Config, Escalation, PriorityRule, Target, TargetKind
from app.core.entities import TaskState
from app.core.skills import lines, split_line
from app.core.waiting_rules import AskedFor, LastAgent, ServiceLevel
from app.core.workflow import leaves
from app.followers.dispatcher import Dispatcher
from app.ports.store import Snapshot
from app.store.memory import MemoryStore
from tests.builders import FakeClock
from tests.shop import VOICEMAIL, Shop
from tests.usecases.carrier import Carrier
from tests.usecases.ledger import Ledger
from tests.usecases.test_queue_invariants import PAUSE_MS, Queue, busy_shop, limits

EXAMPLES = 80 if os.environ.get("CI") else 25
STEPS = (
    Escalation(after=0, when_waiting=2, raise_by=2),
    Escalation(after=5, when_at_risk=True, serves="skills HAS 'support' OR skills HAS 'sales'"),
    Escalation(after=60, serves="1 == 1"),
    Escalation(after=120, target=Target(TargetKind.PERSON, "susan"), say="Calling the owner."),
    Escalation(after=240, target=VOICEMAIL),
)


def generous_shop() -> Config:
    """Sales wait for the agent they know, promise an answer, and widen; support sends away whom it cannot take."""
    config = busy_shop()
    sales, support, susan = config.queues["sales"], config.queues["support"], config.agents["susan"]
    level = ServiceLevel(seconds=20, percent=90)
    full = Escalation(after=0, when_waiting=3, target=VOICEMAIL)
    return replace(
        config,
        queues={
            "sales": replace(sales, service_level=level, last_agent=LastAgent(wait=15), escalation=STEPS),
            "support": replace(support, escalation=(full, *support.escalation)),
        },
        agents={**config.agents, "susan": replace(susan, asked_for=AskedFor(wait=30))},
        priorities=(
            *config.priorities,
            PriorityRule(name="regulars", called_times=2, raise_places=2),
            PriorityRule(name="very regular", called_times=4, ahead=True),
        ),
    )


class GenerousQueue(Queue):
    """The same story under more rules. Whom a rule lets pass others may be served before older callers."""

    def __init__(self) -> None:
        super().__init__(lambda clock, _: MemoryStore("shop", clock))
        config, clock = generous_shop(), FakeClock()
        self.shop = Shop(config, clock, MemoryStore("shop", clock))
        self.carrier = Carrier(self.shop)
        self.dispatcher = Dispatcher(self.shop.context, "one")
        wrap_ups = {name: config.queues[split_line(name)[0]].wrap_up for name in lines(config) if name[0] != "@"}
        seconds = {**wrap_ups, **{f"@{name}": 10 for name in config.agents}}
        self.ledger = Ledger({name: wait * 1000 for name, wait in seconds.items()}, PAUSE_MS)
        self.held = self.shop.context.store.snapshot()

    def nobody_is_forgotten(self, held: Snapshot) -> None:
        """No free eligible worker faces a waiting task they have not just passed, unless it waits for another."""
        now = self.shop.clock.now()
        for task in held.tasks:
            if task.state is TaskState.PENDING:
                assert not leaves(task, self.shop.config, now), f"{task} was to move on"
                able = [worker for worker in held.workers if task.queue in worker.queues]
                free = [worker.sid for worker in able if worker.free_on("voice") and task.known in ("", worker.sid)]
                assert not [name for name in free if task.declined.get(name, 0) <= now], f"{task} waits for {free}"

    def older_first(self, held: Snapshot, before: Snapshot) -> None:
        """Proved of the order itself (tests of places); here rules may let anybody pass."""


@pytest.mark.timeout(240)
def test_the_queue_keeps_its_promises_under_every_rule_about_waiting() -> None:
    run_state_machine_as_test(GenerousQueue, settings=limits(EXAMPLES, steps=40))

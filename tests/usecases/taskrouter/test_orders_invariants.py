"""Whatever programs order in whatever sequence: what a queue promises holds after every single order."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from app.core.entities import Key, Kind, Reservation, ReservationState, Task, TaskState, Worker
from app.core.events import EventType
from app.core.indexes import ENDED_TASKS, LIVE_TASKS
from app.store.memory import MemoryStore
from app.usecases.dispatching import dispatch_everything
from app.usecases.taskrouter.reservations import update_reservation
from app.usecases.taskrouter.tasks import TaskUpdate, delete_task, update_task
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.worker_channels import update_channel
from app.usecases.taskrouter.workers import NewWorker, WorkerUpdate, create_worker, delete_worker, update_worker
from tests.builders import FakeClock
from tests.usecases.taskrouter.bakery import AWAY, BREAD, BUSY, FREE, WORKSPACE, Bakery

OPEN = (ReservationState.PENDING, ReservationState.ACCEPTED, ReservationState.WRAPPING)
TAKEN = (ReservationState.ACCEPTED, ReservationState.WRAPPING)
ENDS = (EventType.TASK_COMPLETED, EventType.TASK_CANCELED, EventType.TASK_DELETED)
KINDS = st.sampled_from([{"kind": "bread"}, {}, {"kind": "cake"}])
ACTIVITIES = st.sampled_from([FREE, FREE, FREE, AWAY, BUSY])


class Orders(RuleBasedStateMachine):
    """A bakery that is given orders at random."""

    workers: Bundle[str] = Bundle("workers")
    tasks: Bundle[str] = Bundle("tasks")

    @initialize(target=workers, at_once=st.sampled_from([2, 1, 3]), busy=st.sampled_from(["", BUSY]))
    def opens(self, at_once: int, busy: str) -> Any:
        clock = FakeClock()
        self.bakery = Bakery(MemoryStore(WORKSPACE, clock), clock, at_once, busy)
        self.context, self.store = self.bakery.context, self.bakery.store
        self.made = 0
        return multiple(*(self.bakery.baker(name).sid for name in "xyz"))

    @rule(target=workers, name=st.sampled_from("abcd"), bakes=st.booleans())
    def hires(self, name: str, bakes: bool) -> Any:
        made = create_worker(self.context, NewWorker(name=name, attributes={"bakes": bakes}))
        return multiple() if isinstance(made, Refusal) else made.sid

    @rule(worker=workers, activity=ACTIVITIES, reject=st.booleans())
    def goes_into(self, worker: str, activity: str, reject: bool) -> None:
        update_worker(self.context, worker, WorkerUpdate(activity=activity, reject_pending=reject))

    @rule(worker=workers, bakes=st.sampled_from([True, True, False]))
    def learns(self, worker: str, bakes: bool) -> None:
        update_worker(self.context, worker, WorkerUpdate(attributes={"bakes": bakes}))

    @rule(worker=workers, capacity=st.sampled_from([2, 1, 3, 0]), available=st.sampled_from([True] * 3 + [False]))
    def takes_more_or_less(self, worker: str, capacity: int, available: bool) -> None:
        before = self.store.get(Worker, worker)
        update_channel(self.context, worker, "default", capacity, available)
        after = self.store.get(Worker, worker)
        assert (before and before.reservations) == (after and after.reservations)

    @rule(worker=workers)
    def leaves(self, worker: str) -> None:
        before = self.store.get(Worker, worker)
        refused = isinstance(delete_worker(self.context, worker), Refusal)
        assert refused is (before is None or bool(before.reservations))

    @rule(target=tasks, attributes=KINDS, priority=st.integers(0, 2))
    def orders(self, attributes: dict[str, object], priority: int) -> str:
        self.made += 1
        return self.bakery.order(attributes, priority=priority, timeout=300).sid

    @rule(
        task=tasks,
        status=st.sampled_from([None, *TaskState]),
        attributes=st.none() | KINDS,
        priority=st.none() | st.integers(0, 3),
    )
    def changes(self, task: str, **fields: Any) -> None:
        before = self.store.get(Task, task)
        if isinstance(update_task(self.context, task, TaskUpdate(**fields)), Refusal):
            assert self.store.get(Task, task) == before

    @rule(task=tasks)
    def cancels(self, task: str) -> None:
        self.dispatches()
        self.changes(task=task, status=TaskState.CANCELED, attributes=None, priority=None)

    @rule(task=tasks)
    def removes(self, task: str) -> None:
        delete_task(self.context, task)

    @rule(data=st.data(), status=st.sampled_from(ReservationState), activity=st.sampled_from(["", AWAY]))
    def answers(self, data: st.DataObject, status: ReservationState, activity: str) -> None:
        offers = self.store.snapshot().reservations
        if offers:
            offer = data.draw(st.sampled_from(offers))
            refused = isinstance(update_reservation(self.context, offer.sid, status, activity), Refusal)
            assert not refused or self.store.get(Reservation, offer.sid) == offer

    def answered(self, data: st.DataObject, of: ReservationState, status: ReservationState) -> None:
        """Somebody answers one of the reservations in a state in which that answer is theirs to give."""
        offers = [item for item in self.store.snapshot().reservations if item.state is of]
        if offers:
            chosen = data.draw(st.sampled_from(offers))
            assert not isinstance(update_reservation(self.context, chosen.sid, status), Refusal)

    @rule(data=st.data())
    def accepts(self, data: st.DataObject) -> None:
        self.dispatches()
        self.answered(data, ReservationState.PENDING, ReservationState.ACCEPTED)

    @rule(data=st.data(), status=st.sampled_from([ReservationState.WRAPPING, ReservationState.COMPLETED]))
    def finishes(self, data: st.DataObject, status: ReservationState) -> None:
        self.answered(data, ReservationState.ACCEPTED, status)

    @rule()
    def dispatches(self) -> None:
        before = {worker.sid: worker.held for worker in self.everything()[1]}
        dispatch_everything(self.context)
        for worker in self.everything()[1]:
            if worker.held != before[worker.sid]:
                assert worker.available
                assert worker.held["default"] <= worker.channels["default"].capacity
        self.no_free_worker_faces_a_waiting_task()

    def no_free_worker_faces_a_waiting_task(self) -> None:
        tasks, workers, _ = self.everything()
        for task in tasks:
            if task.state is TaskState.PENDING:
                able = [each for each in workers if each.attributes["bakes"] is (task.queue == BREAD)]
                asked = [each for each in able if task.declined.get(each.sid, 0) <= self.bakery.clock.now()]
                assert not [each.sid for each in asked if each.free_on("default")]

    @rule(seconds=st.sampled_from([1, 1, 1, 61, 121, 301, 90_000]))
    def waits(self, seconds: int) -> None:
        self.bakery.later(seconds)

    def everything(self) -> tuple[list[Task], list[Worker], dict[str, Reservation]]:
        found = self.store.snapshot()
        return list(found.tasks), list(found.workers), {item.sid: item for item in found.reservations}

    @invariant()
    def nobody_holds_more_than_is_theirs(self) -> None:
        _, workers, open_ = self.everything()
        for worker in workers:
            mine = sorted(sid for sid, item in open_.items() if item.worker == worker.sid)
            assert sorted(worker.reservations) == mine
            assert sum(worker.held.values()) == len(mine)

    @invariant()
    def a_task_has_at_most_one_who_took_it_and_agrees_with_its_offers(self) -> None:
        tasks, _, open_ = self.everything()
        for task in tasks:
            offers = [open_[sid] for sid in task.reservations if sid in open_]
            taken = [offer for offer in offers if offer.state in TAKEN]
            states = {
                TaskState.PENDING: (0, 0),
                TaskState.RESERVED: (0, len(task.reservations)),
                TaskState.ASSIGNED: (1, 1),
                TaskState.WRAPPING: (1, 1),
            }
            assert (len(taken), len(offers)) == states[task.state]
            assert task.state is not TaskState.RESERVED or offers
        named = {sid for task in tasks for sid in task.reservations}
        assert named.issuperset(open_)
        assert all(offer.state in OPEN for offer in open_.values())

    @invariant()
    def somebody_looks_at_everything_that_has_not_ended(self) -> None:
        tasks, _, open_ = self.everything()
        now = self.bakery.clock.now()
        assert all(task.deadline > 0 for task in tasks)
        pending = [offer for offer in open_.values() if offer.state is ReservationState.PENDING]
        assert all(offer.deadline > now - 1000 for offer in pending)

    @invariant()
    def each_task_ends_once_and_none_is_lost(self) -> None:
        ends: dict[str, list[EventType]] = {}
        for item in self.store.since("0", count=100_000):
            if item.event.type in ENDS:
                ends.setdefault(item.event.task, []).append(item.event.type)
        for kinds in ends.values():
            assert len([kind for kind in kinds if kind is not EventType.TASK_DELETED]) <= 1
        live = set(self.store.members(LIVE_TASKS))
        assert live.isdisjoint(ends)
        assert len(live) + len(ends) == self.made
        ended = self.store.members(ENDED_TASKS)
        known = self.store.read(*(Key(Kind.TASK, sid) for sid in ended)) if ended else ()
        assert all(isinstance(task, Task) and task.ended for task in known)


Orders.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_every_promise_holds_after_every_order = Orders.TestCase

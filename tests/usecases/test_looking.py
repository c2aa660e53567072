"""The dispatcher reads little, asks the store seldom, and overlooks nobody all the same."""

import json
from collections.abc import Sequence
from dataclasses import replace

from app.core.change import Change, Write, update
from app.core.entities import ChannelCapacity, Reservation, Task, Worker
from app.core.routing.definitions import TaskQueue, Workflow
from app.core.routing.lanes import lane_of
from app.ports.store import Committed, Conflict, Heads
from app.store.memory import MemoryStore
from app.usecases.dispatching import Openings, dispatch
from app.usecases.looking import FIRST, HEAD
from tests.builders import FakeClock
from tests.store.adapters import held
from tests.usecases.taskrouter.bakery import CAKE, FLOW, WORKSPACE, Bakery

MANY = 3 * HEAD


class Watched(MemoryStore):
    """A store that notes how much was read of it at each look, and how often it was written to."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(WORKSPACE, clock)
        self.looks: list[int] = []
        self.commits = 0

    def heads(
        self, lanes: Sequence[str], idle: Sequence[str] = (), named: Sequence[str] = (), limit: int = 10,
        *, together: bool = False,
    ) -> Heads:  # fmt: skip
        """Notes how many entities there are in the answer."""
        found = super().heads(lanes, idle, named, limit, together=together)
        self.looks.append(sum(map(len, (*found.tasks.values(), *found.workers.values()))) + len(found.named))
        return found

    def commit(self, change: Change) -> Committed | Conflict:
        """Counts."""
        self.commits += 1
        return super().commit(change)


def open_bakery(clock: FakeClock) -> tuple[Bakery, Watched]:
    """A bakery whose store is watched."""
    store = Watched(clock)
    return Bakery(store, clock), store


def about(task: Task) -> Openings:
    """A task has come."""
    return Openings(frozenset({lane_of(task).name}))


def glanced(bakery: Bakery, store: Watched, opened: Openings) -> int:
    """Dispatches once the process knows lanes and profiles; forgets what was asked of the store before."""
    bakery.context.sights.renew(store.heads(()))
    store.looks.clear()
    store.commits = 0
    return dispatch(bakery.context, opened)


def orders(bakery: Bakery, clock: FakeClock, count: int, **attributes: object) -> list[Task]:
    """So many loaves are ordered, one a second."""
    made = []
    for _ in range(count):
        clock.advance_seconds(1)
        made.append(bakery.order(dict(attributes)))
    return made


def offers_of(bakery: Bakery, task: Task) -> list[str]:
    """Who was asked for a task."""
    found = (bakery.store.get(Reservation, sid) for sid in bakery.now(task).reservations)
    return [offer.worker for offer in found if offer]


def test_an_order_for_a_free_baker_takes_one_look_and_one_commit(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.baker("Ann")
    first, *_ = orders(bakery, clock, MANY)

    assert glanced(bakery, store, about(first)) == 1
    assert (len(store.looks), store.commits) == (1, 1)
    assert store.looks[0] <= FIRST + 1
    assert offers_of(bakery, first) == [baker.sid]


def test_of_many_free_bakers_few_are_looked_at_and_the_longest_idle_is_asked(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    bakers = []
    for number in range(MANY):
        clock.advance_seconds(1)
        bakers.append(bakery.baker(f"baker {number}", town=number))
    task = bakery.order()

    assert glanced(bakery, store, about(task)) == 1
    assert (len(store.looks), store.commits) == (1, 1)
    assert store.looks[0] == FIRST + 1
    assert offers_of(bakery, task) == [bakers[0].sid]


def test_a_baker_who_comes_free_gets_the_oldest_of_the_highest_priority_over_all_lanes(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.baker("Ann")
    orders(bakery, clock, MANY)
    raised = bakery.order(priority=1)

    assert glanced(bakery, store, Openings(workers=frozenset({baker.sid}))) == 1
    assert (len(store.looks), store.commits) == (1, 1)
    assert store.looks[0] == FIRST + 1
    assert offers_of(bakery, raised) == [baker.sid]


def test_tasks_that_a_baker_may_not_be_asked_for_do_not_hide_the_one_behind_them(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.baker("Ann")
    tasks = orders(bakery, clock, FIRST + 1)
    for task in map(bakery.now, tasks[:FIRST]):
        store.commit(update(task, replace(task, declined={baker.sid: clock.now() + 60_000})))

    for opened in (about(tasks[0]), Openings(workers=frozenset({baker.sid}))):
        assert glanced(bakery, store, opened) == 1
        assert offers_of(bakery, tasks[FIRST]) == [baker.sid]
        change = (Write(bakery.now(tasks[FIRST]), replace(tasks[FIRST], reservations=())),)
        freed = Write(bakery.of(baker), replace(baker, reservations=(), held={}))
        store.commit(Change((*change, freed)))


def test_what_stands_behind_a_task_that_was_declined_comes_before_what_is_younger(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.baker("Ann")
    first, second = orders(bakery, clock, 2)
    clock.advance_seconds(1)
    bakery.order(channel="chat")
    now = bakery.now(first)
    store.commit(update(now, replace(now, declined={baker.sid: clock.now() + 60_000})))

    assert glanced(bakery, store, Openings(workers=frozenset({baker.sid}))) == 2
    assert offers_of(bakery, second) == [baker.sid]


def test_a_task_for_one_baker_alone_that_takes_no_account_of_capacity_is_found_behind_others(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.baker("Ann")
    for channel in ("default", "chat"):
        clock.advance_seconds(1)
        bakery.order(channel=channel)
    own = bakery.order(routing_target=baker.sid, ignore_capacity=True)

    assert glanced(bakery, store, Openings(workers=frozenset({baker.sid}))) == 3
    assert offers_of(bakery, own) == [baker.sid]


def test_a_baker_with_room_for_more_is_given_more(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.of(bakery.baker("Ann"))
    store.commit(update(baker, replace(baker, channels={"default": ChannelCapacity(capacity=3)})))
    tasks = orders(bakery, clock, 5)

    assert glanced(bakery, store, about(tasks[0])) == 3
    assert [bool(offers_of(bakery, task)) for task in tasks] == [True] * 3 + [False] * 2


def test_a_baker_who_is_full_on_one_channel_is_asked_on_another(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    baker = bakery.of(bakery.baker("Ann"))
    channels = {"default": ChannelCapacity(), "chat": ChannelCapacity()}
    busy = replace(baker, channels=channels, reservations=("WR0",), held={"default": 1})
    store.commit(update(baker, busy))
    orders(bakery, clock, MANY)
    chat = bakery.order(channel="chat")

    assert glanced(bakery, store, Openings(workers=frozenset({baker.sid}))) == 1
    assert offers_of(bakery, chat) == [baker.sid]


def test_where_the_target_orders_the_workers_all_of_them_are_weighed(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    targets = [{"queue": CAKE, "order_by": "worker.level DESC"}]
    routing = {"task_routing": {"filters": [{"expression": "1 == 1", "targets": targets}]}}
    workflow = held(store, Workflow(sid=FLOW))
    store.commit(update(workflow, replace(workflow, configuration=json.dumps(routing))))
    bakery.context.rules.current(-1)
    bakers = [bakery.baker(f"baker {level}", bakes=False, level=level) for level in range(FIRST + 3)]
    task = bakery.order()

    assert glanced(bakery, store, about(task)) == 1
    assert offers_of(bakery, task) == [bakers[-1].sid]


def test_who_declined_a_task_is_asked_again_only_after_all_others(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    bakers = []
    for number in range(FIRST + 1):
        clock.advance_seconds(1)
        bakers.append(bakery.baker(f"baker {number}"))
    task = bakery.now(bakery.order())
    store.commit(update(task, replace(task, declined={baker.sid: clock.now() - 1 for baker in bakers[:FIRST]})))

    assert glanced(bakery, store, about(task)) == 1
    assert offers_of(bakery, task) == [bakers[FIRST].sid]


def test_a_queue_that_serves_the_newest_first_still_does(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    queue = held(store, TaskQueue(sid=CAKE))
    store.commit(update(queue, replace(queue, lifo=True)))
    bakery.context.rules.current(-1)
    baker = bakery.baker("Ann", bakes=False)
    *_, newest = orders(bakery, clock, MANY, kind="cake")

    assert glanced(bakery, store, Openings(workers=frozenset({baker.sid}))) == 1
    assert offers_of(bakery, newest) == [baker.sid]


def test_nobody_free_is_seen_at_one_look(clock: FakeClock) -> None:
    bakery, store = open_bakery(clock)
    task = bakery.order()
    assert glanced(bakery, store, about(task)) == 0
    assert (len(store.looks), store.commits) == (1, 0)
    assert dispatch(bakery.context, Openings(workers=frozenset({"nobody"}))) == 0
    assert store.get(Worker, "nobody") is None

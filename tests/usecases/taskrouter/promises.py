"""What has to hold after every single step, and after the dispatcher has done all it can."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.core.entities import Reservation, ReservationState, Task, TaskState
from app.core.events import Event, EventType
from app.ports.store import Store
from tests.usecases.taskrouter.firm import Inside
from tests.usecases.taskrouter.naive import HOLDING, Place, World
from tests.usecases.taskrouter.replay import CLOSING, Replay
from tests.usecases.taskrouter.states import CHECKS

DEFINING = (EventType.DEFINED, EventType.REDEFINED, EventType.UNDEFINED)
A_SECOND = 1000
"""For so long an offer stands although the task's time is over."""
OF_WORKERS = ("worker.", "definition.")


@dataclass
class Promises:
    """Reads a store after every step and holds it against its rules, its indexes and its events."""

    store: Store
    inside: Inside
    history: list[Event] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    replays: list[Replay] = field(default_factory=lambda: [Replay()])
    late: list[Replay] = field(default_factory=list)
    _read: str = "0"
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _rooms: dict[tuple[str, str], int] = field(default_factory=dict)

    def look(self) -> World:
        """Everything at this instant, with all promises kept."""
        world = World(self.inside.entities(), self.places)
        began = len(self.history)
        while told := self.store.since(self._read, count=1000):
            for item in told:
                self._told(item.event, world)
            self._read = told[-1].id
        self._replays_agree(world)
        self._nobody_was_given_too_much(world)
        self._offers_were_made_to_the_available(world, began)
        for check in CHECKS:
            check(world, self.inside, self.store)
        return world

    def a_reader_begins(self) -> None:
        """Somebody reads a snapshot now, and the events from here on."""
        self.look()
        self.replays[1:] = [Replay.of(self.store.snapshot())]

    def _told(self, event: Event, world: World) -> None:
        self.history.append(event)
        for replay in self.replays:
            replay.read(event)
        if event.type is EventType.TARGET_MATCHED:
            task, data = world.tasks.get(event.task), event.data
            workflow = str(data["workflow"])
            if task is not None:
                target = world.target(workflow, int(str(data["filter"])), int(str(data["target"])))
                assert target.get("queue", data["queue"]) == data["queue"], f"{task} went by rules that are no more"
                self.places[task.sid] = Place(target, task.attributes, world.known(target, task.attributes))

    # --- after every step ------------------------------------------------------------------------------------

    def _replays_agree(self, world: World) -> None:
        """Tasks in = waiting + held + ended; each ended once; and what was told is what the store holds."""
        states = {sid: task.state.value for sid, task in world.live.items()}
        offers = {sid: (item.task, item.worker) for sid, item in world.reservations.items() if item.state in HOLDING}
        activities = {sid: worker.activity for sid, worker in world.workers.items()}
        for replay in self.replays:
            assert (replay.states, replay.offers, replay.activities) == (states, offers, activities)
        whole = self.replays[0]
        ended = set(whole.ends) | set(whole.deleted)
        assert set(whole.created) == set(states) | {sid for sid in ended if whole.ends[sid] + whole.deleted[sid]}
        for task in world.tasks.values():
            assert bool(task.ended) == bool(whole.ends[task.sid])

    def _nobody_was_given_too_much(self, world: World) -> None:
        """More than their capacity holds nobody, but what was given before it shrank, or regardless of it."""
        counts: Counter[tuple[str, str]] = Counter()
        rooms: dict[tuple[str, str], int] = {}
        for worker in world.workers.values():
            for channel, room in worker.channels.items():
                at = (worker.sid, channel)
                rooms[at] = room.capacity if room.available else 0
                counts[at] = sum(not world.tasks[item.task].ignore_capacity for item in world.holds(*at))
                most = max(rooms[at], self._rooms.get(at, 0), self._counted[at])
                assert counts[at] <= most, f"{worker.sid} holds {counts[at]} on {channel}, more than {most}"
            held = sum(count for (sid, _), count in counts.items() if sid == worker.sid)
            assert held <= 1 or world.workspace.multi_task, f"{worker.sid} was to do one thing at a time"
        self._counted, self._rooms = counts, rooms

    def _offers_were_made_to_the_available(self, world: World, began: int) -> None:
        """Nobody was asked in an activity in which no work is offered, nor past the time of the target."""
        new = self.history[began:]
        changed = {event.worker for event in new if event.type is EventType.WORKER_CHANGED}
        for event in new:
            offer = world.reservations.get(event.reservation)
            if event.type is not EventType.RESERVATION_CREATED or offer is None or offer.state not in HOLDING:
                continue
            worker, task = world.workers[event.worker], world.tasks[event.task]
            there = task.ignore_capacity or world.activities[worker.activity].available
            assert there or event.worker in changed, f"{worker} was asked"
            assert not task.moves_on or offer.created < task.moves_on, f"{task} was to move on"
            assert offer.created < task.expires, f"{task} was over"

    # --- after the dispatcher ----------------------------------------------------------------------------------

    def all_is_done(self, world: World, began: int, now: int) -> None:
        """The dispatcher has nothing left to do, and what it did since event `began` was right."""
        assert not [task.sid for task in world.tasks.values() if task.deadline <= now], "a deadline is past"
        for task in world.live.values():
            waits = task.state in (TaskState.PENDING, TaskState.RESERVED)
            assert not waits or task.expires + A_SECOND > now, f"{task} waits though its time is over"
        for task in world.waiting:
            free = [one.sid for one in world.workers.values() if world.is_free(one, task) and world.suits(task, one)]
            assert not free, f"{task} waits while {free} are free"
        if any(event.type in DEFINING for event in self.history[began:]):
            return
        for at, offer in self._made(world, began):
            self._suited(world, at, offer)
            self._in_order(world, at, offer)
            self._declined_last(world, at, offer)

    def _made(self, world: World, began: int) -> Iterator[tuple[int, Reservation]]:
        """The offers that stand since event `began`, with the place of their event."""
        for at, event in enumerate(self.history[began:], began):
            offer = world.reservations.get(event.reservation)
            if event.type is EventType.RESERVATION_CREATED and offer and offer.state is ReservationState.PENDING:
                yield at, offer

    def _changed(self, at: int, task: str = "", worker: str = "") -> bool:
        """Whether a task or a worker was other than now just after the event at a place, but for new offers."""
        for event in self.history[at + 1 :]:
            if task and event.task == task and event.type is not EventType.RESERVATION_CREATED and not event.is_intent:
                return True
            if worker and event.worker == worker and _turns(event):
                return True
        return False

    def _suited(self, world: World, at: int, offer: Reservation) -> None:
        task, worker = world.tasks[offer.task], world.workers[offer.worker]
        later = {event.reservation for event in self.history[at:]} - {""}
        if not self._changed(at, task.sid, worker.sid):
            assert world.suits(task, worker, later), f"{worker} was offered {task}"

    def _in_order(self, world: World, at: int, offer: Reservation) -> None:
        """The worker was not given this task past one that comes before it."""
        given, worker = world.tasks[offer.task], world.workers[offer.worker]
        if self._changed(at, given.sid, worker.sid):
            return
        for other in world.waiting:
            same = other.channel == given.channel and not given.ignore_capacity
            could = world.is_free(worker, other) or same
            if could and _precedes(world, other, given) and not self._changed(at, other.sid):
                assert not world.suits(other, worker), f"{worker.sid} was given {given} past {other}"

    def _declined_last(self, world: World, at: int, offer: Reservation) -> None:
        """Who has declined a task is not asked again while somebody who has not is free."""
        task = world.tasks[offer.task]
        if offer.worker not in task.declined or self._changed(at, task.sid):
            return
        free = [
            other.sid
            for other in world.workers.values()
            if other.sid not in task.declined
            and world.is_free(other, task)
            and world.suits(task, other)
            and not self._changed(at, worker=other.sid)
        ]
        assert not free, f"{offer.worker}, who declined it, was asked for {task} again though {free} are free"


def _turns(event: Event) -> bool:
    """Whether an event is about more of a worker than that they were offered something."""
    return event.type in CLOSING or event.type is EventType.TASK_RETRIED or event.type.value.startswith(OF_WORKERS)


def _precedes(world: World, one: Task, other: Task) -> bool:
    """Whether one task is to be served before another, where that is plain."""
    if one.lifo and other.lifo and one.queue == other.queue:
        return one.since > other.since
    if one.lifo or other.lifo:
        return False
    return (-one.priority, one.since) < (-other.priority, other.since)

"""A firm in the hands of chance: programs, workers, the clock and crashes do what they like, in any order."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.entities import Reservation, ReservationState, Task, TaskState, Worker
from app.followers.dispatcher import GROUP, Dispatcher
from app.usecases.context import Context
from app.usecases.deadlines import look_after_due
from app.usecases.taskrouter.reservations import accept, reject, update_reservation
from app.usecases.taskrouter.submissions import NewTask, create_task
from app.usecases.taskrouter.task_queues import QueueFields, update_queue
from app.usecases.taskrouter.tasks import TaskUpdate, delete_task, update_task
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.worker_channels import update_channel
from app.usecases.taskrouter.workers import NewWorker, WorkerUpdate, create_worker, delete_worker, update_worker
from app.usecases.taskrouter.workflows import WorkflowFields, update_workflow
from tests.builders import FakeClock
from tests.usecases.taskrouter.firm import (
    ANYBODY,
    AWAY,
    BUSY,
    CHANNELS,
    DOCUMENTS,
    FLOWS,
    FREE,
    QUEUES,
    STAFFING,
    Counted,
    Meddled,
    Opened,
    document,
    found,
    process,
)
from tests.usecases.taskrouter.naive import World
from tests.usecases.taskrouter.promises import Promises
from tests.usecases.taskrouter.running import at_once

Opener = Callable[[FakeClock], Opened]
T = TypeVar("T")
PENDING, ACCEPTED = ReservationState.PENDING, ReservationState.ACCEPTED
ROUNDS = 40
FORGOTTEN_SECONDS = 15 * 86_400
WHICH = st.integers(0, 11)
NAMES = ("Ana", "Ben", "Cy", "Di")
SKILLS = (
    {"langs": ["es"], "level": 3},
    {"langs": ["en", "es"], "level": 1},
    {"langs": ["en"]},
    {"level": 2, "langs": []},
)
KINDS: Sequence[dict[str, object]] = (
    {"lang": "es"},
    {"lang": "en", "need": 2},
    {"need": 1},
    {"vip": True, "agent": "ana"},
    {"vip": True, "agent": "nobody"},
    {},
)
CHANNEL = st.sampled_from((*CHANNELS, "voice", "voice"))
KIND = st.sampled_from(KINDS)
ACTIVITY = st.sampled_from((FREE, FREE, FREE, AWAY, BUSY))
PRIORITY = st.sampled_from((None, None, 0, 1, 3))
FLOW = st.sampled_from((*FLOWS, FLOWS[0]))


def picked(items: Sequence[T], which: int) -> T | None:
    """One of these, if there are any."""
    return items[which % len(items)] if items else None


class Firm(RuleBasedStateMachine):
    """One workspace over one store; `programs` serve the API, a `dispatcher` pairs, and any of them may crash."""

    def __init__(self, open_store: Opener) -> None:
        super().__init__()
        self.clock, self.ids = FakeClock(), Counted()
        self.opened = open_store(self.clock)
        self.store = Meddled(self.opened.store)
        self.promises = Promises(self.opened.store, self.opened.inside)
        self.made: list[str] = []
        self.offers: list[str] = []
        self.lives = 0
        self.world: World

    @initialize(
        away=st.sampled_from((AWAY, "")), many=st.booleans(), lifo=st.booleans(), crowd=st.sampled_from((2, 12))
    )
    def opens(self, away: str, many: bool, lifo: bool, crowd: int) -> None:
        """There are two workers, or a crowd of twelve who are alike."""
        found(self.store, timeout_activity=away, multi_task=many, lifo_first=lifo)
        self.program, self.rival = self.started(), self.started(self.opened.store)
        self.dispatcher_starts()
        for number in range(crowd):
            name = NAMES[number] if crowd == 2 else f"W{number:02}"
            self.is_hired(name, SKILLS[number % 2 if crowd == 2 else 1], 3)

    def started(self, store: Any = None) -> Context:
        """A process that knows nothing yet."""
        return process(store or self.store, self.clock, self.ids)

    def dispatcher_starts(self) -> None:
        """A new dispatcher, whatever became of the one before it."""
        self.lives += 1
        self.dispatcher = Dispatcher(self.started(), f"life {self.lives}")

    # --- workers ---------------------------------------------------------------------------------------------

    def is_hired(self, name: str, skills: dict[str, object], chats: int) -> None:
        worker = create_worker(self.program, NewWorker(name=name, attributes=dict(skills)))
        if isinstance(worker, Worker):
            update_channel(self.program, worker.sid, "chat", chats, None)

    @rule(name=st.sampled_from(NAMES), skills=st.sampled_from(SKILLS), chats=st.integers(1, 3))
    def somebody_is_hired(self, name: str, skills: dict[str, object], chats: int) -> None:
        """Unless the name is taken."""
        self.is_hired(name, skills, chats)

    @rule(which=WHICH, skills=st.sampled_from(SKILLS))
    def a_worker_learns(self, which: int, skills: dict[str, object]) -> None:
        """Or forgets."""
        update_worker(self.program, self.a_worker(which), WorkerUpdate(attributes=dict(skills)))

    @rule(which=WHICH, channel=CHANNEL, capacity=st.integers(0, 3), available=st.sampled_from((True, True, False)))
    def a_worker_has_more_or_less_room(self, which: int, channel: str, capacity: int, available: bool) -> None:
        """What they hold they keep."""
        update_channel(self.program, self.a_worker(which), channel, capacity, available)

    @rule(which=WHICH, channel=CHANNEL)
    def a_worker_can_do_more(self, which: int, channel: str) -> None:
        """After the dispatcher has done all it could, and before it looks at everything of its own accord."""
        self.the_dispatcher_works()
        if worker := self.world.workers.get(self.a_worker(which)):
            more = worker.held.get(channel, 0) + 1
            update_channel(self.program, worker.sid, channel, more, True)
            self.the_dispatcher_works()

    @rule(which=WHICH, activity=ACTIVITY, rejects=st.booleans())
    def a_worker_comes_or_goes(self, which: int, activity: str, rejects: bool) -> None:
        """And may let go of what they were asked."""
        sid, leaves = self.a_worker(which), rejects and activity != FREE
        result = update_worker(self.program, sid, WorkerUpdate(activity=activity, reject_pending=leaves))
        asked = [item for item in self.promises.look().holds(sid) if item.state is PENDING]
        assert isinstance(result, Refusal) or not leaves or not asked, f"{asked} was not let go"

    @rule(which=WHICH, activity=st.sampled_from((AWAY, BUSY)))
    def who_is_asked_goes(self, which: int, activity: str) -> None:
        """And lets go of it."""
        offer = self.world.reservations.get(self.a_pending_offer(which) or "")
        if offer and offer.worker in self.world.workers:
            self.a_worker_comes_or_goes(sorted(self.world.workers).index(offer.worker), activity, True)

    @rule()
    def everybody_is_there(self) -> None:
        """The day begins."""
        for sid in self.world.workers:
            update_worker(self.program, sid, WorkerUpdate(activity=FREE))

    @rule(which=WHICH)
    def a_worker_leaves(self, which: int) -> None:
        """Only with empty hands."""
        before = self.world.workers.get(self.a_worker(which))
        refused = isinstance(delete_worker(self.program, self.a_worker(which)), Refusal)
        assert self.store.deeds or refused is (before is None or bool(before.reservations))

    # --- definitions -----------------------------------------------------------------------------------------

    @rule(queue=st.sampled_from(QUEUES), rule=st.sampled_from(STAFFING), most=st.integers(1, 5), lifo=st.booleans())
    def a_queue_is_redefined(self, queue: str, rule: str, most: int, lifo: bool) -> None:
        """Who serves, how many are asked at once, and who comes first."""
        update_queue(self.program, queue, QueueFields(target_workers=rule, max_reserved=most, lifo=lifo))

    @rule(queue=st.sampled_from(QUEUES), most=st.integers(1, 5), busy=st.sampled_from(("", BUSY)))
    def a_queue_asks_several(self, queue: str, most: int, busy: str) -> None:
        """Whoever serves it."""
        update_queue(self.program, queue, QueueFields(max_reserved=most, assignment_activity=busy))

    @rule(flow=FLOW, number=st.integers(0, len(DOCUMENTS) - 1), again=st.booleans())
    def a_workflow_is_redefined(self, flow: str, number: int, again: bool) -> None:
        """Whether those who wait go through it anew, the request says."""
        update_workflow(self.program, flow, WorkflowFields(configuration=document(number)), again)

    # --- tasks -----------------------------------------------------------------------------------------------

    def comes(self, **fields: Any) -> None:
        """A task comes, unless it is refused."""
        task = create_task(self.program, NewTask(**fields))
        if isinstance(task, Task):
            self.made.append(task.sid)

    @rule(
        kind=KIND,
        earlier=st.sampled_from((None, None, 10, 600)),
        workflow=FLOW,
        channel=CHANNEL,
        priority=PRIORITY,
        timeout=st.sampled_from((None, 30, 300)),
    )
    def a_task_comes(self, kind: dict[str, object], earlier: int | None, **fields: Any) -> None:
        """And may say that it began earlier."""
        started = None if earlier is None else self.clock.now() - earlier * 1000
        self.comes(attributes=dict(kind), started=started, **fields)

    @rule(kind=KIND, channel=CHANNEL, flow=FLOW, size=st.integers(2, 4))
    def a_rush(self, kind: dict[str, object], channel: str, flow: str, size: int) -> None:
        """Several alike, one a second."""
        for number in range(size):
            self.comes(attributes=dict(kind), workflow=flow, channel=channel, priority=number % 2)
            self.clock.advance_seconds(1)

    @rule(which=WHICH, channel=CHANNEL, regardless=st.booleans())
    def a_task_is_for_one_worker(self, which: int, channel: str, regardless: bool) -> None:
        """However much they have to do, or when they can."""
        self.comes(routing_target=self.a_worker(which), channel=channel, workflow=FLOWS[0], ignore_capacity=regardless)

    @rule(which=WHICH, kind=KIND)
    def a_task_asks_for_a_worker(self, which: int, kind: dict[str, object]) -> None:
        """By SID, where the workflow looks at that."""
        self.comes(attributes={"vip": True, "agent_sid": self.a_worker(which)}, workflow=FLOWS[1], channel="voice")

    @rule(queue=st.sampled_from(QUEUES), channel=CHANNEL)
    def a_task_goes_straight_to_a_queue(self, queue: str, channel: str) -> None:
        """Past every workflow."""
        self.comes(routing_target=queue, workflow=FLOWS[0], channel=channel)

    @rule(which=WHICH, kind=st.none() | KIND, priority=PRIORITY, channel=st.none() | CHANNEL)
    def a_task_is_changed(self, which: int, **fields: Any) -> None:
        """And goes where it belongs now."""
        if sid := self.a_task(which):
            update_task(self.program, sid, TaskUpdate(attributes=fields.pop("kind"), **fields))

    @rule(which=WHICH, status=st.sampled_from((TaskState.CANCELED, TaskState.WRAPPING, TaskState.COMPLETED)))
    def a_task_is_ordered_on(self, which: int, status: TaskState) -> None:
        """Where its state allows it; else nothing changes."""
        if not (sid := self.a_task(which)):
            return
        before = self.world.tasks.get(sid)
        result = update_task(self.program, sid, TaskUpdate(status=status))
        after = self.opened.store.get(Task, sid)
        assert after == before if isinstance(result, Refusal) and not self.meddled else True
        assert isinstance(result, Refusal) or (after and after.state is status), f"{status} was not done"

    @rule(which=WHICH)
    def a_task_is_deleted(self, which: int) -> None:
        """In any state."""
        if sid := self.a_task(which):
            delete_task(self.program, sid)

    @rule(queues=st.permutations(QUEUES), channel=CHANNEL, which=WHICH, earlier=st.integers(0, 3))
    def several_lines_wait_for_one_worker(self, queues: list[str], channel: str, which: int, earlier: int) -> None:
        """Who comes when all the others are away."""
        for sid in self.world.workers:
            update_worker(self.program, sid, WorkerUpdate(activity=AWAY))
        for number, queue in enumerate(queues):
            started = self.clock.now() - 1000 * (earlier * number % 4)
            self.comes(routing_target=queue, workflow=FLOWS[0], channel=channel, started=started)
        self.the_dispatcher_works()
        update_worker(self.program, self.a_worker(which), WorkerUpdate(activity=FREE))
        self.the_dispatcher_works()

    @rule(kind=KIND, flow=FLOW, number=st.integers(0, len(DOCUMENTS) - 1), seconds=st.sampled_from((11, 26, 41, 61)))
    def rules_change_and_another_is_not_told(
        self, kind: dict[str, object], flow: str, number: int, seconds: int
    ) -> None:
        """Who looks after what is due all the same."""
        assert flow in self.rival.rules.current().workflows
        self.a_workflow_is_redefined(flow, number, False)
        self.comes(attributes=dict(kind), workflow=flow, channel="voice")
        self.look()
        self.clock.advance_seconds(seconds)
        look_after_due(self.rival)

    # --- offers ----------------------------------------------------------------------------------------------

    @rule(which=WHICH)
    def an_offer_is_accepted(self, which: int) -> None:
        """Whoever is told that they have it has it; so has nobody else."""
        if sid := self.a_pending_offer(which):
            self.is_accepted(sid)

    def is_accepted(self, sid: str) -> None:
        """And what the answer says is so."""
        result = accept(self.program, sid)
        offer = self.opened.store.get(Reservation, sid)
        if isinstance(result, Reservation):
            assert offer
            assert offer.state is ACCEPTED
            task = self.opened.store.get(Task, offer.task)
            assert task
            assert (task.state, task.worker, task.reservations) == (TaskState.ASSIGNED, offer.worker, (sid,))
        else:
            assert self.meddled, f"{offer} was refused: {result}"

    @rule(which=WHICH, twice=st.booleans())
    def two_accept_at_once(self, which: int, twice: bool) -> None:
        """From two processes: one is told that they have it, the other that they do not."""
        sid = self.a_pending_offer(which)
        offer = self.opened.store.get(Reservation, sid) if sid else None
        task = self.opened.store.get(Task, offer.task) if offer else None
        if not sid or not task:
            return
        others = [other for other in task.reservations if other != sid]
        pair = (sid, sid if twice or not others else others[0])
        results = at_once([(self.started(self.opened.store), one) for one in pair])
        assert sum(isinstance(result, Reservation) for result in results) == 1, results

    @rule(which=WHICH, status=st.sampled_from(ReservationState), activity=st.sampled_from(("", "", AWAY)))
    def an_offer_is_answered(self, which: int, status: ReservationState, activity: str) -> None:
        """Any of the latest, be it over or not; what is refused changes nothing."""
        sid = picked(self.offers[::-1], which)
        before = self.world.reservations.get(sid) if sid else None
        if not sid or not before:
            return
        result = update_reservation(self.program, sid, status, activity)
        after = self.opened.store.get(Reservation, sid)
        assert not isinstance(result, Refusal) or self.meddled or after == before
        assert isinstance(result, Refusal) or (after and after.state is status), f"{status} was not done"

    @rule(which=WHICH)
    def an_offer_is_declined(self, which: int) -> None:
        """And the dispatcher looks for somebody else."""
        if sid := self.a_pending_offer(which):
            reject(self.program, sid)
            self.the_dispatcher_works()

    @rule(first=CHANNEL, second=CHANNEL)
    def an_offer_is_declined_while_something_urgent_comes(self, first: str, second: str) -> None:
        """Which takes those who would be asked otherwise, but may not take them up."""
        self.everybody_is_there()
        self.a_task_goes_straight_to_a_queue(ANYBODY, first)
        self.the_dispatcher_works()
        task = self.world.tasks.get(self.a_task(0))
        if task and task.state is TaskState.RESERVED:
            self.clock.advance_seconds(1)
            reject(self.program, task.reservations[0])
            self.comes(routing_target=ANYBODY, workflow=FLOWS[0], channel=second, priority=9)
            self.the_dispatcher_works()

    @rule(which=WHICH, wraps=st.booleans(), seconds=st.sampled_from((0, 5, 30)))
    def somebody_serves(self, which: int, wraps: bool, seconds: int) -> None:
        """A whole conversation, and wrap-up."""
        sid = self.a_pending_offer(which)
        if not sid or isinstance(accept(self.program, sid), Refusal):
            return
        self.clock.advance_seconds(seconds)
        for status in (ReservationState.WRAPPING,) * wraps + (ReservationState.COMPLETED,):
            self.look()
            update_reservation(self.program, sid, status)

    # --- the world -------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.5, 2, 6, 15, 26, 61, 301)))
    def time_passes(self, seconds: float) -> None:
        """Without anybody looking."""
        self.clock.advance_seconds(seconds)

    @rule(seconds=st.sampled_from((0, 11, 26, 41, 90_000)), which=st.booleans())
    def another_looks_after_what_is_due(self, seconds: float, which: bool) -> None:
        """A second dispatcher, who has heard of nothing, or one that has just started."""
        self.clock.advance_seconds(seconds)
        look_after_due(self.rival if which else self.started())

    @rule()
    def the_dispatcher_works(self) -> None:
        """Until it has nothing more to do; then nobody waits for whom a worker is free, and all went in order."""
        self.look()
        began = len(self.promises.history)
        for _ in range(ROUNDS):
            before, due = len(self.promises.history), self.opened.store.next_deadline()
            self.dispatcher.step()
            self.look()
            if len(self.promises.history) == before and not 0 < due <= self.clock.now():
                break
        else:
            last = [(event.type.value, event.task, event.worker) for event in self.promises.history[began:][-12:]]
            raise AssertionError(f"the dispatcher never comes to rest: {last}")
        self.promises.all_is_done(self.world, began, self.clock.now())

    @rule(dispatcher=st.booleans())
    def a_process_starts_anew(self, dispatcher: bool) -> None:
        """It has forgotten everything."""
        if dispatcher:
            self.dispatcher_starts()
        else:
            self.program = self.started()

    @rule()
    def the_dispatcher_dies_with_events_in_hand(self) -> None:
        """What it took from the stream, nobody will ever act on."""
        self.opened.store.follow(GROUP, f"life {self.lives}")
        self.dispatcher_starts()

    @rule(which=WHICH, deed=st.sampled_from(("conflict", "conflicts", "accept", "cancel", "leave", "due", "raise")))
    def somebody_is_faster(self, which: int, deed: str) -> None:
        """Just before the next commit."""
        deeds: dict[str, Callable[[], object]] = {
            "accept": lambda: accept(self.rival, self.pending(which) or ""),
            "cancel": lambda: update_task(self.rival, self.a_task(which), TaskUpdate(status=TaskState.CANCELED)),
            "leave": lambda: update_worker(
                self.rival, self.a_worker(which), WorkerUpdate(activity=AWAY, reject_pending=True)
            ),
            "due": lambda: look_after_due(self.rival),
            "raise": lambda: update_task(self.rival, self.a_task(which), TaskUpdate(priority=7)),
        }
        self.store.deeds = [None] * 3 if deed == "conflicts" else [deeds.get(deed)]

    @rule()
    def the_dispatcher_loses_a_race(self) -> None:
        """And looks again."""
        self.store.deeds = [None]
        self.the_dispatcher_works()

    @rule(name=st.sampled_from(NAMES))
    def two_programs_hire_under_one_name(self, name: str) -> None:
        """One of them is refused."""
        wanted = NewWorker(name=name, attributes={"langs": ["es"]})
        self.store.deeds = [lambda: create_worker(self.rival, wanted)]
        result = create_worker(self.program, wanted)
        assert self.store.deeds or isinstance(result, Refusal)
        self.store.deeds = []

    @rule()
    def empty_lines_are_forgotten(self) -> None:
        """As the dispatcher does now and then."""
        self.opened.store.tidy()

    @rule()
    def a_reader_begins(self) -> None:
        """With a snapshot."""
        self.promises.a_reader_begins()

    # --- promises --------------------------------------------------------------------------------------------

    @invariant()
    def every_promise_is_kept(self) -> None:
        """After every step."""
        self.look()

    def look(self) -> None:
        """Reads everything and checks it; who was to be faster and has not come does not come any more."""
        self.world = self.promises.look()
        known = set(self.offers)
        self.offers += [sid for sid in sorted(self.world.reservations) if sid not in known]
        self.meddled = bool(self.store.deeds)

    def teardown(self) -> None:
        """Nobody does anything any more: in time all is over, everybody free, and every trace gone."""
        try:
            if not hasattr(self, "world"):
                return
            self.store.deeds = []
            for _ in range(3):
                self.the_dispatcher_works()
                self.clock.advance_seconds(FORGOTTEN_SECONDS)
            self.the_dispatcher_works()
            assert (self.world.tasks, self.world.reservations) == ({}, {})
        finally:
            self.opened.close()

    # --- picking ---------------------------------------------------------------------------------------------

    def a_worker(self, which: int) -> str:
        """One of the workers, or nobody if there are none."""
        return picked(sorted(self.world.workers), which) or "WK" + "f" * 32

    def a_task(self, which: int) -> str:
        """One of the latest tasks, over or not."""
        return picked(self.made[::-1], which) or ""

    def pending(self, which: int) -> str | None:
        """One of the offers that nobody has answered."""
        offers = self.opened.store.snapshot().reservations
        return picked([item.sid for item in offers if item.state is PENDING], which)

    def a_pending_offer(self, which: int) -> str | None:
        """The same, after the dispatcher has worked if there is none; it is not interfered with."""
        if not self.pending(which):
            self.the_dispatcher_works()
        return self.pending(which)

"""Whatever callers, agents and the carrier do, in whatever order, the queue's promises hold."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.core.config import Config, Offers, Order
from app.core.entities import Activity, CallState, Reservation, ReservationState, Task, TaskState
from app.core.inputs import Digits, Silence
from app.core.workflow import moves, step_due
from app.followers.dispatcher import Dispatcher
from app.ports.store import Snapshot, Store
from app.ports.telephony import Sent
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from app.usecases.staffing import set_activity
from tests.builders import FakeClock
from tests.shop import Shop, a_config
from tests.usecases.carrier import Carrier
from tests.usecases.ledger import Ledger

BACKLOG = 12
"""Steps without news after which the dispatcher has read the whole stream: it takes a hundred events a step."""
PAUSE_MS = 1000 * Offers().retry_after
EXAMPLES = 150 if os.environ.get("CI") else 60
CALLS = st.integers(0, 5)
LATEST = st.integers(0, 3)
ACTIVITIES = st.sampled_from((Activity.AVAILABLE, Activity.AVAILABLE, Activity.BREAK, Activity.OFF))
LOST = st.sampled_from((False, False, False, True))
WORDS = ("i want to order", "i have a problem", "susan please", "an agent", "mumble", "yes", "no")
HELD = (ReservationState.PENDING, ReservationState.ACCEPTED, ReservationState.WRAPPING)
WAITING = (TaskState.PENDING, TaskState.RESERVED)


def busy_shop() -> Config:
    """Two agents and an owner; support rings two at once, newest first, and has no wrap-up."""
    config = a_config(offers=Offers(ring=15, missed_limit=4))
    support = replace(
        config.queues["support"],
        ring_at_once=2,
        wrap_up=0,
        order=Order.LIFO,
        serves="skills HAS 'support' OR skills HAS 'sales'",
    )
    return replace(config, queues={**config.queues, "support": support})


class Queue(RuleBasedStateMachine):
    """One shop in the hands of chance."""

    def __init__(self, open_store: Callable[[FakeClock, ExitStack], Store]) -> None:
        super().__init__()
        self.stack = ExitStack()
        clock = FakeClock()
        self.shop = Shop(busy_shop(), clock, open_store(clock, self.stack))
        self.carrier = Carrier(self.shop)
        self.dispatcher = Dispatcher(self.shop.context, "one")
        wrap_ups = {queue.name: queue.wrap_up * 1000 for queue in self.shop.config.queues.values()}
        self.ledger = Ledger({**wrap_ups, **{f"@{name}": 10_000 for name in self.shop.config.agents}}, PAUSE_MS)
        self.held = self.shop.context.store.snapshot()
        self.offers: list[Reservation] = []
        self.read = "0"
        self.count = 0

    # --- callers ---

    @rule(words=st.sampled_from(WORDS[:3]))
    def a_caller_arrives_and_asks(self, words: str) -> None:
        """Rings, and mostly gets into a queue."""
        self.count += 1
        call = f"CA{self.count}"
        self.carrier.arrives(call, f"+1202555{1000 + self.count % 3}")
        self.shop.hears(words, call)

    @rule(size=st.integers(2, 4))
    def a_rush(self, size: int) -> None:
        """Several callers in a row, for the same line."""
        for _ in range(size):
            self.a_caller_arrives_and_asks(WORDS[0])
            self.shop.clock.advance_seconds(1)

    @precondition(lambda self: bool(self.calls()))
    @rule(which=CALLS, words=st.sampled_from(WORDS))
    def a_caller_speaks(self, which: int, words: str) -> None:
        """Words, at any moment."""
        self.shop.hears(words, self.a_call(which))

    @precondition(lambda self: bool(self.calls()))
    @rule(which=CALLS, keys=st.sampled_from(("", "0", "1", "*", "8")))
    def a_prompt_is_answered(self, which: int, keys: str) -> None:
        """Keys or silence."""
        self.carrier.replies(self.a_call(which), Digits(keys) if keys else Silence())

    @precondition(lambda self: bool(self.calls(CallState.WAITING)))
    @rule(which=CALLS, key=st.sampled_from("05"))
    def a_key_on_hold(self, which: int, key: str) -> None:
        """0 gets a person."""
        call = self.a_call(which, CallState.WAITING)
        self.carrier.tell(lambda: self.shop.desk.hold_key(call, key))

    @precondition(lambda self: bool(self.calls(CallState.WAITING)))
    @rule(which=CALLS, result=st.sampled_from(("redirected", "hangup", "leave", "system-error")))
    def hold_ends(self, which: int, result: str) -> None:
        """For a good or a bad reason."""
        call = self.a_call(which, CallState.WAITING)
        self.carrier.tell(lambda: self.shop.desk.left_hold(call, result))

    @precondition(lambda self: bool(self.calls()))
    @rule(which=CALLS, lost=LOST)
    def a_caller_hangs_up(self, which: int, lost: bool) -> None:
        """And we may or may not be told."""
        self.carrier.hangs_up(self.a_call(which), lost=lost)

    @precondition(lambda self: bool(self.calls(CallState.CONNECTED, CallState.FORWARDED)))
    @rule(which=CALLS, bridged=st.booleans(), lost=LOST)
    def a_room_ends_for_the_caller(self, which: int, bridged: bool, lost: bool) -> None:
        """The caller's Dial is over."""
        call = self.a_call(which, CallState.CONNECTED, CallState.FORWARDED)
        self.carrier.parts(call, bridged=bridged, lost=lost)

    @precondition(lambda self: bool(self.calls(CallState.LEAVING_MESSAGE)))
    @rule(which=CALLS, said=st.booleans())
    def a_message_ends(self, which: int, said: bool) -> None:
        """With or without words."""
        call = self.a_call(which, CallState.LEAVING_MESSAGE)
        self.carrier.tell(lambda: self.shop.desk.message_left(call, "https://example.com/RE1" if said else "", 3))

    # --- agents ---

    @precondition(lambda self: bool(self.offers))
    @rule(which=LATEST, machine=st.sampled_from((False, False, True)))
    def a_phone_is_picked_up(self, which: int, machine: bool) -> None:
        """In time or too late, by a person or a machine."""
        offer = self.an_offer(which)
        leg = self.carrier.leg_of(offer)
        self.carrier.tell(lambda: self.shop.desk.offer(offer.sid, leg, machine))

    @precondition(lambda self: bool(self.offers))
    @rule(which=LATEST, key=st.sampled_from(("1", "1", "1", "2", "9", "5", "")))
    def an_agent_presses(self, which: int, key: str) -> None:
        """Takes it, passes, goes off duty, errs, or does nothing."""
        offer = self.an_offer(which)
        leg = self.carrier.leg_of(offer)
        self.carrier.tell(lambda: self.shop.desk.offer_key(offer.sid, leg, key))

    @precondition(lambda self: bool(self.offers))
    @rule(which=LATEST, status=st.sampled_from(("completed", "busy", "no-answer")), lost=LOST)
    def an_agents_leg_ends(self, which: int, status: str, lost: bool) -> None:
        """Before, during or after the conversation."""
        offer = self.an_offer(which)
        leg = self.carrier.leg_of(offer)
        self.carrier.tell(lambda: self.shop.desk.offer_ended(offer.sid, leg, status), lost=lost)

    @precondition(lambda self: bool(self.offers))
    @rule(which=LATEST, lost=LOST)
    def a_room_ends_for_the_agent(self, which: int, lost: bool) -> None:
        """The agent's Dial is over."""
        offer = self.an_offer(which)
        leg = self.carrier.leg_of(offer)
        self.carrier.tell(lambda: self.shop.desk.agent_left(offer.sid, leg), lost=lost)

    @rule(name=st.sampled_from(("anna", "ben", "susan")), activity=ACTIVITIES)
    def an_agent_comes_or_goes(self, name: str, activity: Activity) -> None:
        """On duty, on a break, off."""
        set_activity(self.shop.context, name, activity)

    @rule(which=LATEST, keys=st.sampled_from(("1", "1", "1", "2", "51", "55", "9")), talk=st.sampled_from((1, 30)))
    def an_offer_is_made_and_answered(self, which: int, keys: str, talk: int) -> None:
        """As it mostly goes: somebody is rung, picks up, and presses."""
        self.the_dispatcher_works()
        self.the_operator_works(Sent.DONE)
        ringing = [offer for offer in self.shop.offers() if offer.leg]
        if ringing:
            offer = ringing[which % len(ringing)]
            self.carrier.tell(lambda: self.shop.desk.offer(offer.sid, offer.leg, False))
            for key in keys:
                self.carrier.tell(lambda key=key: self.shop.desk.offer_key(offer.sid, offer.leg, key))  # type: ignore[misc]
            self.shop.clock.advance_seconds(talk)

    # --- the world ---

    @rule(seconds=st.sampled_from((0.2, 1, 2, 4, 9, 20, 45, 130)))
    def time_passes(self, seconds: float) -> None:
        """Without anybody looking."""
        self.shop.clock.advance_seconds(seconds)

    @precondition(lambda self: bool(self.carrier.told))
    @rule(which=st.integers(0, 30))
    def a_webhook_comes_again_or_late(self, which: int) -> None:
        """Any of the latest ones."""
        self.carrier.told[-1 - which % len(self.carrier.told)]()

    @rule(fate=st.sampled_from((Sent.DONE, Sent.DONE, Sent.DONE, Sent.REFUSED, Sent.UNKNOWN)))
    def the_operator_works(self, fate: Sent) -> None:
        """Rings, redirects, looks up."""
        self.carrier.fate = fate
        self.carrier.obeys()

    @rule()
    def the_dispatcher_works(self) -> None:
        """Until it has nothing more to do; then nobody waits for whom an agent is free, and the older went first."""
        before = self.shop.context.store.snapshot()
        quiet = 0
        while quiet < BACKLOG:
            seen = self.shop.context.store.snapshot().event
            self.dispatcher.step()
            quiet = quiet + 1 if self.shop.context.store.snapshot().event == seen else 0
        held = self.shop.context.store.snapshot()
        self.nobody_is_forgotten(held)
        self.older_first(held, before)

    def nobody_is_forgotten(self, held: Snapshot) -> None:
        """No free eligible worker faces a waiting task they have not just passed."""
        now = self.shop.clock.now()
        for task in held.tasks:
            due = step_due(task, self.shop.config, now)
            assert due is None or not moves(due) or task.state is not TaskState.PENDING, f"{task} was to move on"
            if task.state is TaskState.PENDING:
                able = [worker for worker in held.workers if task.queue in worker.queues]
                free = [worker.sid for worker in able if worker.free_on("voice")]
                assert not [name for name in free if task.declined.get(name, 0) <= now], f"{task} waits for {free}"

    def older_first(self, held: Snapshot, before: Snapshot) -> None:
        """Of equal priority, whoever was just rung for a caller was not rung past an older one."""
        tasks = {task.sid: task for task in held.tasks}
        known = {offer.sid for offer in before.reservations}
        stood = {(task.sid, task.queue) for task in before.tasks if task.state is TaskState.PENDING}
        workers = {worker.sid: worker for worker in held.workers}
        for offer in held.reservations:
            task = tasks.get(offer.task)
            if offer.sid in known or offer.state is not ReservationState.PENDING or task is None or task.lifo:
                continue
            passed = [
                other.sid
                for other in held.tasks
                if other.state is TaskState.PENDING
                and (other.sid, other.queue) in stood
                and other.queue in workers[offer.worker].queues
                and other.priority == task.priority
                and other.created < task.created
                and not other.lifo
                and offer.worker not in other.declined
            ]
            assert not passed, f"{offer.worker} was rung for {task.sid} past {passed}"

    # --- promises ---

    @invariant()
    def every_promise_is_kept(self) -> None:
        """After every step."""
        self.held = self.shop.context.store.snapshot()
        known = {offer.sid for offer in self.offers}
        self.offers += [offer for offer in self.held.reservations if offer.sid not in known]
        self.the_events_tell_what_the_store_holds(self.held)
        self.workers_hold_what_holds_them(self.held)
        self.tasks_and_offers_agree(self.held)
        self.nothing_is_left_without_a_deadline_or_a_live_call(self.held)
        self.callers_are_where_their_task_is(self.held)

    def the_events_tell_what_the_store_holds(self, held: Snapshot) -> None:
        """A replay from the first event rebuilds every task's state; each ends once."""
        while delivered := self.shop.context.store.since(self.read, count=200):
            for item in delivered:
                self.ledger.read(item.event)
            self.read = delivered[-1].id
        live = {task.sid: task.state.value for task in held.tasks}
        ended = set(self.ledger.ends.elements())
        assert {sid: state for sid, state in self.ledger.states.items() if sid not in ended} == live
        assert len(self.ledger.states) == len(live) + len(ended)
        assert all(count == 1 for count in self.ledger.ends.values())
        assert all(count == 1 for count in self.ledger.calls_ended.values())

    def workers_hold_what_holds_them(self, held: Snapshot) -> None:
        """Never more than their capacity; exactly the offers and calls that name them."""
        for worker in held.workers:
            assert all(held <= worker.channels[name].capacity for name, held in worker.held.items())
            assert len(worker.reservations) == sum(worker.held.values())
            theirs = {item.sid for item in held.reservations if item.worker == worker.sid and item.state in HELD}
            assert theirs == set(worker.reservations)

    def tasks_and_offers_agree(self, held: Snapshot) -> None:
        """One accepted offer at most, and none but those of the task's state."""
        expected = {
            TaskState.PENDING: (),
            TaskState.RESERVED: (ReservationState.PENDING,),
            TaskState.ASSIGNED: (ReservationState.ACCEPTED,),
            TaskState.WRAPPING: (ReservationState.WRAPPING,),
        }
        for task in held.tasks:
            offers = [item for item in held.reservations if item.task == task.sid and item.state in HELD]
            assert {item.state for item in offers} == set(expected[task.state]), task
            assert len(offers) == 1 or task.state in WAITING
            assert {item.sid for item in offers} == set(task.reservations)
        live = {task.sid for task in held.tasks}
        assert {item.task for item in held.reservations if item.state in HELD} <= live

    def nothing_is_left_without_a_deadline_or_a_live_call(self, held: Snapshot) -> None:
        """Rule 4."""
        calls = {call.sid: call for call in held.calls}
        assert all(call.deadline for call in held.calls)
        for task in held.tasks:
            assert task.deadline or task.state is TaskState.ASSIGNED
            if task.state in (*WAITING, TaskState.ASSIGNED):
                assert calls[task.call].task == task.sid
        for offer in held.reservations:
            assert offer.deadline or offer.state in (ReservationState.ACCEPTED, ReservationState.WRAPPING)

    def callers_are_where_their_task_is(self, held: Snapshot) -> None:
        """On hold with a task that waits; with an agent who has it, or about to be told that it is over."""
        for call in held.calls:
            task = self.shop.context.store.get(Task, call.task) if call.task else None
            if call.state is CallState.WAITING:
                assert task is not None
                assert task.state in WAITING
            elif call.state is CallState.CONNECTED:
                assert task is not None
                soon = call.deadline <= self.shop.clock.now() + 2_000
                assert task.state is TaskState.ASSIGNED or soon
            else:
                assert task is None or task.state not in (*WAITING, TaskState.ASSIGNED)

    def teardown(self) -> None:
        """Everybody hangs up and no webhook comes: within minutes all is over and every agent free."""
        try:
            for call in self.carrier.live:
                self.carrier.live[call] = False
            for _ in range(6):
                self.shop.clock.advance_seconds(61)
                self.the_dispatcher_works()
                self.carrier.obeys()
            held = self.shop.context.store.snapshot()
            self.the_events_tell_what_the_store_holds(held)
            assert (held.calls, held.tasks) == ((), ())
            assert [worker.sid for worker in held.workers if worker.reservations] == []
        finally:
            self.stack.close()

    # --- picking ---

    def a_call(self, which: int, *states: CallState) -> str:
        """One of the live calls in these states; there are some."""
        calls = self.calls(*states)
        return calls[which % len(calls)]

    def calls(self, *states: CallState) -> list[str]:
        """The callers on the line in these states."""
        return [
            call.sid for call in self.held.calls if (not states or call.state in states) and self.carrier.live[call.sid]
        ]

    def an_offer(self, which: int) -> Reservation:
        """One of the latest offers, over or not, newest first; there are some."""
        return self.offers[-1 - which % len(self.offers)]


def limits(examples: int, steps: int) -> settings:
    """Bounded, so that the whole suite stays fast."""
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.timeout(240)
def test_the_queue_keeps_its_promises_in_memory() -> None:
    run_state_machine_as_test(
        lambda: Queue(lambda clock, _: MemoryStore("shop", clock)), settings=limits(EXAMPLES, steps=40)
    )


@pytest.mark.timeout(240)
def test_the_queue_keeps_its_promises_on_redis(redis_url: str) -> None:
    def opened(_: FakeClock, stack: ExitStack) -> Store:
        store = RedisStore(redis_url, uuid4().hex)
        stack.callback(store.close)
        return store

    run_state_machine_as_test(lambda: Queue(opened), settings=limits(EXAMPLES // 6, steps=30))

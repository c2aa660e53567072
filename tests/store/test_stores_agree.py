"""Whatever is committed in whatever order, the memory store and the Redis store hold the same."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.core.change import Change, Personal, Write
from app.core.entities import Activity, CallState, ChannelCapacity, Entity, Key, TaskState, key_of
from app.core.indexes import LIVE_TASKS, all_of, idle, waiting
from app.core.routing.lanes import Profile
from app.ports.store import Committed, Conflict
from app.store.memory import MemoryStore
from app.store.redis import RedisStore
from tests.builders import NOON, FakeClock, a_call, a_caller, a_reservation, a_task, a_worker, an_event
from tests.store.definitions import a_channel, a_queue, a_workflow, a_workspace, an_activity

QUEUES = ("sales", "support", "flavors")
WORKSPACE = uuid4().hex
SIDS = st.sampled_from("ABC")
INSTANTS = st.integers(NOON, NOON + 3)
DEADLINES = st.sampled_from((0, NOON, NOON + 1))

TASKS = st.builds(
    a_task,
    SIDS,
    queue=st.sampled_from(QUEUES),
    channel=st.sampled_from(("voice", "chat")),
    demand=st.sampled_from(("", "worker.level > 1")),
    known=st.sampled_from(("", "A")),
    call=st.sampled_from(("", "CA1")),
    lifo=st.booleans(),
    ageing=st.sampled_from((0, 1, 4_000)),
    reservations=st.lists(SIDS, max_size=3, unique=True).map(tuple),
    priority=st.sampled_from((0, 1, 2**31 - 1, -(2**31))),
    state=st.sampled_from(TaskState),
    created=INSTANTS,
    ended=st.sampled_from((0, NOON)),
    deadline=DEADLINES,
    attributes=st.dictionaries(st.text(max_size=3), st.text(max_size=3) | st.integers() | st.none(), max_size=2),
)
WORKERS = st.builds(
    a_worker,
    SIDS,
    queues=st.lists(st.sampled_from(QUEUES), unique=True).map(tuple),
    facts=st.sampled_from(({}, {"level": 2})),
    activity=st.sampled_from(Activity),
    available=st.booleans(),
    channels=st.dictionaries(
        st.sampled_from(("voice", "chat")),
        st.builds(ChannelCapacity, capacity=st.integers(0, 2), available=st.booleans()),
    ),
    held=st.dictionaries(st.sampled_from(("voice", "chat")), st.integers(0, 2)),
    multi_task=st.booleans(),
    reservations=st.sampled_from(((), ("A",))),
    idle_since=INSTANTS,
    deadline=DEADLINES,
).map(lambda worker: replace(worker, profile=Profile(worker.queues, worker.facts).sid()))
CALLS = st.builds(a_call, SIDS, state=st.sampled_from(CallState), started=INSTANTS, deadline=DEADLINES)
RESERVATIONS = st.builds(
    a_reservation,
    SIDS,
    task=SIDS,
    worker=SIDS,
    call=SIDS,
    created=INSTANTS,
    ended=st.sampled_from((0, NOON)),
    deadline=DEADLINES,
)
CALLERS = st.builds(a_caller, SIDS, deadline=DEADLINES)
DEFINITIONS = st.one_of(
    st.builds(build, st.one_of(SIDS, st.just(WORKSPACE)), created=INSTANTS)
    for build in (a_workspace, an_activity, a_channel, a_queue, a_workflow)
)
ENTITIES = st.one_of(TASKS, WORKERS, CALLS, RESERVATIONS, CALLERS, DEFINITIONS)
CHANGES = st.lists(
    st.tuples(ENTITIES, st.booleans(), st.integers(0, 9)), max_size=4, unique_by=lambda one: key_of(one[0])
)


class TwoStores(RuleBasedStateMachine):
    """Every step is done to both."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.memory = MemoryStore(WORKSPACE, FakeClock())
        self.redis = RedisStore(url, WORKSPACE)
        self.stack.callback(self.redis.close)
        self.stack.callback(self.redis.drop)
        self.seen: dict[Key, Entity] = {}

    def both(self, question: str, *args: Any, **options: Any) -> Any:
        """The answer that both give."""
        answers = [getattr(store, question)(*args, **options) for store in (self.memory, self.redis)]
        assert answers[0] == answers[1]
        return answers[0]

    def write(self, entity: Entity, forget: bool, luck: int) -> Write:
        """A write that is decided on the latest value, or (1 in 10) on one that is out of date."""
        key = key_of(entity)
        old = self.seen.get(key)
        if luck == 0:
            old = replace(entity, version=(old.version if old else 0) + 1)
        elif luck == 1:
            old = None
        return Write(old, None if old and forget else entity)

    @rule(parts=CHANGES, told=st.integers(0, 2), said=st.lists(st.text(min_size=1, max_size=3), max_size=2))
    def commit(self, parts: list[tuple[Entity, bool, int]], told: int, said: list[str]) -> None:
        """Commits to both and remembers what they hold now."""
        change = Change(
            tuple(self.write(*part) for part in parts),
            tuple(an_event(at=NOON + n) for n in range(told)),
            tuple(Personal("CA1", text, text) for text in said),
        )
        one, other = self.memory.commit(change), self.redis.commit(change)
        if isinstance(one, Conflict) or isinstance(other, Conflict):
            assert one == other
            return
        assert isinstance(one, Committed)
        assert len(one.events) == len(other.events) == told
        keys = [write.key for write in change.writes]
        for key, entity in zip(keys, self.both("read", *keys), strict=True):
            if entity is None:
                self.seen.pop(key, None)
            else:
                self.seen[key] = entity

    @rule()
    def erase(self) -> None:
        """Erases the personal record."""
        self.both("erase", "CA1")

    @rule(count=st.integers(1, 3), group=st.sampled_from(("history", "feed")))
    def follow(self, count: int, group: str) -> None:
        """Follows and acknowledges all but the last event."""
        answers = [store.follow(group, "one", count=count) for store in (self.memory, self.redis)]
        assert [one.event for one in answers[0]] == [one.event for one in answers[1]]
        for store, delivered in zip((self.memory, self.redis), answers, strict=True):
            store.acknowledge(group, [one.id for one in delivered[:-1]])

    @rule(group=st.sampled_from(("history", "feed")), count=st.integers(1, 3))
    def reclaim(self, group: str, count: int) -> None:
        """Takes over what is pending."""
        answers = [store.reclaim(group, "two", idle_ms=0, count=count) for store in (self.memory, self.redis)]
        assert [one.event for one in answers[0]] == [one.event for one in answers[1]]

    @rule(entity=TASKS)
    def place(self, entity: Any) -> None:
        """Asks for the place of a task that may or may not stand in a line."""
        self.both("position", entity)

    @rule()
    def tidy(self) -> None:
        """Strikes out what lanes are empty."""
        self.both("tidy")

    @rule(sid=SIDS)
    def offered(self, sid: str) -> None:
        """Asks for a reservation that may or may not be there."""
        self.both("offered", sid)

    @precondition(lambda self: self.seen)
    @rule()
    def drop(self) -> None:
        """Forgets everything."""
        self.both("drop")
        self.seen.clear()

    @invariant()
    def they_hold_the_same(self) -> None:
        """Every question has one answer."""
        directory = self.both("directory")
        free = [idle(channel, profile) for channel in ("voice", "chat") for profile in sorted(directory.profiles)]
        heads = self.both("heads", sorted(directory.lanes), free, ("A", "B"), 2)
        self.both("heads", sorted(directory.lanes), free, (), 3, together=True)
        assert (heads.lanes, heads.profiles) == (directory.lane_changes, directory.profile_changes)
        self.both("size", *free, *(waiting(lane) for lane in sorted(directory.lanes)), all_of("queue"))
        self.both("members", LIVE_TASKS, start=1, count=2)
        self.both("lengths", QUEUES)
        self.both("due", NOON + 1, 3)
        self.both("next_deadline")
        self.both("personal", "CA1")
        held = [replace(store.snapshot(), event="") for store in (self.memory, self.redis)]
        assert held[0] == held[1]

    def teardown(self) -> None:
        """Closes the connection."""
        self.stack.close()


def test_both_stores_give_the_same_answers(redis_url: str) -> None:
    limits = settings(
        max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(lambda: TwoStores(redis_url), settings=limits)

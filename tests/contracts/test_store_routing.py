"""What every store has to do for matching: lanes, idle workers, the directory, offers, counts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.core.change import Change, Write, create, update
from app.core.entities import Activity, ChannelCapacity, Task, TaskState, Worker
from app.core.indexes import (
    idle,
    serving_member,
    serving_score,
)
from app.core.routing.lanes import Lane, Profile, lane_of, queue_lane
from app.ports.store import Directory, Heads, Store
from tests.builders import NOON, a_task, a_worker, births
from tests.store.adapters import Adapter, held
from tests.store.definitions import a_workspace

SALES = queue_lane("sales")
SELLERS = Profile(("sales",))
HELPERS = Profile(("sales", "support"), {"skills": ["rum"]})
IDLE_SELLERS = idle("voice", SELLERS.sid())
IDLE_HELPERS = idle("voice", HELPERS.sid())


def a_member(sid: str, profile: Profile = SELLERS, **fields: object) -> Worker:
    """A worker of this profile."""
    return a_worker(sid, queues=profile.queues, facts=profile.facts, profile=profile.sid(), **fields)


def waiting(store: Store, queue: str = "sales", limit: int = 10) -> list[str]:
    """Who would be served next."""
    lane = queue_lane(queue)
    return [task.sid for task in store.heads([lane], limit=limit).tasks[lane]]


def free(store: Store, index: str, limit: int = 10) -> list[str]:
    """Who would be offered work next."""
    return [worker.sid for worker in store.heads([], [index], limit=limit).workers[index]]


# --- lanes -----------------------------------------------------------------------------------------------------


def test_the_oldest_task_of_the_highest_priority_is_served_first(store: Store) -> None:
    top = 2**31 - 1
    store.commit(
        births(
            a_task("lowest", priority=-top - 1, created=NOON - 50),
            a_task("usual, late", created=NOON + 1),
            a_task("usual, early", created=NOON),
            a_task("top, late", priority=top, created=NOON + 999_999),
            a_task("top, early", priority=top, created=NOON + 999_998),
            a_task("nearly top", priority=top - 1, created=1),
            a_task("one instant B", priority=1, created=7),
            a_task("one instant A", priority=1, created=7),
        )
    )
    assert waiting(store) == [
        "top, early",
        "top, late",
        "nearly top",
        "one instant A",
        "one instant B",
        "usual, early",
        "usual, late",
        "lowest",
    ]


def test_a_lifo_queue_serves_the_newest_of_the_highest_priority_first(store: Store) -> None:
    old, new = (a_task(sid, call="CA1", lifo=True, created=at) for sid, at in (("old", NOON), ("new", NOON + 1)))
    store.commit(births(old, new, a_task("raised", call="CA2", lifo=True, created=NOON - 1, priority=1)))
    assert waiting(store) == ["raised", "new", "old"]
    assert [store.position(task) for task in (new, old)] == [2, 3]


def test_where_waiting_is_worth_priority_the_sum_decides_to_the_millisecond(store: Store) -> None:
    store.commit(
        births(
            a_task("old", ageing=60, created=NOON),
            a_task("raised, just in time", ageing=60, priority=2, created=NOON + 119_999),
            a_task("raised, just too late", ageing=60, priority=2, created=NOON + 120_001),
            a_task("counted from an earlier start", ageing=60, created=NOON + 999, started=NOON - 1),
        )
    )
    assert waiting(store) == ["counted from an earlier start", "raised, just in time", "old", "raised, just too late"]


def test_a_task_that_is_raised_or_moved_stands_in_one_place_only(store: Store) -> None:
    store.commit(births(a_task("WT1", call="CA1"), a_task("WT2", call="CA2", created=NOON + 1)))
    second = held(store, a_task("WT2"))
    store.commit(update(second, replace(second, priority=5)))
    assert waiting(store) == ["WT2", "WT1"]
    second = held(store, a_task("WT2"))
    store.commit(update(second, replace(second, queue="support")))
    assert (waiting(store), waiting(store, "support")) == (["WT1"], ["WT2"])
    assert store.lengths(["sales", "support", "none"]) == {"sales": 1, "support": 1, "none": 0}


def test_a_reserved_task_keeps_its_place_in_the_line_but_is_offered_to_nobody(store: Store) -> None:
    first, second = a_task("WT1", call="CA1"), a_task("WT2", call="CA2", created=NOON + 1)
    store.commit(births(first, second))
    first = held(store, first)
    store.commit(update(first, replace(first, state=TaskState.RESERVED)))
    assert waiting(store) == ["WT2"]
    assert [store.position(task) for task in (first, second, a_task("WT3"))] == [1, 2, 0]
    first = held(store, first)
    store.commit(update(first, replace(first, state=TaskState.ASSIGNED)))
    assert [store.position(task) for task in (first, second)] == [0, 1]


def test_only_callers_stand_in_a_line(store: Store) -> None:
    store.commit(births(a_task("WT1"), a_task("WT2", call="CA2")))
    assert store.lengths(["sales"]) == {"sales": 1}
    assert waiting(store) == ["WT1", "WT2"]


def test_tasks_that_ask_something_else_wait_in_lanes_of_their_own(store: Store) -> None:
    tasks = (
        a_task("plain"),
        a_task("picky", demand='worker.skills HAS "rum"'),
        a_task("bound", known="WK1"),
        a_task("typed", channel="chat"),
    )
    store.commit(births(*tasks))
    lanes = [lane_of(task).name for task in tasks]
    assert store.directory().lanes == set(lanes)
    heads = store.heads([*lanes, lanes[0], "voice|nobody's||"])
    assert {lane: [task.sid for task in found] for lane, found in heads.tasks.items()} == {
        **dict(zip(lanes, ([task.sid] for task in tasks), strict=True)),
        "voice|nobody's||": [],
    }


def test_heads_are_no_longer_than_asked(store: Store) -> None:
    store.commit(births(*(a_task(f"WT{n:02}") for n in range(30)), *(a_member(f"WK{n:02}") for n in range(30))))
    assert waiting(store, limit=3) == ["WT00", "WT01", "WT02"]
    assert free(store, IDLE_SELLERS, limit=2) == ["WK00", "WK01"]
    assert (len(waiting(store)), len(free(store, IDLE_SELLERS))) == (10, 10)


def test_of_several_lanes_the_best_heads_are_shown_together(store: Store) -> None:
    asked = 'worker.skills HAS "rum"'
    store.commit(
        births(
            *(a_task(f"plain {n}", created=NOON + 10 * n) for n in range(4)),
            *(a_task(f"picky {n}", demand=asked, created=NOON + 10 * n + 5) for n in range(4)),
            a_task("same instant B", queue="support", created=NOON),
            a_task("raised", queue="rum", priority=1, created=NOON + 99),
        )
    )
    lanes = [SALES, Lane("voice", "sales", "", asked).name, *map(queue_lane, ("support", "rum", "nobody's")), SALES]

    def shown(limit: int) -> list[str]:
        heads = store.heads(lanes, limit=limit, together=True)
        assert list(heads.tasks) == list(dict.fromkeys(lanes))
        return sorted(task.sid for tasks in heads.tasks.values() for task in tasks)

    assert shown(1) == ["raised"]
    assert shown(3) == ["plain 0", "raised", "same instant B"]
    assert shown(99) == ["picky 0", "plain 0", "raised", "same instant B"]
    assert waiting(store, limit=3) == ["plain 0", "plain 1", "plain 2"]
    assert [len(tasks) for tasks in store.heads([SALES], limit=3, together=True).tasks.values()] == [3]


def test_the_head_of_a_lane_is_compared_as_it_is_now(store: Store) -> None:
    lanes = [SALES, queue_lane("support")]

    def best() -> list[str]:
        heads = store.heads(lanes, limit=1, together=True)
        return [task.sid for tasks in heads.tasks.values() for task in tasks]

    assert best() == []
    store.commit(births(a_task("WT1", created=NOON + 1), a_task("WT2", created=NOON + 3)))
    store.commit(births(a_task("WT3", queue="support", created=NOON + 2)))
    assert best() == ["WT1"]
    first, second = held(store, a_task("WT1")), held(store, a_task("WT2"))
    store.commit(update(first, replace(first, state=TaskState.RESERVED)))
    assert best() == ["WT3"]
    store.commit(update(second, replace(second, priority=5)))
    assert best() == ["WT2"]
    store.commit(Change((Write(held(store, a_task("WT2")), None),)))
    assert best() == ["WT3"]
    store.tidy()
    first = held(store, a_task("WT1"))
    store.commit(update(first, replace(first, state=TaskState.PENDING)))
    assert best() == ["WT1"]


SCORES = (0, 1, -1, 2**31 - 1, -(2**31), 7, -7, 100, -100)


def test_heads_are_compared_by_any_score_exactly(store: Store) -> None:
    tasks = [
        *(a_task(f"strict {n}", queue=f"q{n}", priority=n) for n in SCORES),
        *(a_task(f"ageing {n}", queue=f"r{n}", priority=n, ageing=4_000) for n in SCORES),
        *(a_task(f"ahead {n}", queue=f"s{n}", priority=n, ahead=True) for n in SCORES),
        a_task("old", queue="t", created=1),
    ]
    store.commit(births(*tasks))
    lanes = [lane_of(task).name for task in tasks]
    order = sorted(tasks, key=lambda task: (serving_score(task), serving_member(task)))
    for limit in (1, 2, 9, 27):
        heads = store.heads(lanes, limit=limit, together=True)
        found = {task.sid for tasks in heads.tasks.values() for task in tasks}
        assert found == {task.sid for task in order[:limit]}


def test_of_several_profiles_the_longest_idle_of_all_are_shown_together(store: Store) -> None:
    store.commit(
        births(
            *(a_member(f"seller {n}", idle_since=NOON + 2 * n) for n in range(5)),
            *(a_member(f"helper {n}", HELPERS, idle_since=NOON + 2 * n + 3) for n in range(5)),
        )
    )
    heads = store.heads([], [IDLE_HELPERS, IDLE_SELLERS, IDLE_HELPERS], ["helper 4"], 3, together=True)
    assert {name: [worker.sid for worker in found] for name, found in heads.workers.items()} == {
        IDLE_SELLERS: ["seller 0", "seller 1"],
        IDLE_HELPERS: ["helper 0"],
    }
    assert set(heads.named) == {"helper 4"}


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nothing_through_is_refused(store: Store, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        store.heads([SALES], limit=limit)


# --- workers ---------------------------------------------------------------------------------------------------


def test_heads_show_the_longest_idle_workers_of_each_profile(store: Store) -> None:
    room = {"voice": ChannelCapacity(capacity=2)}
    store.commit(
        births(
            a_member("late", idle_since=NOON + 1),
            a_member("early", idle_since=NOON),
            a_member("helper", HELPERS, idle_since=NOON + 3),
            a_member("busy", reservations=("WR1",), held={"voice": 1}),
            a_member("off", activity=Activity.OFF, available=False),
            a_member("half busy", reservations=("WR2",), held={"voice": 1}, channels=room, idle_since=NOON + 2),
        )
    )
    assert free(store, IDLE_SELLERS) == ["early", "late", "half busy"]
    assert free(store, IDLE_HELPERS) == ["helper"]
    assert free(store, idle("chat", SELLERS.sid())) == []
    assert store.heads([]) == Heads(profiles=2)


def test_a_worker_is_free_on_some_channels_and_full_on_others(store: Store) -> None:
    channels = {
        "voice": ChannelCapacity(),
        "chat": ChannelCapacity(capacity=3),
        "sms": ChannelCapacity(capacity=9, available=False),
    }
    store.commit(
        births(
            a_member("both", channels=channels),
            a_member("talks", channels=channels, held={"voice": 1}, reservations=("WR1",)),
            a_member(
                "one thing at a time", channels=channels, held={"chat": 1}, reservations=("WR2",), multi_task=False
            ),
        )
    )
    assert {name: free(store, idle(name, SELLERS.sid())) for name in channels} == {
        "voice": ["both"],
        "chat": ["both", "talks"],
        "sms": [],
    }


def test_workers_who_are_asked_for_are_shown_whether_free_or_not(store: Store) -> None:
    store.commit(births(a_member("free"), a_member("off", available=False, activity=Activity.OFF)))
    heads = store.heads([], [IDLE_SELLERS], ["off", "free", "nobody"])
    assert {sid: worker.sid for sid, worker in heads.named.items()} == {"off": "off", "free": "free"}
    assert heads.workers[IDLE_SELLERS] == (heads.named["free"],)


def test_a_worker_whose_profile_changes_leaves_the_old_one(store: Store) -> None:
    store.commit(births(a_member("WK1")))
    worker = held(store, a_worker("WK1"))
    store.commit(update(worker, replace(worker, profile=HELPERS.sid(), queues=HELPERS.queues, facts=HELPERS.facts)))
    assert (free(store, IDLE_SELLERS), free(store, IDLE_HELPERS)) == ([], ["WK1"])


# --- the directory ---------------------------------------------------------------------------------------------


def test_the_directory_of_an_empty_workspace_is_empty(store: Store) -> None:
    assert store.directory() == Directory()
    assert store.heads([]) == Heads()
    assert store.tidy() == 0


def test_a_lane_is_listed_by_its_first_task_and_counted_once(store: Store) -> None:
    store.commit(births(a_task("WT1"), a_task("WT2")))
    assert store.directory() == Directory(frozenset({SALES}), {}, lane_changes=1)
    store.commit(births(a_task("WT3")))
    assert store.heads([]).lanes == store.directory().lane_changes == 1
    store.commit(births(a_task("WT4", queue="support"), a_task("WT5", queue="support"), a_task("WT6", queue="rum")))
    assert store.heads([]).lanes == store.directory().lane_changes == 3
    assert store.directory().lanes == {SALES, queue_lane("support"), queue_lane("rum")}


def test_a_task_that_is_born_elsewhere_than_waiting_lists_no_lane(store: Store) -> None:
    store.commit(births(a_task("WT1", state=TaskState.RESERVED), a_task("WT2", state=TaskState.CANCELED, ended=NOON)))
    assert store.directory() == Directory()


def test_a_profile_is_listed_with_its_text_by_the_first_who_has_it(store: Store) -> None:
    store.commit(births(a_member("WK1"), a_member("WK2")))
    assert store.directory() == Directory(profiles={SELLERS.sid(): SELLERS.text()}, profile_changes=1)
    worker = held(store, a_worker("WK1"))
    store.commit(update(worker, replace(worker, served=1)))
    assert store.heads([]).profiles == 1
    worker = held(store, a_worker("WK1"))
    store.commit(update(worker, replace(worker, profile=HELPERS.sid(), queues=HELPERS.queues, facts=HELPERS.facts)))
    assert store.heads([]).profiles == store.directory().profile_changes == 2
    assert store.directory().profiles == {profile.sid(): profile.text() for profile in (SELLERS, HELPERS)}


def test_tidying_strikes_out_lanes_without_a_waiting_task_and_no_other(store: Store) -> None:
    store.commit(births(a_task("WT1"), a_task("WT2", queue="support")))
    task = held(store, a_task("WT1"))
    store.commit(update(task, replace(task, state=TaskState.RESERVED)))
    before = store.directory()
    assert before.lanes == {SALES, queue_lane("support")}
    assert (store.tidy(), store.tidy()) == (1, 0)
    after = store.directory()
    assert after.lanes == {queue_lane("support")}
    assert after.lane_changes > before.lane_changes
    task = held(store, a_task("WT1"))
    store.commit(update(task, replace(task, state=TaskState.PENDING)))
    assert store.directory().lanes == {SALES, queue_lane("support")}
    assert store.heads([]).lanes > after.lane_changes


def test_a_great_many_lanes_are_tidied(store: Store) -> None:
    tasks = [a_task(f"WT{n}", demand=f"worker.level > {n}") for n in range(1_200)]
    store.commit(births(*tasks))
    store.commit(Change(tuple(Write(replace(task, version=1), None) for task in tasks[1:])))
    assert store.tidy() == 1_199
    assert store.directory().lanes == {lane_of(tasks[0]).name}


def test_tidying_beside_commits_loses_no_lane_that_has_a_task(store: Store) -> None:
    lanes = [Lane("voice", "sales", "", f"worker.level > {n}").name for n in range(8)]

    def come_and_go(n: int) -> None:
        for _ in range(30):
            store.commit(create(a_task(f"WT{n}", demand=f"worker.level > {n}")))
            task = store.get(Task, f"WT{n}")
            assert task is not None
            store.commit(Change((Write(task, None),)))
        store.commit(create(a_task(f"WT{n}", demand=f"worker.level > {n}")))

    with ThreadPoolExecutor(5) as threads:
        busy = [threads.submit(come_and_go, n) for n in range(8)]
        while not all(one.done() for one in busy):
            store.tidy()
        for one in busy:
            one.result()
    store.tidy()
    assert store.directory().lanes == set(lanes)


def test_the_revision_is_the_version_of_the_workspaces_own_entity(stores: Adapter) -> None:
    store, own = stores.open("unicone"), stores.called("unicone")
    store.commit(births(a_workspace("another")))
    assert store.heads([]).revision == 0
    store.commit(births(a_workspace(own)))
    assert store.heads([]).revision == 1
    workspace = held(store, a_workspace(own))
    store.commit(update(workspace, replace(workspace, revision=40)))
    assert store.heads([]).revision == 2

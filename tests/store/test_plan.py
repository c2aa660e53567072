"""What a commit writes: the difference between the index entries of old and new."""

from dataclasses import replace

from app.core.change import Change, Write, update
from app.core.entities import Activity, ChannelCapacity, Entity, TaskState
from app.core.indexes import DEADLINES, Entry, Listing, idle, line, staff, waiting
from app.core.routing.lanes import Profile, queue_lane
from app.store.plan import index_writes, plan
from tests.builders import NOON, a_task, a_worker, births

PLACE = f"{NOON}WT1"
LANE = waiting(queue_lane("sales"))
PROFILE = Profile(("sales",), {"skills": ["rum"]})


def written(old: Entity | None, new: Entity | None) -> tuple[list[Entry], list[Entry]]:
    """Entries removed and added."""
    removed, added = index_writes(Write(old, new))
    return sorted(removed), sorted(added)


def test_what_does_not_move_writes_no_index() -> None:
    task = a_task(version=1, deadline=5)
    assert written(task, replace(task, reason="said so", attributes={"a": 1})) == ([], [])


def test_a_new_score_is_added_over_the_old_one_and_not_removed() -> None:
    task = a_task(version=1, call="CA1")
    removed, added = written(task, replace(task, priority=2))
    assert removed == []
    assert added == [Entry(line("sales"), PLACE, -2), Entry(LANE, PLACE, -2, listed=True)]


def test_a_reserved_task_only_leaves_the_waiting_index() -> None:
    task = a_task(version=1, call="CA1")
    assert written(task, replace(task, state=TaskState.RESERVED)) == ([Entry(LANE, PLACE, 0, listed=True)], [])


def test_a_worker_who_goes_is_idle_on_no_channel() -> None:
    channels = {"voice": ChannelCapacity(), "chat": ChannelCapacity(capacity=3)}
    worker = a_worker(version=1, profile="p1", channels=channels)
    removed, added = written(worker, replace(worker, activity=Activity.OFF, available=False))
    assert removed == [
        Entry(idle("chat", "p1"), "WK1", NOON),
        Entry(idle("voice", "p1"), "WK1", NOON),
        Entry(staff(Activity.AVAILABLE, "p1"), "WK1", 0),
    ]
    assert added == [Entry(staff(Activity.OFF, "p1"), "WK1", 0)]


def test_a_lane_that_a_task_leaves_is_named_too() -> None:
    task = a_task("WT1", version=1)
    for left in (replace(task, state=TaskState.RESERVED), replace(task, queue="support")):
        assert queue_lane("sales") in plan(update(task, left)).lanes
    assert plan(Change((Write(task, None),))).lanes == (queue_lane("sales"),)


def test_each_lane_in_which_somebody_waits_anew_is_named_once() -> None:
    tasks = (a_task("WT1"), a_task("WT2"), a_task("WT3", queue="a|b", demand="worker.x | 1"), a_task("WT4", ended=NOON))
    assert plan(births(*tasks)).lanes == ("voice|sales||", "voice|a|b||worker.x | 1")
    waiting_before = a_task("WT1", version=1)
    assert plan(update(waiting_before, replace(waiting_before, reason="x"))).lanes == ()


def test_a_profile_is_named_where_it_is_new_to_the_worker() -> None:
    without, later = a_worker(version=1, profile=""), a_worker(version=1, profile="p0", missed={"together": 3})
    having = replace(without, queues=PROFILE.queues, facts=PROFILE.facts, profile=PROFILE.sid())
    listed = (Listing(PROFILE.sid(), PROFILE.text()),)
    assert [plan(Change((Write(old, having),))).profiles for old in (None, without, later)] == [listed] * 3
    assert plan(update(having, replace(having, missed={"together": 1}))).profiles == ()
    assert plan(Change((Write(having, None),))).profiles == ()
    assert plan(births(a_task(), without)).profiles == ()


def test_birth_adds_and_forgetting_removes_everything() -> None:
    task = a_task(version=1, deadline=9)
    _, added = written(None, task)
    removed, _ = written(task, None)
    assert removed == added
    assert Entry(DEADLINES, "task:WT1", 9) in added


def test_a_put_names_the_version_it_was_decided_on() -> None:
    planned = plan(Change((Write(None, a_task("WT1")), Write(a_task("WT2", version=4), None))))
    assert [(put.key.sid, put.expected, put.blob is None) for put in planned.puts] == [
        ("WT1", 0, False),
        ("WT2", 4, True),
    ]
    assert (planned.puts[0].blob or b"").startswith(b"0000000001")

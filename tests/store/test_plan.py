"""What a commit writes: the difference between the index entries of old and new."""

from dataclasses import replace

from app.core.change import Change, Write
from app.core.entities import Activity, Entity, TaskState
from app.core.indexes import DEADLINES, Entry
from app.store.plan import index_writes, plan
from tests.builders import NOON, a_task, a_worker

PLACE = f"{NOON}WT1"


def written(old: Entity | None, new: Entity | None) -> tuple[list[Entry], list[Entry]]:
    """Entries removed and added."""
    removed, added = index_writes(Write(old, new))
    return sorted(removed), sorted(added)


def test_what_does_not_move_writes_no_index() -> None:
    task = a_task(version=1, deadline=5)
    assert written(task, replace(task, reason="said so", attributes={"a": 1})) == ([], [])


def test_a_new_score_is_added_over_the_old_one_and_not_removed() -> None:
    task = a_task(version=1)
    removed, added = written(task, replace(task, priority=2))
    assert removed == []
    assert added == [Entry("line:sales", PLACE, -2), Entry("waiting:sales", PLACE, -2)]


def test_a_reserved_task_only_leaves_the_waiting_index() -> None:
    task = a_task(version=1)
    assert written(task, replace(task, state=TaskState.RESERVED)) == ([Entry("waiting:sales", PLACE, 0)], [])


def test_a_worker_who_goes_leaves_every_queue() -> None:
    worker = a_worker(version=1, queues=("sales", "support"))
    removed, added = written(worker, replace(worker, activity=Activity.OFF))
    assert removed == [Entry("idle:sales", "WK1", NOON), Entry("idle:support", "WK1", NOON)]
    assert added == []


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

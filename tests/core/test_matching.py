"""Who gets whom: a total order, whatever order the tasks and agents come in."""

from itertools import permutations

from app.core.entities import Activity, ChannelCapacity, Task, Worker
from app.core.matching import Candidates, match
from app.core.routing.definitions import TaskQueue
from tests.builders import NOON, a_task, a_worker


def pairs(now: int = NOON, ring_at_once: int = 1, **queues: tuple[list[Task], list[Worker]]) -> list[tuple[str, str]]:
    """Who is offered what."""
    lines = {
        name: Candidates(tuple(tasks), tuple(workers), TaskQueue(sid=name, max_reserved=ring_at_once))
        for name, (tasks, workers) in queues.items()
    }
    return [(offer.task.sid, offer.worker.sid) for offer in match(lines, now)]


def test_the_more_important_task_goes_first_and_then_the_older() -> None:
    tasks = [a_task("young"), a_task("vip", priority=5, created=NOON + 9), a_task("old", created=NOON - 9)]
    workers = [a_worker("anna", idle_since=NOON - 3), a_worker("ben", idle_since=NOON - 2)]

    assert pairs(sales=(tasks, workers)) == [("vip", "anna"), ("old", "ben")]


def test_ties_are_broken_by_name_so_that_every_order_of_asking_gives_one_answer() -> None:
    tasks = [a_task("WT1"), a_task("WT2"), a_task("WT3", created=NOON - 1)]
    workers = [a_worker("anna"), a_worker("ben"), a_worker("cleo", idle_since=NOON - 1)]

    answers = {
        tuple(pairs(sales=(list(some), list(who)))) for some in permutations(tasks) for who in permutations(workers)
    }

    assert answers == {(("WT3", "cleo"), ("WT1", "anna"), ("WT2", "ben"))}


def test_who_passed_just_now_is_not_asked_again_until_their_pause_is_over() -> None:
    task = a_task(declined={"anna": NOON + 15_000})
    workers = [a_worker("anna", idle_since=NOON - 9), a_worker("ben")]

    assert pairs(sales=([task], workers)) == [("WT1", "ben")]
    assert pairs(NOON + 15_000, sales=([task], [workers[0]])) == [("WT1", "anna")]


def test_who_passed_is_asked_again_only_after_everybody_who_did_not() -> None:
    task = a_task(declined={"anna": NOON - 1})
    workers = [a_worker("anna", idle_since=NOON - 9), a_worker("ben")]

    assert pairs(sales=([task], workers)) == [("WT1", "ben")]


def test_a_task_that_nobody_can_take_does_not_halt_the_line() -> None:
    stuck = a_task("stuck", created=NOON - 9, declined={"anna": NOON + 1})

    assert pairs(sales=([stuck, a_task("next")], [a_worker("anna")])) == [("next", "anna")]


def test_one_agent_of_several_queues_gets_one_task_the_oldest_of_all() -> None:
    anna = a_worker("anna", queues=("sales", "support"))
    support = a_task("WT2", queue="support", created=NOON - 5)

    assert pairs(sales=([a_task("WT1")], [anna]), support=([support], [anna])) == [("WT2", "anna")]


def test_two_phones_ring_at_once_if_the_owner_says_so_but_the_next_caller_is_not_forgotten() -> None:
    workers = [a_worker("anna"), a_worker("ben"), a_worker("cleo")]
    tasks = [a_task("WT1"), a_task("WT2", created=NOON + 1)]

    assert pairs(ring_at_once=2, sales=(tasks, workers)) == [("WT1", "anna"), ("WT1", "ben"), ("WT2", "cleo")]


def test_newest_first_if_the_owner_says_so() -> None:
    tasks = [a_task("old", lifo=True), a_task("new", lifo=True, created=NOON + 5)]

    assert pairs(sales=(tasks, [a_worker("anna")])) == [("new", "anna")]


def test_a_newest_first_queue_does_not_push_ahead_of_older_callers_of_other_queues() -> None:
    anna = a_worker("anna", queues=("fresh", "sales"))
    fresh = [a_task("new", queue="fresh", lifo=True, created=NOON + 5)]

    assert pairs(fresh=(fresh, [anna]), sales=([a_task("old")], [anna])) == [("old", "anna")]


def test_nobody_off_duty_or_busy_is_asked() -> None:
    workers = [
        a_worker("off", activity=Activity.OFF),
        a_worker("lunch", activity=Activity.BREAK),
        a_worker("busy", reservations=("WR9",)),
    ]

    assert pairs(sales=([a_task()], workers)) == []


def test_an_agent_with_room_for_two_may_be_asked_while_busy_with_one() -> None:
    anna = a_worker("anna", channels={"voice": ChannelCapacity(capacity=2)}, reservations=("WR9",))

    assert pairs(sales=([a_task()], [anna])) == [("WT1", "anna")]


def test_an_offer_says_why_this_agent() -> None:
    workers = (a_worker("anna", idle_since=NOON - 9_000), a_worker("ben"))
    task = a_task(declined={"cleo": NOON + 1})

    (offer,) = match({"sales": Candidates((task,), workers)}, NOON)

    assert offer.reason == "longest idle (9 s) of 2; cleo passed or missed it just now"

"""Places that rules give: never more than they say, in one total order, and in one's own line only."""

from bisect import bisect_left
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.entities import Task
from app.core.matching import Candidates
from app.core.routing.definitions import TaskQueue
from app.core.serving import in_order, place
from app.core.standing import let_pass
from tests.builders import NOON, a_task

SECONDS = st.integers(0, 40)
PRIORITIES = st.sampled_from((0, 0, 0, 1, 2, 7, 1000))


def order(tasks: list[Task]) -> list[str]:
    return [task.sid for task in sorted(tasks, key=place)]


def arrived(tasks: list[Task], newcomer: Task, places: int) -> Task:
    """The newcomer where the rule puts them, as the index of the line tells who stands before them."""
    standing = sorted(map(place, tasks))
    end = bisect_left(standing, (place(newcomer)[0] + 1, ""))
    return let_pass(newcomer, standing[max(0, end - places - 1) : end][::-1], places)


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[Task], Task, int]:
    """A line, somebody who comes last of all, and how many places they may gain."""
    ageing = draw(st.sampled_from((0, 0, 1, 30, 4000)))
    others = [
        a_task(
            f"WT{number:02d}",
            ageing=ageing,
            created=NOON - draw(SECONDS) * draw(st.sampled_from((0, 1, 1000))),
            priority=draw(PRIORITIES),
            placed=draw(st.sampled_from((0, 0, NOON - 3000, 1))),
            ahead=draw(st.sampled_from((False, False, False, True))),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    newcomer = a_task(
        draw(st.sampled_from(("WT", "WT05", "WX"))), ageing=ageing, created=NOON, priority=draw(PRIORITIES)
    )
    return [task for task in others if task.sid != newcomer.sid], newcomer, draw(st.integers(1, 6))


@given(case=lines())
@settings(max_examples=400, deadline=None)
def test_nobody_gains_more_places_than_the_rule_says(case: tuple[list[Task], Task, int]) -> None:
    tasks, newcomer, places = case

    raised = arrived(tasks, newcomer, places)

    before, after = order([*tasks, newcomer]), order([*tasks, raised])
    gained = before.index(newcomer.sid) - after.index(newcomer.sid)
    assert 0 <= gained <= places
    assert [sid for sid in before if sid != newcomer.sid] == [sid for sid in after if sid != newcomer.sid]
    assert len({place(task) for task in [*tasks, raised]}) == len(tasks) + 1, "no two stand in the same place"


@given(case=lines())
@settings(max_examples=200, deadline=None)
def test_with_strict_priority_a_more_important_caller_is_never_passed(case: tuple[list[Task], Task, int]) -> None:
    tasks, newcomer, places = case
    strict = [replace(task, ageing=0, ahead=False) for task in tasks]
    newcomer = replace(newcomer, ageing=0)

    after = order([*strict, arrived(strict, newcomer, places)])

    more_important = {task.sid for task in strict if task.priority > newcomer.priority}
    assert more_important <= set(after[: after.index(newcomer.sid)])


def test_three_places_are_three_places() -> None:
    tasks = [a_task(f"WT{number}", created=NOON - 60_000 + number * 1000) for number in range(6)]

    raised = arrived(tasks, a_task("new"), 3)

    assert order([*tasks, raised]) == ["WT0", "WT1", "WT2", "new", "WT3", "WT4", "WT5"]
    assert raised.created == NOON, "their age is what it was"


def test_where_fewer_wait_than_could_be_passed_the_newcomer_goes_first() -> None:
    tasks = [a_task("WT1", created=NOON - 9), a_task("WT2", created=NOON - 8)]

    assert order([*tasks, arrived(tasks, a_task("new"), 3)]) == ["new", "WT1", "WT2"]
    assert arrived([], a_task("new"), 3).placed == 0


def test_under_ageing_places_are_counted_whatever_the_priorities() -> None:
    tasks = [a_task(f"WT{number}", ageing=10, priority=number, created=NOON - 1000) for number in range(4)]

    raised = arrived(tasks, a_task("new", ageing=10), 2)

    assert order([*tasks, raised]) == ["WT3", "WT2", "new", "WT1", "WT0"]


@given(case=lines())
@settings(max_examples=200, deadline=None)
def test_who_goes_ahead_is_before_all_others_whatever_they_matter(case: tuple[list[Task], Task, int]) -> None:
    tasks, newcomer, _ = case
    others = [replace(task, ahead=False) for task in tasks]

    assert order([*others, replace(newcomer, ahead=True)])[0] == newcomer.sid


def served(**lanes: list[Task]) -> list[str]:
    """In which order the tasks of several queues are served."""
    candidates = {name: Candidates(tuple(tasks), (), TaskQueue(sid=name)) for name, tasks in lanes.items()}
    return [task.sid for _, task in in_order(candidates)]


def test_ahead_in_one_queue_is_not_ahead_of_older_callers_of_another() -> None:
    sales = [a_task("old", created=NOON - 50), a_task("pushed", created=NOON - 10, ahead=True)]

    assert served(sales=sales) == ["pushed", "old"]
    assert served(sales=sales, support=[a_task("older", created=NOON - 20)]) == ["older", "pushed", "old"]
    assert served(sales=sales, support=[a_task("younger", created=NOON)]) == ["pushed", "old", "younger"]


def test_places_gained_in_one_queue_are_none_in_another() -> None:
    sales = [a_task("old", created=NOON - 9000), a_task("raised", created=NOON, placed=NOON - 9001)]

    assert served(sales=sales, support=[a_task("theirs", created=NOON - 5000)]) == ["theirs", "raised", "old"]


def test_a_queue_and_its_wider_forms_are_one_line() -> None:
    wide = Candidates((a_task("first", created=NOON - 9, ahead=True),), (), TaskQueue(sid="sales+0", line="sales"))
    plain = Candidates((a_task("second", created=NOON - 99),), (), TaskQueue(sid="sales", line="sales"))

    assert [task.sid for _, task in in_order({"a": plain, "b": wide})] == ["first", "second"]

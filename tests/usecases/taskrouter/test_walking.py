"""Long lists: any page is the one a sorted list would give, whatever page was read before."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.change import Change, Write
from app.core.entities import Task, TaskState
from app.core.indexes import ENDED_TASKS, LIVE_TASKS
from app.store.memory import MemoryStore
from app.usecases.taskrouter.walking import ByAge, place_of
from tests.builders import NOON, FakeClock, a_task, births
from tests.store.adapters import held

TASKS = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=12)


def a_list(described: list[tuple[int, bool, bool]]) -> tuple[ByAge[Task], list[Task]]:
    """Tasks of these ages, ended or not, of which those with a priority are wanted; and what a sorted list would be."""
    store = MemoryStore("lists", FakeClock())
    tasks = [
        a_task(
            f"WT{number:02}", created=NOON + age, priority=int(wanted), ended=NOON * ended,
            state=TaskState.COMPLETED if ended else TaskState.PENDING,
        )
        for number, (age, ended, wanted) in enumerate(described)
    ]  # fmt: skip
    store.commit(births(*tasks))
    listed = ByAge(store, Task, (LIVE_TASKS, ENDED_TASKS), lambda task: task.priority == 1)
    return listed, sorted((task for task in tasks if task.priority), key=place_of)


def names(tasks: object) -> list[str]:
    """Which tasks these are."""
    return [task.sid for task in tasks]  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(TASKS, st.integers(1, 4), st.integers(-1, 6), st.text("WT0123456789", max_size=4))
def test_a_page_from_any_place_on_is_what_a_sorted_list_has_there(
    described: list[tuple[int, bool, bool]], count: int, age: int, sid: str
) -> None:
    listed, expected = a_list(described)
    place = (NOON + age, sid)
    after = [task for task in expected if place_of(task) > place]
    before = [task for task in expected if place_of(task) < place]
    assert names(listed.after(place, count)) == names(after[:count])
    assert names(listed.before(place, count)) == names(before[-count:])
    assert names(listed.all()) == names(expected)


def test_a_list_of_many_chunks_is_read_whole_though_its_beginning_goes_away_meanwhile() -> None:
    store = MemoryStore("lists", FakeClock())
    tasks = [a_task(f"WT{number:04}", created=NOON + number) for number in range(1200)]
    for start in range(0, len(tasks), 200):
        store.commit(births(*tasks[start : start + 200]))
    seen: list[str] = []

    def wanted(task: Task) -> bool:
        if len(seen) < 40:
            store.commit(Change((Write(held(store, task), None),)))
        seen.append(task.sid)
        return True

    assert len(ByAge(store, Task, (LIVE_TASKS,), wanted).all()) == 1200
    assert seen == names(tasks)
    assert names(ByAge(store, Task, (LIVE_TASKS,), lambda _: True).before((NOON + 1200, ""), 700)) == names(tasks[500:])

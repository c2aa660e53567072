"""What every store has to do for places gained and answers promised: the end of an index, and promises counted."""

from dataclasses import replace

from app.core.change import update
from app.core.entities import TaskState
from app.core.indexes import answered, line, unanswered
from app.ports.store import Store
from tests.builders import NOON, a_task, births


def test_the_last_of_an_index_are_told_with_their_scores_the_last_first(store: Store) -> None:
    store.commit(
        births(
            a_task("old", call="CA1", created=NOON - 9),
            a_task("young", call="CA2"),
            a_task("dear", call="CA3", priority=2),
            a_task("cheap", call="CA4", priority=-1),
        )
    )

    def tail(score: int, count: int) -> list[tuple[int, str]]:
        return [(scored, member[13:]) for scored, member in store.tail(line("sales"), score, count)]

    assert tail(0, 2) == [(0, "young"), (0, "old")]
    assert tail(0, 9) == [(0, "young"), (0, "old"), (-2, "dear")]
    assert tail(1, 1) == [(1, "cheap")]
    assert tail(-3, 9) == []
    assert store.tail(line("nowhere"), 0, 9) == ()
    assert store.tail(line("sales+2"), 0, 1) == store.tail(line("sales"), 0, 1), "a wider form has no line of its own"


def test_promises_are_counted_while_calls_wait_and_once_they_are_answered(store: Store) -> None:
    promised = {"promised": 20, "queue": "sales+1"}
    waiting_call = a_task("waits", call="CA1", **promised)
    store.commit(births(waiting_call, a_task("no promise", call="CA2")))
    assert store.tail(unanswered("sales"), NOON + 20_000, 9) == ((NOON + 20_000, "waits"),)
    assert store.tail(unanswered("sales"), NOON + 19_999, 9) == ()

    kept = replace(waiting_call, version=1, state=TaskState.ASSIGNED, assigned=NOON + 20_000)
    late = a_task(
        "late", call="CA3", state=TaskState.COMPLETED, assigned=NOON + 20_001, ended=NOON + 30_000, **promised
    )
    gone = a_task("gone", call="CA4", state=TaskState.CANCELED, ended=NOON + 30_000, **promised)
    store.commit(update(replace(waiting_call, version=1), kept) + births(late, gone))

    names = (unanswered("sales"), answered("sales", in_time=True), answered("sales", in_time=False))
    assert store.size(*names) == (0, 1, 1)

"""The live view shows who waits where, who talks to whom, and what each agent does."""

import pytest

from app.core.entities import Activity, CallState, Mood, ReservationState, TaskState
from app.ports.store import Snapshot
from app.store.memory import MemoryStore
from app.web.view import agents, live, masked, positions
from tests.builders import NOON, FakeClock, a_call, a_reservation, a_task, a_worker, births
from tests.web.world import CONFIG


def test_the_more_urgent_come_first_and_the_older_within() -> None:
    tasks = [
        a_task("WT1", created=NOON + 2),
        a_task("WT2", created=NOON + 1),
        a_task("WT3", created=NOON + 3, priority=10, state=TaskState.RESERVED),
        a_task("WT4", queue="support"),
        a_task("WT5", state=TaskState.ASSIGNED),
    ]
    assert positions(tasks) == {"WT3": 1, "WT2": 2, "WT1": 3, "WT4": 1}


@pytest.mark.parametrize(("ageing", "lifo"), [(0, False), (0, True), (1, False)])
def test_positions_are_those_that_the_store_counts(ageing: int, lifo: bool) -> None:
    tasks = [
        a_task(f"WT{n}", call=f"CA{n}", created=NOON - n, priority=n // 3, queue="sales+1" if n == 4 else "sales",
               ageing=ageing, lifo=lifo and n % 2 == 0)
        for n in range(9)
    ]  # fmt: skip
    store = MemoryStore("test", FakeClock())
    store.commit(births(*tasks))
    assert positions(tasks) == {task.sid: store.position(task) for task in tasks}


def test_a_waiting_caller_is_shown_with_place_mood_words_and_whose_phone_rings() -> None:
    call = a_call("CA1", state=CallState.WAITING, task="WT1", mood=Mood.URGENT, vip=True, caller="+15550102233")
    shown = live(
        Snapshot((call,), (a_task("WT1", call="CA1"),), (a_worker("bob"),), (a_reservation(worker="bob"),)),
        CONFIG,
        {"CA1": "it is urgent"},
    )
    assert shown["in_progress"] == []
    (row,) = shown["waiting"]
    assert row == {
        "call": "CA1", "caller": "••• 2233", "vip": True, "mood": "urgent", "heard": "it is urgent", "queue": "sales",
        "queue_title": "Sales", "position": 1, "since": NOON, "priority": 0, "ringing": ["bob"],
    }  # fmt: skip


def test_a_call_that_is_not_in_a_line_is_in_progress() -> None:
    talking = a_call("CA1", state=CallState.CONNECTED, task="WT1", worker="alice")
    asking = a_call("CA2", state=CallState.CONFIRMING)
    snapshot = Snapshot((talking, asking), (a_task("WT1", state=TaskState.ASSIGNED),))
    rows = live(snapshot, CONFIG, {})["in_progress"]
    assert [(row["call"], row["state_title"], row["agent"]) for row in rows] == [
        ("CA1", "talking", "alice"),
        ("CA2", "making sure", ""),
    ]


def test_an_agents_line_is_named_after_the_agent() -> None:
    call = a_call("CA1", state=CallState.WAITING, task="WT1")
    shown = live(Snapshot((call,), (a_task("WT1", queue="@alice"),)), CONFIG, {})
    assert shown["waiting"][0]["queue_title"] == "alice"


def test_agents_are_shown_by_what_they_do() -> None:
    snapshot = Snapshot(
        workers=(
            a_worker("alice"),
            a_worker("bob", activity=Activity.OFF),
            a_worker("carol", reservations=("WR1",)),
            a_worker("dave", reservations=("WR2",)),
            a_worker("erin", reservations=("WR3",), activity=Activity.BREAK),
            a_worker("finn", activity=Activity.BREAK),
        ),
        reservations=(
            a_reservation("WR1"),
            a_reservation("WR2", state=ReservationState.ACCEPTED),
            a_reservation("WR3", state=ReservationState.WRAPPING),
        ),
    )
    assert {agent["name"]: agent["state"] for agent in agents(snapshot)} == {
        "alice": "free", "bob": "off duty", "carol": "ringing", "dave": "talking", "erin": "wrapping up",
        "finn": "on a break",
    }  # fmt: skip


def test_numbers_are_masked_in_lists() -> None:
    assert [masked(number) for number in ("+15550102233", "911", "")] == ["••• 2233", "•••", "withheld"]

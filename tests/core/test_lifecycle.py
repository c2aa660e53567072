"""Every state meets every event: what the tables allow happens, all else raises and changes nothing."""

import importlib.util
from itertools import product
from pathlib import Path

import pytest

from app.core.entities import CallState, ReservationState, TaskState
from app.core.lifecycle import (
    CALL,
    RESERVATION,
    TASK,
    IllegalTransition,
    ReservationEvent,
    TaskEvent,
    call_to,
    reservation_after,
    task_after,
)

DOCS = Path(__file__).parents[2] / "docs"

TASK_STORY = {
    ("pending", "reserve"): "reserved",
    ("pending", "move"): "pending",
    ("pending", "cancel"): "canceled",
    ("reserved", "reserve"): "reserved",
    ("reserved", "release"): "pending",
    ("reserved", "move"): "pending",
    ("reserved", "accept"): "assigned",
    ("reserved", "cancel"): "canceled",
    ("assigned", "release"): "pending",
    ("assigned", "wrap"): "wrapping",
    ("assigned", "complete"): "completed",
    ("wrapping", "complete"): "completed",
}
RESERVATION_STORY = {
    ("pending", "accept"): "accepted",
    ("pending", "reject"): "rejected",
    ("pending", "time_out"): "timeout",
    ("pending", "cancel"): "canceled",
    ("pending", "rescind"): "rescinded",
    ("accepted", "drop"): "timeout",
    ("accepted", "wrap"): "wrapping",
    ("accepted", "complete"): "completed",
    ("wrapping", "complete"): "completed",
}


@pytest.mark.parametrize(("state", "event"), list(product(TaskState, TaskEvent)))
def test_a_task_does_what_its_story_says_and_nothing_else(state: TaskState, event: TaskEvent) -> None:
    expected = TASK_STORY.get((state.value, event.value))
    if expected is None:
        with pytest.raises(IllegalTransition, match=f"{state} task cannot {event}"):
            task_after(state, event)
    else:
        assert task_after(state, event) is TaskState(expected)


@pytest.mark.parametrize(("state", "event"), list(product(ReservationState, ReservationEvent)))
def test_a_reservation_does_what_its_story_says_and_nothing_else(
    state: ReservationState, event: ReservationEvent
) -> None:
    expected = RESERVATION_STORY.get((state.value, event.value))
    if expected is None:
        with pytest.raises(IllegalTransition, match=f"{state} reservation cannot {event}"):
            reservation_after(state, event)
    else:
        assert reservation_after(state, event) is ReservationState(expected)


@pytest.mark.parametrize(("state", "new"), list(product(CallState, CallState)))
def test_a_call_goes_only_where_its_table_leads(state: CallState, new: CallState) -> None:
    if new in CALL[state]:
        assert call_to(state, new) is new
    else:
        with pytest.raises(IllegalTransition, match=f"{state} cannot become {new}"):
            call_to(state, new)


def test_every_state_has_a_row() -> None:
    assert set(TASK) == set(TaskState)
    assert set(RESERVATION) == set(ReservationState)
    assert set(CALL) == set(CallState)


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.ENDED])
def test_a_caller_may_hang_up_in_any_state(state: CallState) -> None:
    assert call_to(state, CallState.ENDED) is CallState.ENDED


def test_nothing_leads_out_of_an_end() -> None:
    assert not TASK[TaskState.COMPLETED]
    assert not TASK[TaskState.CANCELED]
    assert not CALL[CallState.ENDED]
    assert {state for state, row in RESERVATION.items() if not row} == {
        ReservationState(name) for name in ("rejected", "timeout", "canceled", "rescinded", "completed")
    }


def test_every_state_can_be_reached_and_left_for_an_end() -> None:
    reached = {new for row in TASK.values() for new in row.values()} | {TaskState.PENDING}
    assert reached == set(TaskState)
    offered = {new for row in RESERVATION.values() for new in row.values()} | {ReservationState.PENDING}
    assert offered == set(ReservationState)


def test_the_page_of_states_is_drawn_from_the_tables() -> None:
    spec = importlib.util.spec_from_file_location("make_lifecycle", DOCS / "make_lifecycle.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)

    assert (DOCS / "lifecycle.md").read_text(encoding="utf-8") == maker.page(), "run python docs/make_lifecycle.py"

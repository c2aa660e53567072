"""A task's way: in, on, up, and out."""

from dataclasses import replace

import pytest

from app.core.config import Config, Escalation, Order, PriorityRule, Queue, Target, TargetKind
from app.core.entities import Mood, ReservationState, TaskState
from app.core.lifecycle import IllegalTransition
from app.core.offers import Held
from app.core.tasks import Entry, cancel, enter, escalate, is_waiting, move, postpone
from app.core.workflow import diversion, look_again, on_path, queue_of, raises, step_due, with_deadline
from tests.builders import NOON, a_call, a_reservation, a_task, a_worker

SALES, SUPPORT = Target(TargetKind.QUEUE, "sales"), Target(TargetKind.QUEUE, "support")
VOICEMAIL = Target(TargetKind.VOICEMAIL)
STEPS = (Escalation(after=30, raise_by=3), Escalation(after=60, target=SUPPORT), Escalation(after=90, target=VOICEMAIL))
CONFIG = Config(
    version="c1",
    business="Shop",
    queues={
        "sales": Queue(name="sales", title="sales", serves="", escalation=STEPS, priority=2),
        "support": Queue(name="support", title="support", serves="", order=Order.LIFO, priority=1),
    },
    priorities=(
        PriorityRule(name="vips", raise_by=10, vip=True),
        PriorityRule(
            name="angry regulars", raise_by=5, queue="support", called_times=3, moods=frozenset({"frustrated"})
        ),
        PriorityRule(name="away", raise_by=0, called_times=9, target=SUPPORT),
    ),
)
DAY = 86_400_000


def rung() -> tuple[Held, Held]:
    """Two phones that ring for task WT1."""
    return (
        Held(a_reservation("WR1", leg="CAone"), a_worker("WK1", reservations=("WR1",))),
        Held(a_reservation("WR2", worker="WK2"), a_worker("WK2", reservations=("WR2",))),
    )


def test_a_caller_enters_with_the_queues_priority_and_every_rule_that_applies() -> None:
    call = a_call(vip=True, mood=Mood.FRUSTRATED, earlier=(NOON - DAY, NOON - 2 * DAY))

    change = enter(call, Entry("WT1", SUPPORT, "help", {}), CONFIG, NOON)

    task = change.latest(a_task())
    assert (task.priority, task.lifo, task.created, task.path) == (16, True, NOON, "support")
    assert [event.type.value for event in change.events] == ["task.created", "task.raised"]
    assert change.events[1].data["reasons"] == ["vips (+10)", "angry regulars (+5)"]


@pytest.mark.parametrize(
    ("earlier", "mood", "queue", "raised"),
    [
        ((NOON - DAY, NOON - 2), Mood.FRUSTRATED, "support", True),
        ((NOON - DAY,), Mood.FRUSTRATED, "support", False),
        ((NOON - 8 * DAY, NOON - 2), Mood.FRUSTRATED, "support", False),
        ((NOON - DAY, NOON - 2), Mood.NEUTRAL, "support", False),
        ((NOON - DAY, NOON - 2), Mood.FRUSTRATED, "sales", False),
    ],
)
def test_a_rule_applies_when_all_its_conditions_do(
    earlier: tuple[int, ...], mood: Mood, queue: str, raised: bool
) -> None:
    assert bool(raises(a_call(earlier=earlier, mood=mood), queue, CONFIG, NOON)) is raised


def test_a_rule_that_only_sends_elsewhere_raises_nothing() -> None:
    often = a_call(earlier=tuple(NOON - number for number in range(1, 9)))

    assert raises(often, "sales", CONFIG, NOON) == ()
    assert diversion(often, "sales", CONFIG, NOON) == SUPPORT
    assert diversion(a_call(), "sales", CONFIG, NOON) is None


def test_moving_keeps_the_age_lets_the_phones_go_and_ends_the_pause_of_who_declined() -> None:
    task = a_task(
        state=TaskState.RESERVED, reservations=("WR1", "WR2"), path="sales", step=1, priority=2,
        declined={"WK3": NOON + 15_000},
    )  # fmt: skip

    change = move(task, SUPPORT, rung(), "asked", CONFIG, NOON + 5)

    moved = change.latest(task)
    assert (moved.state, moved.queue, moved.created, moved.priority) == (TaskState.PENDING, "support", NOON, 3)
    assert (moved.reservations, moved.declined, moved.lifo) == ((), {"WK3": NOON + 5}, True)
    assert (moved.path, moved.step) == ("sales", 1), "a queue without steps of its own leaves the old ones running"
    assert [change.latest(held.reservation).state for held in rung()] == [ReservationState.RESCINDED] * 2
    assert [event.type.value for event in change.events].count("intent.hang_up") == 1


def test_a_person_is_asked_in_their_own_line_as_if_for_the_first_time() -> None:
    task = a_task(declined={"susan": NOON + 15_000})

    assert move(task, Target(TargetKind.PERSON, "susan"), (), "asked", CONFIG, NOON).latest(task).declined == {}


def test_a_task_ages_as_the_queue_says_that_it_stands_in() -> None:
    ageing = replace(CONFIG.queues["support"], ageing=60)
    config = replace(CONFIG, queues={**CONFIG.queues, "support": ageing})

    moved = move(a_task(), SUPPORT, (), "asked", config, NOON).latest(a_task())

    assert moved.ageing == 60
    assert move(moved, SALES, (), "asked", config, NOON).latest(moved).ageing == 0


def test_a_queue_with_steps_of_its_own_starts_them_when_a_caller_is_moved_there() -> None:
    task = a_task(queue="support", path="support", step=0)

    moved = move(task, SALES, (), "asked", CONFIG, NOON + 5).latest(task)

    assert (moved.path, moved.step, moved.entered, moved.deadline) == ("sales", 0, NOON + 5, NOON + 30_005)


@pytest.mark.parametrize("state", [TaskState.ASSIGNED, TaskState.WRAPPING, TaskState.COMPLETED, TaskState.CANCELED])
def test_only_who_waits_can_be_moved_or_canceled_here(state: TaskState) -> None:
    task = a_task(state=state)

    assert not is_waiting(task)
    with pytest.raises(IllegalTransition):
        move(task, SUPPORT, (), "asked", CONFIG, NOON)
    with pytest.raises(IllegalTransition):
        cancel(task, (), "gone", NOON)


def test_cancelling_takes_every_offer_back() -> None:
    task = a_task(state=TaskState.RESERVED, reservations=("WR1", "WR2"))

    change = cancel(task, rung(), "the caller hung up", NOON + 7)

    assert (change.latest(task).state, change.latest(task).ended) == (TaskState.CANCELED, NOON + 7)
    assert {change.latest(held.worker).reservations for held in rung()} == {()}
    assert change.events[-1].data["waited"] == 7
    assert not is_waiting(None)


def test_steps_come_one_after_the_other_each_once() -> None:
    task = with_deadline(on_path(a_task(path="sales", call="CA1"), CONFIG), NOON)
    assert task.deadline == NOON + 30_000
    assert step_due(task, CONFIG, NOON + 29_999) is None

    raised = escalate(task, STEPS[0], (), CONFIG, NOON + 30_000).latest(task)
    assert (raised.priority, raised.step, raised.deadline) == (3, 1, NOON + 60_000)
    assert step_due(raised, CONFIG, NOON + 30_000) is None

    moved = escalate(raised, STEPS[1], (), CONFIG, NOON + 60_000).latest(task)
    assert (moved.queue, moved.path, moved.step, moved.deadline) == ("support", "sales", 2, NOON + 90_000)

    gone = escalate(moved, STEPS[2], (), CONFIG, NOON + 90_000)
    assert gone.latest(task).state is TaskState.CANCELED
    assert gone.events[-1].data["reason"] == "nobody answered within 90 s: voicemail"


def test_a_task_is_looked_at_again_when_a_pause_ends_or_a_step_is_due_or_after_a_minute() -> None:
    lone = a_task(path="support", queue="support", call="CA1")
    assert look_again(lone, NOON) == NOON + 60_000
    assert look_again(replace(lone, declined={"WK1": NOON + 9, "WK2": NOON - 9}), NOON) == NOON + 9
    late = on_path(a_task(path="sales", entered=NOON - 99_000), CONFIG)
    assert look_again(late, NOON) == NOON


def test_while_a_phone_rings_a_due_step_is_looked_at_every_second_not_without_end() -> None:
    late = on_path(a_task(state=TaskState.RESERVED, path="sales", call="CA1", entered=NOON - 99_000), CONFIG)

    assert with_deadline(late, NOON).deadline == NOON + 1000


def test_a_deadline_that_stands_is_not_written_again() -> None:
    task = with_deadline(on_path(a_task(path="sales", call="CA1"), CONFIG), NOON)

    assert not postpone(task, NOON)
    assert with_deadline(a_task(state=TaskState.ASSIGNED), NOON).deadline == 0


def test_the_line_of_one_person_ends_at_the_fallback_and_that_of_nobody_is_none() -> None:
    assert queue_of(CONFIG, "@nobody") is None
    assert queue_of(CONFIG, "nowhere") is None

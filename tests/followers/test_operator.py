"""The operator sends what commits asked for: in order, promptly, and never twice where twice would ring."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from app.core.change import Change, create
from app.core.entities import Call, CallState
from app.core.events import EventType
from app.followers.operator import PACE, Operator
from app.ports.store import Delivered, StoreUnavailable
from app.ports.telephony import Outcome, Sent
from app.store.memory import MemoryStore
from tests.builders import FakeClock
from tests.followers.fakes import PATIENCE, Desk, Telephone, event, happened

REDIRECT, RING, HANG_UP = EventType.INTENT_REDIRECT, EventType.INTENT_RING, EventType.INTENT_HANG_UP


class Acknowledging(MemoryStore):
    """Tells when all that was delivered is acknowledged."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("test", clock)
        self.acknowledged = threading.Condition()
        self.done: set[str] = set()

    def acknowledge(self, group: str, ids: tuple[str, ...]) -> None:  # type: ignore[override]
        super().acknowledge(group, ids)
        with self.acknowledged:
            self.done.update(ids)
            self.acknowledged.notify_all()

    def wait_done(self, *ids: str) -> None:
        with self.acknowledged:
            assert self.acknowledged.wait_for(lambda: self.done.issuperset(ids), PATIENCE)


@pytest.fixture
def store(clock: FakeClock) -> Acknowledging:
    return Acknowledging(clock)


def on_the_line(*sids: str, turn: int = 1, state: CallState = CallState.LISTENING) -> Change:
    change = Change()
    for sid in sids:
        change += create(Call(sid=sid, config="v1", turn=turn, state=state))
    return change


def transcribing(_call: str, _turn: int) -> None:
    """Nobody listens to recordings here."""


@contextmanager
def operator(
    store: MemoryStore, telephone: Telephone, desk: Desk, clock: FakeClock, **more: object
) -> Iterator[Operator]:
    one = Operator(store, telephone, desk, transcribing, clock, "one", **more)  # type: ignore[arg-type]
    try:
        yield one
    finally:
        one.close()


def test_each_intent_becomes_its_command_and_its_answer_is_reported(store: Acknowledging, clock: FakeClock) -> None:
    telephone, desk = Telephone(), Desk()
    ids = happened(
        store,
        event(REDIRECT, turn=1),
        event(RING, reservation="WR1", worker="alice"),
        event(HANG_UP, reservation="WR2", leg="CA-leg", ringing=True),
        event(EventType.INTENT_CHECK, "CA2"),
        event(EventType.INTENT_TELL, worker="bob", text="You are off duty now."),
        event(EventType.CALL_ANSWERED),
        change=on_the_line("CA1"),
    )
    with operator(store, telephone, desk, clock) as one:
        one.step()
        store.wait_done(*ids)
    assert sorted(telephone.commands) == [
        "cancel CA-leg",
        "redirect CA1 1",
        "ring WR1 +15550100001 20",
        "state CA2",
        "tell +15550100002 You are off duty now.",
    ]
    assert sorted(desk.told) == ["checked CA2 done", "placed WR1 done", "redirected CA1 1 done"]


def test_a_recording_is_handed_to_the_jobs(store: Acknowledging, clock: FakeClock) -> None:
    handed: list[tuple[str, int]] = []
    ids = happened(store, event(EventType.INTENT_TRANSCRIBE, turn=3))
    one = Operator(store, Telephone(), Desk(), lambda call, turn: handed.append((call, turn)), clock, "one")
    one.step()
    store.wait_done(*ids)
    one.close()
    assert handed == [("CA1", 3)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(on_the_line("CA1", turn=2), id="the conversation has moved on"),
        pytest.param(on_the_line("CA1", state=CallState.ENDED), id="the caller has hung up"),
        pytest.param(Change(), id="the call is forgotten"),
    ],
)
def test_a_redirect_that_came_too_late_is_not_sent(store: Acknowledging, clock: FakeClock, line: Change) -> None:
    telephone = Telephone()
    ids = happened(store, event(REDIRECT, turn=1), change=line)
    with operator(store, telephone, Desk(), clock) as one:
        one.step()
        store.wait_done(*ids)
    assert telephone.commands == []


def test_an_agent_is_not_rung_for_an_offer_that_is_off(store: Acknowledging, clock: FakeClock) -> None:
    telephone = Telephone()
    ids = happened(store, event(RING, reservation="WR1"))
    with operator(store, telephone, Desk(target=None), clock) as one:
        one.step()
        store.wait_done(*ids)
    assert telephone.commands == []


def test_one_legs_commands_keep_their_order_while_others_pass(store: Acknowledging, clock: FakeClock) -> None:
    ringing = threading.Event()

    def slow_to_ring(command: str) -> Outcome:
        if command.startswith("ring"):
            ringing.wait(PATIENCE)
        return Outcome(Sent.DONE, "CA-leg")

    telephone = Telephone(slow_to_ring)
    happened(
        store,
        event(RING, reservation="WR1"),
        event(HANG_UP, reservation="WR1", leg="CA-leg", ringing=True),
        event(REDIRECT, turn=1),
        change=on_the_line("CA1"),
    )
    with operator(store, telephone, Desk(), clock) as one:
        one.step()
        assert set(telephone.wait_for(2)) == {"ring WR1 +15550100001 20", "redirect CA1 1"}
        ringing.set()
        assert telephone.wait_for(3)[2] == "cancel CA-leg"


def test_ten_callers_are_redirected_side_by_side(store: Acknowledging, clock: FakeClock) -> None:
    together = threading.Barrier(8, timeout=PATIENCE)

    def meet(command: str) -> Outcome:
        with suppress(threading.BrokenBarrierError):
            together.wait()
        return Outcome(Sent.DONE)

    callers = [f"CA{n}" for n in range(8)]
    telephone, desk = Telephone(meet), Desk()
    happened(store, *(event(REDIRECT, caller, turn=1) for caller in callers), change=on_the_line(*callers))
    with operator(store, telephone, desk, clock) as one:
        one.step()
        desk.wait_for(8)
    assert not together.broken


@pytest.mark.parametrize(
    ("intent", "repeated"),
    [
        (event(REDIRECT, turn=1), ["redirect CA1 1"]),
        (event(HANG_UP, leg="CA-leg", ringing=False), ["hang up CA-leg"]),
        (event(EventType.INTENT_CHECK), ["state CA1"]),
        (event(RING, reservation="WR1"), []),
        (event(EventType.INTENT_TELL, worker="bob", text="Hello"), []),
    ],
    ids=lambda value: value.type.value if hasattr(value, "type") else "",
)
def test_after_a_crash_only_what_is_harmless_is_sent_again(
    store: Acknowledging, clock: FakeClock, intent: object, repeated: list[str]
) -> None:
    """The first operator died after it sent, and before it could say so."""

    class Dying(Telephone):
        def _send(self, command: str) -> Outcome:
            super()._send(command)
            raise StoreUnavailable

    ids = happened(store, intent, change=on_the_line("CA1"))  # type: ignore[arg-type]
    first = Dying()
    with operator(store, first, Desk(), clock) as one:
        one.step()
        first.wait_for(1)
    assert not store.done
    clock.advance(PACE.reclaim_idle_ms)
    second = Telephone()
    with operator(store, second, Desk(), clock) as one:
        one.step()
        store.wait_done(*ids)
    assert second.commands == repeated


def test_what_is_still_under_way_is_not_taken_in_hand_twice(store: Acknowledging, clock: FakeClock) -> None:
    release = threading.Event()

    def slow(_command: str) -> Outcome:
        release.wait(PATIENCE)
        return Outcome(Sent.DONE)

    telephone = Telephone(slow)
    ids = happened(store, event(REDIRECT, turn=1), change=on_the_line("CA1"))
    with operator(store, telephone, Desk(), clock) as one:
        one.step()
        telephone.wait_for(1)
        clock.advance(PACE.reclaim_idle_ms)
        assert one.step() == 1
        release.set()
        store.wait_done(*ids)
    assert telephone.commands == ["redirect CA1 1"]


def test_an_intent_that_cannot_be_carried_out_is_set_aside(store: Acknowledging, clock: FakeClock) -> None:
    telephone, desk = Telephone(), Desk(trouble=ValueError("+15550100009 is odd"))
    bad, good = happened(store, event(RING, reservation="WR1"), event(REDIRECT, turn=1), change=on_the_line("CA1"))
    for _ in range(5):
        with operator(store, telephone, desk, clock) as one:
            one.step()
            assert desk.asked.acquire(timeout=PATIENCE)
            store.wait_done(good)
        clock.advance(PACE.reclaim_idle_ms)
    store.wait_done(bad)
    assert telephone.commands == ["redirect CA1 1"]
    assert "ValueError in ring_target" in (store.noted(f"poison:operator:{bad}") or "")


def test_nothing_that_was_sent_is_left_unacknowledged(store: Acknowledging, clock: FakeClock) -> None:
    ids = happened(store, *(event(HANG_UP, leg=f"CA{n}") for n in range(20)))
    with operator(store, Telephone(), Desk(), clock) as one:
        one.step()
        store.wait_done(*ids)
    left: tuple[Delivered, ...] = store.reclaim("operator", "auditor", idle_ms=0)
    assert left == ()

"""Both ends of a conversation tell of it at once: what one decision reads may change while it reads."""

from collections.abc import Callable

import pytest

from app.core.entities import Call, CallState, Task, TaskState
from app.core.lifecycle import IllegalTransition
from app.store.memory import MemoryStore
from app.usecases.context import settle
from tests.builders import FakeClock
from tests.shop import Shop


class BusyStore(MemoryStore):
    """Another process commits right after this one has read a task."""

    meanwhile: Callable[[], object] | None = None

    def get(self, kind, sid):  # type: ignore[no-untyped-def] # as the store's own
        """The entity; what is read after it is younger."""
        found = super().get(kind, sid)
        if kind is Task and self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found


def test_caller_and_agent_who_hang_up_in_the_same_instant_end_their_conversation_once() -> None:
    clock = FakeClock()
    store = BusyStore("shop", clock)
    shop = Shop(clock=clock, store=store)
    shop.waits_in()
    offer = shop.dispatches()[0]
    shop.agent_takes(offer)
    clock.advance_seconds(1)
    store.meanwhile = lambda: shop.desk.ended("CA1", "completed")

    shop.desk.agent_left(offer.sid, "CAleg")

    assert store.get(Call, "CA1").state is CallState.ENDED
    assert shop.task().state in (TaskState.WRAPPING, TaskState.COMPLETED)


def test_a_step_that_stays_illegal_is_told_of() -> None:
    tried = []

    def never_legal() -> tuple[object, None]:
        tried.append(1)
        raise IllegalTransition("a completed task cannot ring")

    with pytest.raises(IllegalTransition):
        settle(MemoryStore("shop", FakeClock()), never_legal)  # type: ignore[arg-type]

    assert len(tried) > 1

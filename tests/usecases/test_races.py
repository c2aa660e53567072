"""Everybody at once: many threads decide about the same caller, and exactly one of them gets their way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from app.core.change import Change
from app.core.config import Config, Offers
from app.core.entities import CallState, Entity, Key, Reservation, ReservationState, TaskState
from app.core.events import EventType
from app.core.instructions import Meet
from app.core.scripts import GONE
from app.ports.store import Committed, Conflict, Offered, Store
from app.store.memory import MemoryStore
from app.usecases.dispatching import dispatch_everything
from app.usecases.staffing import sync_workers
from tests.builders import FakeClock
from tests.redis_server import RedisServers
from tests.shop import Shop, a_config, words_of
from tests.store.adapters import ADAPTERS, adapter

PATIENCE = 20
ROUNDS = 15


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, redis_servers: RedisServers, clock: FakeClock) -> Iterator[Store]:
    """Each kind of store in turn."""
    with ExitStack() as stack:
        yield adapter(request.param, redis_servers, clock, stack).open("races")


def ring_all(at_once: int = 3) -> Config:
    """A shop whose sales queue rings several phones at once and lets agents be free at once after a call."""
    config = a_config(offers=Offers(missed_limit=1000))
    sales = replace(config.queues["sales"], ring_at_once=at_once, wrap_up=0)
    return replace(config, queues={**config.queues, "sales": sales})


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Does all of these side by side; their results in order."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def do(place: int, deed: Callable[[], object]) -> None:
        start.wait(PATIENCE)
        try:
            results[place] = deed()
        except Exception as error:  # noqa: BLE001 - told to the test by the assertion below
            results[place] = error

    threads = [threading.Thread(target=do, args=item, daemon=True) for item in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert [result for result in results if isinstance(result, Exception)] == []
    return results


def test_of_two_agents_who_press_1_together_exactly_one_gets_the_caller(store: Store, clock: FakeClock) -> None:
    shop = Shop(ring_all(2), clock, store)
    for number in range(ROUNDS):
        call = f"CA{number}"
        shop.waits_in(call=call)
        one, other = shop.dispatches()
        pages = at_once(*(lambda o=offer: shop.desk.offer_key(o.sid, f"leg-{o.sid}", "1") for offer in (one, other)))

        met = [page for page in pages if isinstance(page.instructions[0], Meet)]  # type: ignore[attr-defined]
        gone = [page for page in pages if words_of(page) == GONE]  # type: ignore[arg-type]
        states = sorted(shop.reservation(offer.sid).state for offer in (one, other))
        assert (len(met), len(gone)) == (1, 1)
        assert states == [ReservationState.ACCEPTED, ReservationState.RESCINDED]
        shop.desk.ended(call, "completed")
        assert shop.task(call).state is TaskState.COMPLETED


def test_a_hang_up_and_an_acceptance_together_leave_nobody_behind(store: Store, clock: FakeClock) -> None:
    shop = Shop(ring_all(1), clock, store)
    for number in range(ROUNDS):
        call = f"CA{number}"
        shop.waits_in(call=call)
        (offer,) = shop.dispatches()
        at_once(
            lambda call=call: shop.desk.ended(call, "completed"),  # type: ignore[misc]
            lambda offer=offer: shop.desk.offer_key(offer.sid, "CAleg", "1"),  # type: ignore[misc]
            lambda offer=offer: shop.desk.offer_ended(offer.sid, "CAleg", "completed"),  # type: ignore[misc]
        )

        assert shop.call(call).state is CallState.ENDED
        assert shop.task(call).ended
        assert shop.worker(offer.worker).reservations == ()
    ends = shop.events(EventType.TASK_COMPLETED, EventType.TASK_CANCELED)
    assert sorted({end.call for end in ends}) == sorted(end.call for end in ends)


def test_several_dispatchers_ring_each_agent_once_and_no_more_phones_than_the_owner_allows(
    store: Store, clock: FakeClock
) -> None:
    shop = Shop(ring_all(1), clock, store)
    for number in range(4):
        shop.waits_in(call=f"CA{number}")

    at_once(*[lambda: dispatch_everything(shop.context)] * 4)

    offers = shop.offers()
    assert sorted(offer.worker for offer in offers) == ["anna", "ben"]
    assert sorted(offer.call for offer in offers) == ["CA0", "CA1"]


def test_several_processes_starting_together_agree_on_the_agents(store: Store, clock: FakeClock) -> None:
    shop = Shop(ring_all(1), clock, store)
    shop.configs.config = replace(shop.config, agents={name: shop.config.agents[name] for name in ("anna", "susan")})

    at_once(*[lambda: sync_workers(shop.context)] * 4)

    changed = [event for event in shop.events(EventType.WORKER_CHANGED) if event.worker == "ben"]
    assert changed[-1].data["activity"] == "off"
    assert sum(event.data["queues"] == [] for event in changed) == 1


def test_the_first_webhook_many_times_at_once_makes_one_call(store: Store, clock: FakeClock) -> None:
    shop = Shop(ring_all(1), clock, store)

    pages = at_once(*[shop.rings] * 6)

    assert len(shop.events(EventType.CALL_ANSWERED)) == 1
    assert all(page == pages[0] for page in pages)


class Interrupted:
    """A store in which something else happens between two reads of the next decision."""

    def __init__(self, store: Store, after: type[Entity], deed: Callable[[], object]) -> None:
        self._store, self._after, self._deed = store, after, deed
        self._armed = True

    def get(self, kind: type[Entity], sid: str) -> Entity | None:
        """One entity; right after the first of the kind waited for, the deed is done."""
        found = self._store.get(kind, sid)
        if kind is self._after and self._armed:
            self._armed = False
            self._deed()
        return found

    def read(self, *keys: Key) -> tuple[Entity | None, ...]:
        """Several at one instant."""
        return self._store.read(*keys)

    def offered(self, reservation: str) -> Offered:
        """Everything about an offer at one instant; then the deed is done, if it was to come after that."""
        found = self._store.offered(reservation)
        if self._after is Reservation and self._armed:
            self._armed = False
            self._deed()
        return found

    def commit(self, change: Change) -> Committed | Conflict:
        """As ever."""
        return self._store.commit(change)


@pytest.mark.parametrize("key", ["1", "2", ""])
def test_an_offer_that_runs_out_between_two_reads_is_simply_gone(key: str, clock: FakeClock) -> None:
    memory = MemoryStore("shop", clock)
    shop = Shop(ring_all(1), clock, memory)
    shop.waits_in()
    (offer,) = shop.dispatches()
    clock.advance_seconds(60)
    meanwhile = Interrupted(memory, Reservation, lambda: shop.passes(0))
    late = Shop(shop.config, clock, MemoryStore("other", clock))
    late.context = replace(late.context, store=meanwhile)  # type: ignore[arg-type]

    script = type(late.desk)(late.context, None).offer_key(offer.sid, "CAleg", key)  # type: ignore[arg-type]

    assert words_of(script) == GONE
    assert shop.task().state is TaskState.PENDING

"""The dispatcher's rounds: events, deadlines, a changed file, and what a crashed one left behind."""

import threading
from dataclasses import replace

from app.core.config import Agent
from app.core.entities import Activity
from app.core.routing.lanes import queue_lane
from app.followers.dispatcher import GROUP, Dispatcher
from app.ports.store import StoreUnavailable
from app.usecases.dispatching import Openings, dispatch
from app.usecases.staffing import set_activity
from tests.builders import FakeClock
from tests.shop import Shop, a_config


def test_a_round_pairs_whoever_came_in_since_the_last() -> None:
    shop = Shop()
    dispatcher = Dispatcher(shop.context, "one")
    shop.waits_in()

    dispatcher.step()

    assert [offer.call for offer in shop.offers()] == ["CA1"]
    assert shop.context.store.reclaim(GROUP, "other", idle_ms=0) == ()


def test_an_agent_who_comes_on_duty_gets_the_caller_who_waited() -> None:
    shop = Shop()
    for name in shop.config.agents:
        set_activity(shop.context, name, Activity.OFF)
    dispatcher = Dispatcher(shop.context, "one")
    shop.waits_in()
    dispatcher.step()
    assert shop.offers() == []

    set_activity(shop.context, "anna", Activity.AVAILABLE)
    dispatcher.step()

    assert [offer.worker for offer in shop.offers()] == ["anna"]


def test_a_round_looks_after_deadlines_and_the_next_one_pairs_what_they_freed() -> None:
    shop = Shop()
    dispatcher = Dispatcher(shop.context, "one")
    shop.waits_in()
    dispatcher.step()
    (first,) = shop.offers()

    shop.clock.advance_seconds(38)
    dispatcher.step()
    dispatcher.step()

    assert [offer.worker for offer in shop.offers()] != [first.worker]
    assert len(shop.offers()) == 1


def test_the_end_of_a_wrap_up_is_an_event_that_needs_no_sweep() -> None:
    shop = Shop()
    set_activity(shop.context, "ben", Activity.OFF)
    dispatcher = Dispatcher(shop.context, "one")
    shop.waits_in()
    shop.connected()
    shop.desk.ended("CA1", "completed")
    shop.clock.advance_seconds(9)
    shop.waits_in(call="CA2")
    dispatcher.step()
    assert shop.offers() == []

    shop.clock.advance_seconds(1)
    dispatcher.step()
    dispatcher.step()

    assert [offer.call for offer in shop.offers()] == ["CA2"]


def test_a_new_file_brings_its_agents_at_the_next_round() -> None:
    config = replace(a_config(), agents={"susan": a_config().agents["susan"]})
    shop = Shop(config)
    dispatcher = Dispatcher(shop.context, "one")
    shop.waits_in()
    dispatcher.step()

    anna = Agent(name="anna", phone="+12025550111", skills={"sales": 1})
    shop.configs.config = replace(config, version="v2", agents={**config.agents, "anna": anna})
    dispatcher.step()

    assert [offer.worker for offer in shop.offers()] == ["anna"]


def test_what_a_crashed_dispatcher_took_and_did_not_finish_is_found() -> None:
    shop = Shop()
    shop.waits_in()
    assert shop.context.store.follow(GROUP, "crashed")

    dispatcher = Dispatcher(shop.context, "heir")
    dispatcher.step()
    assert [offer.call for offer in shop.offers()] == ["CA1"]
    shop.clock.advance_seconds(6)
    dispatcher.step()

    assert shop.context.store.reclaim(GROUP, "other", idle_ms=0) == ()


def test_callers_who_waited_longest_are_served_first_however_many_there_are() -> None:
    shop = Shop()
    for number in range(30):
        shop.waits_in(call=f"CA{number:02d}")
        shop.clock.advance(5)

    assert dispatch(shop.context, Openings(frozenset({queue_lane("sales")}))) == 2
    assert sorted(offer.call for offer in shop.offers()) == ["CA00", "CA01"]


def test_a_line_nobody_may_serve_does_not_halt_the_others() -> None:
    shop = Shop()
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in("i have a problem")
    shop.waits_in(call="CA2")

    assert [(offer.call, offer.worker) for offer in shop.dispatches()] == [("CA2", "anna")]


class Failing:
    """A dispatcher's context whose clock says that the store is away, once."""

    def __init__(self, clock: FakeClock, came_back: threading.Event) -> None:
        self._clock = clock
        self._came_back = came_back
        self._failed = False

    def now(self) -> int:
        """The instant, but for the first time."""
        if not self._failed:
            self._failed = True
            raise StoreUnavailable("away")
        self._came_back.set()
        return self._clock.now()


def test_a_dispatcher_outlives_a_store_that_is_away_for_a_moment() -> None:
    shop = Shop()
    back, stop = threading.Event(), threading.Event()
    context = replace(shop.context, clock=Failing(shop.clock, back))
    thread = threading.Thread(target=Dispatcher(context, "one").run, args=(stop,), daemon=True)
    thread.start()

    assert back.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()

"""Why this agent, and why am I still waiting: answered by the functions that decide, on the shop's own calls."""

from dataclasses import replace

from app.core.decisions import FACTS, read
from app.core.entities import Activity, Worker
from app.core.events import EventType
from app.usecases.explaining import Waiting, explain
from app.usecases.staffing import set_activity
from tests.shop import Shop


def waiting(shop: Shop, call: str = "CA1") -> Waiting:
    """Why a caller waits."""
    found = explain(shop.context, shop.call(call).task)
    assert found is not None
    assert found.waiting is not None
    return found.waiting


def why(told: Waiting) -> dict[str, str]:
    """Each agent and what is in the way."""
    return {looked.worker: looked.why for looked in told.looked}


def test_everybody_is_named_with_what_is_in_the_way() -> None:
    shop = Shop()
    set_activity(shop.context, "anna", Activity.BREAK)
    shop.waits_in("i have a problem")
    shop.waits_in(call="CA2")
    shop.connected("CA1")

    told = why(waiting(shop, "CA2"))

    assert told["anna"] == "is in the activity 'break', in which no work is offered"
    assert told["ben"] == "is busy (1 of 1 on voice)"
    assert told["susan"].startswith("does not serve sales: ")
    assert "(escalation_only was True, skills was [])" in told["susan"]


def test_the_change_that_is_named_connects_the_caller() -> None:
    shop = Shop()
    set_activity(shop.context, "anna", Activity.BREAK)
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    assert shop.dispatches() == []

    (remedy,) = waiting(shop).prospect.remedies

    assert remedy.words == "if anna were available"
    set_activity(shop.context, remedy.worker.sid, Activity.AVAILABLE)
    assert [offer.worker for offer in shop.dispatches()] == ["anna"]


def test_the_next_caller_needs_one_agent_more() -> None:
    shop = Shop()
    for name in ("anna", "ben"):
        set_activity(shop.context, name, Activity.OFF)
    shop.waits_in()
    shop.clock.advance(5)
    shop.waits_in(call="CA2")

    told = waiting(shop, "CA2")

    assert told.ahead == 1
    assert [remedy.worker.sid for remedy in told.prospect.remedies] == ["anna", "ben"]


def test_a_caller_who_asked_for_somebody_waits_for_them_alone() -> None:
    shop = Shop()
    set_activity(shop.context, "susan", Activity.OFF)
    shop.waits_in("susan")

    told = waiting(shop)

    assert why(told)["anna"] == "the task is for susan alone"
    assert told.prospect.sentence() == "it would be offered now if susan were available"


def test_the_recorded_facts_of_a_real_offer_decide_it_again() -> None:
    shop = Shop()
    shop.clock.advance_seconds(9)
    shop.waits_in()
    (offer,) = shop.dispatches()

    (event,) = shop.events(EventType.RESERVATION_CREATED)
    decision = read(str(event.data[FACTS]))

    assert [worker.sid for worker in decision.chosen()] == [offer.worker] == ["anna"]
    anna = next(worker for worker in decision.lane.workers if worker.sid == "anna")
    later = decision.with_worker(replace(anna, idle_since=shop.clock.now()))
    assert [worker.sid for worker in later.chosen()] == ["ben"]


def test_what_is_being_served_does_not_wait_and_what_nobody_knows_is_not_explained() -> None:
    shop = Shop()
    shop.waits_in()
    shop.connected()

    found = explain(shop.context, shop.task().sid)
    assert found is not None
    assert found.waiting is None
    assert explain(shop.context, "WTnone") is None
    assert shop.context.store.get(Worker, "anna") is not None

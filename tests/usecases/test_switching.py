"""What the operator asks before it dials, and what the carrier's answers mean."""

from app.core.config import Limits
from app.core.entities import Activity, ReservationState, TaskState
from app.ports.telephony import Outcome, Sent
from app.usecases.staffing import set_activity
from app.usecases.switching import RingTarget
from tests.shop import ANNA, Shop, a_config


def anna_is_rung(**changes: object) -> tuple[Shop, str]:
    """One agent, one caller, one offer."""
    shop = Shop(a_config(**changes))
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    (offer,) = shop.dispatches()
    return shop, offer.sid


def test_the_operator_is_told_whom_to_ring_and_for_how_long() -> None:
    shop, offer = anna_is_rung()

    assert shop.switchboard.ring_target(offer) == RingTarget(ANNA, 20)


def test_nobody_is_rung_for_a_caller_who_has_gone() -> None:
    shop, offer = anna_is_rung()
    shop.desk.ended("CA1", "completed")

    assert shop.switchboard.ring_target(offer) is None
    assert shop.switchboard.ring_target("WR-unknown") is None


def test_past_the_hours_limit_nobody_is_rung_and_it_is_not_the_agents_fault() -> None:
    shop, offer = anna_is_rung(limits=Limits(hourly=0))

    assert shop.switchboard.ring_target(offer) is None

    assert shop.reservation(offer).state is ReservationState.RESCINDED
    assert shop.task().state is TaskState.PENDING
    assert shop.worker("anna").missed == {}
    assert shop.dispatches() == []


def test_the_limit_of_calls_at_once_holds_too() -> None:
    shop, offer = anna_is_rung(limits=Limits(concurrent=0))

    assert shop.switchboard.ring_target(offer) is None


def test_the_hours_limit_counts_only_calls_of_the_last_hour() -> None:
    shop, offer = anna_is_rung(limits=Limits(hourly=1))
    assert shop.switchboard.ring_target(offer) is not None
    assert shop.switchboard.ring_target(offer) is None

    shop.clock.advance_seconds(3601)
    shop.desk.ended("CA1", "completed")
    shop.waits_in(call="CA2")
    (again,) = shop.dispatches()

    assert shop.switchboard.ring_target(again.sid) is not None


def test_a_phone_that_cannot_be_rung_was_missed_and_the_caller_goes_to_the_next() -> None:
    shop, offer = anna_is_rung()
    set_activity(shop.context, "ben", Activity.AVAILABLE)

    shop.switchboard.placed(offer, Outcome(Sent.REFUSED, why="21211"))
    shop.switchboard.placed(offer, Outcome(Sent.REFUSED, why="21211"))

    assert shop.reservation(offer).reason == "could not be reached"
    assert shop.worker("anna").missed == {"together": 1}
    assert [item.worker for item in shop.dispatches()] == ["ben"]


def test_after_a_time_out_the_phone_may_be_ringing_so_the_offer_stays_until_its_deadline() -> None:
    shop, offer = anna_is_rung()

    shop.switchboard.placed(offer, Outcome(Sent.UNKNOWN))
    assert shop.reservation(offer).state is ReservationState.PENDING
    shop.agent_takes(shop.reservation(offer), "CAleg")

    assert shop.task().state is TaskState.ASSIGNED


def test_an_agent_is_told_things_on_the_phone_in_the_file() -> None:
    shop, _ = anna_is_rung()

    assert shop.switchboard.tell_target("anna") == ANNA
    assert shop.switchboard.tell_target("nobody") == ""

"""The agent's phone: rung, picked up, keys, voicemail, late answers, and lines that drop."""

from dataclasses import replace

import pytest

from app.core.config import Offers
from app.core.entities import Activity, CallState, Reservation, ReservationState, TaskState
from app.core.events import EventType
from app.core.instructions import Ask, HangUp, Meet, Wait
from app.core.scripts import GONE
from app.ports.telephony import Outcome, Sent
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config, words_of


def two_rung() -> tuple[Shop, Reservation, Reservation]:
    """A caller for whom two phones ring at once."""
    config = a_config()
    sales = replace(config.queues["sales"], ring_at_once=2)
    shop = Shop(replace(config, queues={**config.queues, "sales": sales}))
    shop.waits_in()
    one, other = shop.dispatches()
    return shop, one, other


def rung() -> tuple[Shop, Reservation]:
    """A caller for whom one phone rings, and the operator has said which call that is."""
    shop = Shop()
    shop.waits_in()
    (offer,) = shop.dispatches()
    shop.switchboard.placed(offer.sid, Outcome(Sent.DONE, sid="CAleg"))
    return shop, shop.reservation(offer.sid)


def test_the_agent_hears_who_it_is_and_takes_the_call_with_1() -> None:
    shop, offer = rung()

    whisper = shop.desk.offer(offer.sid, "CAleg")
    room = shop.desk.offer_key(offer.sid, "CAleg", "1")

    assert "Shop: a caller for orders. Press 1 to take the call, 2 to pass." in words_of(whisper)
    assert room.instructions == (Meet(shop.task().sid, agent=True),)
    assert shop.call().state is CallState.CONNECTED
    assert shop.desk.present("CA1").instructions[-1] == Meet(shop.task().sid)
    assert shop.events(EventType.INTENT_REDIRECT)[-1].data == {"turn": shop.call().turn}


def test_the_key_counts_even_if_word_of_the_pick_up_was_lost() -> None:
    shop, offer = rung()

    assert isinstance(shop.desk.offer_key(offer.sid, "CAleg", "1").instructions[0], Meet)


def test_the_same_key_twice_gives_the_same_room_and_one_assignment() -> None:
    shop, offer = rung()
    first = shop.agent_takes(offer)

    assert shop.desk.offer_key(offer.sid, "CAleg", "1") == first
    assert shop.desk.offer(offer.sid, "CAleg") == first
    assert len(shop.events(EventType.TASK_ASSIGNED)) == 1


def test_of_two_agents_the_first_to_accept_wins_and_the_other_is_free_again() -> None:
    shop, one, other = two_rung()
    shop.switchboard.placed(other.sid, Outcome(Sent.DONE, sid="CAother"))
    shop.agent_takes(one, "CAone")

    late = shop.desk.offer_key(other.sid, "CAother", "1")

    assert words_of(late) == GONE
    assert shop.worker(other.worker).free_on("voice")
    assert shop.reservation(other.sid).state is ReservationState.RESCINDED
    hung_up = shop.events(EventType.INTENT_HANG_UP)
    assert [event.data["leg"] for event in hung_up] == ["CAother"]


def test_one_of_two_declines_and_the_other_keeps_ringing() -> None:
    shop, one, other = two_rung()

    shop.desk.offer_key(one.sid, "CAone", "2")

    assert shop.task().state is TaskState.RESERVED
    assert shop.reservation(other.sid).state is ReservationState.PENDING


def test_a_late_answer_hears_that_the_caller_has_gone() -> None:
    shop, offer = rung()
    shop.desk.ended("CA1", "completed")

    assert shop.reservation(offer.sid).state is ReservationState.CANCELED
    assert words_of(shop.desk.offer(offer.sid, "CAleg")) == GONE
    assert words_of(shop.desk.offer_key(offer.sid, "CAleg", "1")) == GONE
    assert shop.worker(offer.worker).free_on("voice")


def test_an_answer_after_the_end_of_an_offer_is_not_connected_to_another_caller() -> None:
    shop, offer = rung()
    shop.desk.ended("CA1", "completed")
    shop.waits_in(call="CA2")
    shop.dispatches()

    assert words_of(shop.desk.offer_key(offer.sid, "CAleg", "1")) == GONE
    assert shop.call("CA2").state is CallState.WAITING


def test_an_offer_nobody_knows_says_goodbye() -> None:
    script = Shop().desk.offer("WR-unknown", "CAleg")

    assert words_of(script) == GONE
    assert script.instructions[-1] == HangUp()


def test_a_machine_takes_no_call_and_counts_as_missed() -> None:
    shop, offer = rung()

    shop.desk.offer(offer.sid, "CAleg", machine=True)

    assert shop.reservation(offer.sid).reason == "voicemail"
    assert shop.worker(offer.worker).missed == {"together": 1}
    assert shop.task().state is TaskState.PENDING


def test_a_machine_noticed_after_the_agent_accepted_changes_nothing() -> None:
    shop, offer = rung()
    room = shop.agent_takes(offer)

    assert shop.desk.offer(offer.sid, "CAleg", machine=True) == room
    assert shop.call().state is CallState.CONNECTED


@pytest.mark.parametrize("keys", [("",), ("5", "7"), ("5", "")])
def test_no_key_or_two_wrong_ones_count_as_missed(keys: tuple[str, ...]) -> None:
    shop, offer = rung()
    shop.desk.offer(offer.sid, "CAleg")

    scripts = [shop.desk.offer_key(offer.sid, "CAleg", key) for key in keys]

    assert all(isinstance(script.instructions[0], Ask) for script in scripts[:-1])
    assert scripts[-1].instructions[-1] == HangUp()
    assert shop.reservation(offer.sid).reason == "no key was pressed"
    assert shop.worker(offer.worker).missed == {"together": 1}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("busy", "busy"), ("no-answer", "no answer"), ("failed", "could not be reached"),
        ("canceled", "no answer"), ("completed", "hung up without taking it"),
    ],
)  # fmt: skip
def test_a_phone_call_that_ends_without_a_key_was_missed_and_the_next_agent_is_rung(status: str, reason: str) -> None:
    shop, offer = rung()
    created = shop.task().created

    shop.desk.offer_ended(offer.sid, "CAleg", status)

    assert shop.reservation(offer.sid).reason == reason
    assert shop.task().created == created
    assert [item.worker for item in shop.dispatches()] == [{"anna": "ben", "ben": "anna"}[offer.worker]]


def test_the_end_of_the_leg_before_its_key_leaves_nothing_to_take() -> None:
    shop, offer = rung()
    shop.desk.offer(offer.sid, "CAleg")
    shop.desk.offer_ended(offer.sid, "CAleg", "completed")

    assert words_of(shop.desk.offer_key(offer.sid, "CAleg", "1")) == GONE
    assert shop.task().state is TaskState.PENDING


def test_the_end_of_some_other_leg_changes_nothing() -> None:
    shop, offer = rung()

    shop.desk.offer_ended(offer.sid, "CAstranger", "completed")
    shop.agent_takes(offer)
    shop.desk.offer_ended(offer.sid, "CAstranger", "completed")

    assert shop.call().state is CallState.CONNECTED


def test_a_call_that_was_placed_but_tells_nothing_more_frees_the_agent_by_itself() -> None:
    shop, offer = rung()

    shop.passes(38)

    assert shop.reservation(offer.sid).state is ReservationState.TIMEOUT
    assert shop.worker(offer.worker).free_on("voice")
    assert shop.events(EventType.INTENT_HANG_UP)[-1].data == {"leg": "CAleg", "ringing": True}


def test_an_offer_that_is_over_before_its_call_is_placed_hangs_that_call_up_at_once() -> None:
    shop = Shop()
    shop.waits_in()
    (offer,) = shop.dispatches()
    shop.desk.ended("CA1", "completed")
    assert shop.events(EventType.INTENT_HANG_UP) == []

    shop.switchboard.placed(offer.sid, Outcome(Sent.DONE, sid="CAleg"))
    shop.switchboard.placed(offer.sid, Outcome(Sent.DONE, sid="CAleg"))

    assert [event.data["leg"] for event in shop.events(EventType.INTENT_HANG_UP)] == ["CAleg"]


def test_a_second_call_placed_for_one_offer_is_hung_up_and_the_first_stays_the_one() -> None:
    shop, offer = rung()
    shop.agent_takes(offer)

    shop.switchboard.placed(offer.sid, Outcome(Sent.DONE, sid="CAtwin"))

    assert [event.data["leg"] for event in shop.events(EventType.INTENT_HANG_UP)] == ["CAtwin"]
    assert shop.reservation(offer.sid).leg == "CAleg"


def test_a_decline_is_no_miss_and_that_agent_is_left_alone_for_this_caller_for_a_while() -> None:
    shop = Shop()
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    (offer,) = shop.dispatches()
    assert words_of(shop.desk.offer_key(offer.sid, "CAleg", "2")) == "Passed on. Thank you."

    assert shop.worker("anna").missed == {}
    assert shop.dispatches() == []
    shop.passes(15)
    assert [item.worker for item in shop.dispatches()] == ["anna"]


def test_the_third_key_passes_and_goes_off_duty_which_everybody_is_told() -> None:
    shop, offer = rung()

    script = shop.desk.offer_key(offer.sid, "CAleg", "9")

    assert "off duty" in words_of(script)
    assert shop.worker(offer.worker).activity == Activity.OFF
    told = shop.events(EventType.WORKER_CHANGED)[-1]
    assert (told.worker, told.data["activity"]) == (offer.worker, "off")


def test_three_misses_in_a_row_take_the_agent_off_duty_and_tell_them() -> None:
    shop = Shop()
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    for _ in range(3):
        (offer,) = shop.dispatches()
        shop.desk.offer_ended(offer.sid, "", "no-answer")
        shop.passes(16)

    assert shop.worker("anna").activity == Activity.OFF
    (told,) = shop.events(EventType.INTENT_TELL)
    assert told.worker == "anna"
    assert "missed 3 calls in a row" in str(told.data["text"])


def test_a_call_taken_in_between_forgives_the_misses() -> None:
    shop = Shop(a_config(offers=Offers(missed_limit=2)))
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in()
    (offer,) = shop.dispatches()
    shop.desk.offer_ended(offer.sid, "", "no-answer")
    shop.passes(16)
    shop.agent_takes(shop.dispatches()[0])

    assert shop.worker("anna").missed == {}


def test_an_agent_who_goes_off_duty_while_the_phone_rings_is_let_go_without_a_miss() -> None:
    shop, offer = rung()

    set_activity(shop.context, offer.worker, Activity.OFF)

    assert shop.reservation(offer.sid).state is ReservationState.RESCINDED
    assert shop.task().state is TaskState.PENDING
    assert shop.worker(offer.worker).missed == {}
    assert shop.events(EventType.INTENT_HANG_UP)[-1].data["leg"] == "CAleg"


def test_an_agent_who_goes_off_duty_while_talking_finishes_the_call() -> None:
    shop = Shop()
    shop.waits_in()
    offer = shop.connected()

    set_activity(shop.context, offer.worker, Activity.OFF)
    assert shop.call().state is CallState.CONNECTED
    shop.desk.ended("CA1", "completed")
    shop.passes(11)

    assert shop.task().state is TaskState.COMPLETED
    assert shop.worker(offer.worker).reservations == ()
    assert not shop.worker(offer.worker).free_on("voice")


@pytest.mark.parametrize("first", ["offer_ended", "agent_left", "parted"])
def test_a_caller_whose_agent_drops_at_once_is_put_back_at_the_head_of_the_line(first: str) -> None:
    shop, offer = rung()
    created = shop.task().created
    shop.agent_takes(offer)
    shop.clock.advance_seconds(2)
    shop.waits_in(call="CA2")

    shop.word_of_the_end(first, offer, "CAleg")
    for word in ("offer_ended", "agent_left"):
        shop.word_of_the_end(word, offer, "CAleg")

    assert shop.call().state is CallState.WAITING
    assert shop.desk.present("CA1").instructions[-1] == Wait("sales")
    assert shop.desk.left_hold("CA1", "redirected").instructions[-1] == Wait("sales")
    assert shop.task().created == created
    assert shop.context.store.position(shop.task()) == 1
    again = next(item for item in shop.dispatches() if item.call == "CA1")
    assert again.worker != offer.worker
    shop.agent_takes(again, "CAnext")
    assert shop.call().state is CallState.CONNECTED
    assert len(shop.events(EventType.TASK_CREATED)) == 2


def test_a_caller_who_cannot_be_bridged_is_put_back_even_later() -> None:
    shop, offer = rung()
    shop.agent_takes(offer)
    shop.clock.advance_seconds(8)

    shop.word_of_the_end("parted unbridged", offer, "CAleg")

    assert shop.call().state is CallState.WAITING


@pytest.mark.parametrize("first", ["offer_ended", "agent_left", "parted"])
def test_after_a_conversation_the_caller_is_thanked_and_the_agent_wraps_up_whoever_tells_first(first: str) -> None:
    shop = Shop()
    shop.waits_in()
    offer = shop.connected()
    words = ["offer_ended", "agent_left", "parted"]
    for word in [first, *(word for word in words if word != first)]:
        shop.word_of_the_end(word, offer, "CAleg")

    assert shop.call().state is CallState.TOLD
    assert shop.call().outcome == "connected"
    assert "Thank you" in words_of(shop.desk.present("CA1"))
    assert shop.task().state is TaskState.WRAPPING
    assert len(shop.events(EventType.TASK_WRAPPING)) == 1
    assert not shop.worker(offer.worker).free_on("voice")


def test_a_caller_left_alone_in_a_room_is_thanked_within_seconds() -> None:
    shop = Shop()
    shop.waits_in()
    offer = shop.connected()
    shop.desk.agent_left(offer.sid, "CAleg")
    assert shop.call().state is CallState.CONNECTED

    shop.passes(2)

    assert shop.call().state is CallState.TOLD
    assert shop.events(EventType.INTENT_REDIRECT)[-1].data == {"turn": shop.call().turn}

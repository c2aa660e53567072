"""A call ends: once, whoever tells it first, and nobody is left ringing, alone in a room, or on hold for nobody."""

import pytest

from app.core.entities import CallState, Reservation, ReservationState, TaskState
from app.core.events import EventType
from app.core.instructions import Wait
from app.core.scripts import GONE
from app.ports.telephony import Outcome, Sent
from tests.shop import VOICEMAIL, Shop, a_config, words_of


def ringing() -> tuple[Shop, Reservation]:
    """A caller on hold while an agent listens to who they are."""
    shop = Shop()
    shop.waits_in()
    (offer,) = shop.dispatches()
    shop.switchboard.placed(offer.sid, Outcome(Sent.DONE, sid="CAleg"))
    shop.desk.offer(offer.sid, "CAleg")
    return shop, offer


def ends_of(shop: Shop) -> list[str]:
    """How often the task ended, and how."""
    return [event.type.value for event in shop.events(EventType.TASK_CANCELED, EventType.TASK_COMPLETED)]


def test_a_caller_who_hangs_up_on_hold_is_counted_as_abandoned_once() -> None:
    shop = Shop()
    shop.waits_in()
    shop.clock.advance_seconds(30)

    shop.desk.left_hold("CA1", "hangup")
    shop.desk.ended("CA1", "completed")
    shop.desk.ended("CA1", "completed")
    shop.desk.left_hold("CA1", "hangup")

    (end,) = shop.events(EventType.CALL_ENDED)
    assert (end.data["outcome"], end.data["was"], end.data["seconds"]) == ("abandoned", "waiting", 30)
    assert shop.events(EventType.TASK_CANCELED)[0].data["waited"] == 30_000
    assert ends_of(shop) == ["task.canceled"]


def test_an_end_nobody_knew_the_beginning_of_changes_nothing() -> None:
    shop = Shop()

    shop.desk.ended("CA-unknown", "completed")

    assert shop.events(EventType.CALL_ENDED) == []


def test_hanging_up_while_phones_ring_cancels_them_at_once() -> None:
    shop, offer = ringing()

    shop.desk.ended("CA1", "completed")

    assert shop.reservation(offer.sid).state is ReservationState.CANCELED
    assert shop.worker(offer.worker).free_on("voice")
    (hung_up,) = shop.events(EventType.INTENT_HANG_UP)
    assert hung_up.data == {"leg": "CAleg", "ringing": False}


def test_hanging_up_just_before_the_agents_key_leaves_the_agent_free() -> None:
    shop, offer = ringing()
    shop.desk.ended("CA1", "completed")

    assert words_of(shop.desk.offer_key(offer.sid, "CAleg", "1")) == GONE
    assert shop.worker(offer.worker).free_on("voice")
    assert ends_of(shop) == ["task.canceled"]


def test_hanging_up_just_after_the_agents_key_frees_the_agents_phone_and_ends_in_wrap_up() -> None:
    shop, offer = ringing()
    shop.desk.offer_key(offer.sid, "CAleg", "1")

    shop.desk.ended("CA1", "completed")
    shop.desk.offer_ended(offer.sid, "CAleg", "completed")

    assert shop.events(EventType.INTENT_HANG_UP)[-1].data["leg"] == "CAleg"
    assert shop.task().state is TaskState.WRAPPING
    assert shop.events(EventType.CALL_ENDED)[0].data["outcome"] == "connected"
    shop.passes(11)
    assert ends_of(shop) == ["task.completed"]
    assert shop.worker(offer.worker).free_on("voice")


def test_a_caller_put_back_in_line_who_has_gone_after_all_is_counted_once() -> None:
    shop, offer = ringing()
    shop.desk.offer_key(offer.sid, "CAleg", "1")
    shop.desk.agent_left(offer.sid, "CAleg")
    assert shop.call().state is CallState.WAITING

    shop.desk.ended("CA1", "completed")

    assert ends_of(shop) == ["task.canceled"]
    assert shop.offers() == []


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("conversation", "abandoned"), ("agent line", "agent"), ("voicemail", "abandoned"), ("message", "voicemail"),
        ("nothing said", "abandoned"), ("blocked", "message"),
    ],
)  # fmt: skip
def test_the_outcome_says_how_it_ended(state: str, outcome: str) -> None:
    shop = Shop(a_config(person=VOICEMAIL, blocked=frozenset({"+12025550166"})))
    caller = {"agent line": "+12025550111", "blocked": "+12025550166"}.get(state, "+12025550131")
    shop.rings(caller=caller)
    if state in ("voicemail", "message", "nothing said"):
        shop.presses("0")
        assert shop.call().state is CallState.LEAVING_MESSAGE
    if state == "message":
        shop.desk.message_left("CA1", "https://example.com/RE1", 7)
    if state == "nothing said":
        assert "Thank you for calling" in words_of(shop.desk.message_left("CA1", "", 0))

    shop.desk.ended("CA1", "completed")

    assert shop.call().outcome == outcome
    assert len(shop.events(EventType.MESSAGE_LEFT)) == (state == "message")


def test_a_message_told_of_after_the_hang_up_is_kept_and_told_once() -> None:
    shop = Shop(a_config(person=VOICEMAIL))
    shop.rings()
    shop.presses("0")
    shop.desk.ended("CA1", "completed")

    shop.desk.message_left("CA1", "https://example.com/RE1", 7)
    shop.desk.message_left("CA1", "https://example.com/RE1", 7)

    assert shop.call().outcome == "voicemail"
    assert len(shop.events(EventType.MESSAGE_LEFT)) == 1
    assert shop.context.store.personal("CA1")["message"] == "https://example.com/RE1"


def test_a_lost_end_is_found_by_asking_the_carrier() -> None:
    shop = Shop()
    shop.waits_in()
    shop.passes(61)
    assert [event.call for event in shop.events(EventType.INTENT_CHECK)] == ["CA1"]

    shop.switchboard.checked("CA1", Outcome(Sent.DONE, data={"status": "in-progress"}))
    assert shop.call().state is CallState.WAITING
    shop.switchboard.checked("CA1", Outcome(Sent.DONE, data={"status": "completed"}))

    assert shop.call().state is CallState.ENDED
    assert ends_of(shop) == ["task.canceled"]


def test_a_carrier_that_does_not_answer_says_nothing_about_the_call() -> None:
    shop = Shop()
    shop.waits_in()

    shop.switchboard.checked("CA1", Outcome(Sent.UNKNOWN))

    assert shop.call().state is CallState.WAITING


def test_a_redirect_that_finds_no_call_has_it_looked_up_at_once() -> None:
    shop = Shop()
    shop.waits_in()

    shop.switchboard.redirected("CA1", 1, Outcome(Sent.GONE))
    shop.passes(0)
    assert [event.call for event in shop.events(EventType.INTENT_CHECK)] == ["CA1"]
    shop.switchboard.checked("CA1", Outcome(Sent.GONE))

    assert shop.call().state is CallState.ENDED
    shop.switchboard.redirected("CA1", 1, Outcome(Sent.GONE))
    assert shop.call().deadline > shop.clock.now()


def test_a_redirect_that_failed_needs_nothing_the_hold_page_lets_the_caller_out() -> None:
    shop, offer = ringing()
    shop.desk.offer_key(offer.sid, "CAleg", "1")
    before = shop.call()

    shop.switchboard.redirected("CA1", before.turn, Outcome(Sent.REFUSED))

    assert shop.call() == before
    assert [type(item).__name__ for item in shop.desk.hold("CA1").instructions] == ["Leave"]


def test_everything_is_forgotten_an_hour_after_its_end_and_a_returning_caller_is_remembered_for_a_month() -> None:
    shop, offer = ringing()
    shop.desk.offer_key(offer.sid, "CAleg", "1")
    shop.desk.ended("CA1", "completed")
    task = shop.task().sid
    for _ in range(3):
        shop.passes(3601)

    assert shop.context.store.next_deadline() > shop.clock.now() + 20 * 86_400_000
    held = shop.context.store.snapshot()
    assert (held.calls, held.tasks, held.reservations) == ((), (), ())
    assert task not in {event.task for event in shop.events(EventType.TASK_RETRIED)}
    shop.rings("CA2")
    assert len(shop.call("CA2").earlier) == 1


def test_a_call_nobody_knows_any_more_is_answered_as_new_wherever_it_turns_up() -> None:
    shop = Shop()

    assert "Welcome" in words_of(shop.desk.left_hold("CA7", "error"))
    assert "Welcome" in words_of(shop.desk.present("CA8"))
    assert shop.desk.hold("CA9").instructions


def test_hold_that_fails_leads_to_the_fallback_and_out_of_the_line() -> None:
    shop = Shop()
    shop.waits_in()

    script = shop.desk.left_hold("CA1", "system-error")

    assert shop.call().state is CallState.LEAVING_MESSAGE
    assert "leave a message" in words_of(script)
    assert shop.task().state is TaskState.CANCELED


def test_a_hold_that_ends_well_gives_the_present_instructions() -> None:
    shop = Shop()
    shop.waits_in()

    assert shop.desk.left_hold("CA1", "redirected").instructions[-1] == Wait("sales")
    assert shop.task().state is TaskState.PENDING

"""The caller's side: words, keys and silence, in every order they can come."""

from app.core.config import Listening
from app.core.entities import CallState
from app.core.events import EventType
from app.core.inputs import Arrival, Digits, Recorded, Silence, Utterance
from app.core.instructions import Ask, HangUp, Listen, Record, Wait
from tests.shop import Shop, a_config, words_of


def test_a_caller_is_greeted_and_heard_at_once() -> None:
    script = Shop().rings()

    assert isinstance(script.instructions[0], Listen)
    assert isinstance(script.instructions[1], Ask)
    assert "Welcome" in words_of(script)


def test_words_that_name_a_route_put_the_caller_in_its_queue() -> None:
    shop = Shop()
    shop.rings()

    assert shop.hears("hello i want to order please")

    assert shop.call().state is CallState.WAITING
    assert shop.task().queue == "sales"
    assert shop.desk.present("CA1").instructions[-1] == Wait("sales")
    assert shop.events(EventType.INTENT_REDIRECT)[0].data == {"turn": 1}


def test_a_phrase_outweighs_a_word() -> None:
    shop = Shop()
    shop.waits_in("there is a problem with my order")

    assert shop.task().queue == "support"


def test_unsure_words_are_confirmed_and_yes_leads_on() -> None:
    shop = Shop()
    shop.rings()
    shop.hears("order", confidence=0.5)

    assert shop.call().state is CallState.CONFIRMING
    assert "Did you want orders?" in words_of(shop.desk.present("CA1"))

    shop.hears("yes please")

    assert shop.task().queue == "sales"


def test_a_no_asks_again() -> None:
    shop = Shop()
    shop.rings()
    shop.hears("order", confidence=0.5)

    script = shop.presses("2")

    assert shop.call().state is CallState.LISTENING
    assert "How can I help?" in words_of(script)


def test_nothing_understood_twice_leads_to_the_keypad_and_then_to_a_person() -> None:
    shop = Shop()
    shop.rings()
    shop.hears("purple monkey dishwasher")
    assert "did not catch" in words_of(shop.desk.present("CA1"))

    shop.hears("flibber flabber")
    assert shop.call().state is CallState.CHOOSING
    assert "press 1" in words_of(shop.desk.present("CA1"))

    shop.presses("8")
    shop.presses("9")

    assert shop.call().state is CallState.WAITING


def test_silence_twice_leads_to_the_keypad() -> None:
    shop = Shop()
    shop.rings()
    shop.silence()
    shop.silence()

    assert shop.call().state is CallState.CHOOSING
    assert shop.presses("2").instructions[-1] == Wait("support")


def test_a_key_works_while_the_greeting_plays() -> None:
    shop = Shop()
    shop.rings()

    assert shop.presses("1").instructions[-1] == Wait("sales")


def test_the_same_key_twice_has_its_effect_once() -> None:
    shop = Shop()
    shop.rings()
    first = shop.presses("1", turn=0)
    second = shop.presses("1", turn=0)

    assert first == second
    assert len(shop.events(EventType.TASK_CREATED)) == 1


def test_words_and_a_key_at_once_count_as_one() -> None:
    shop = Shop()
    shop.rings()
    shop.presses("1")

    assert not shop.hears("there is a problem", began=0)
    assert shop.task().queue == "sales"


def test_words_begun_before_a_silence_ran_out_still_count() -> None:
    shop = Shop()
    shop.rings()
    shop.silence()

    assert shop.hears("i want to order", began=0)
    assert shop.task().queue == "sales"


def test_silence_does_not_interrupt_a_caller_who_is_speaking() -> None:
    shop = Shop()
    shop.rings()
    shop.context.store.note("speaking:CA1", "1", 15)

    script = shop.silence()

    assert words_of(script) == ""
    assert shop.call().turn == 0


def test_a_secret_key_sequence_opens_the_secret_menu_which_nobody_is_told_of() -> None:
    shop = Shop()
    greeting = shop.rings()
    assert words_of(shop.presses("*")) == ""

    menu = shop.presses("7")

    assert "cave" in words_of(menu)
    assert "secret" not in words_of(greeting)
    assert shop.presses("1").instructions[-1] == Wait("sales")


def test_a_secret_phrase_opens_it_too_but_is_never_offered_for_confirmation() -> None:
    shop = Shop()
    shop.rings()
    shop.hears("open sesame", confidence=0.4)
    assert shop.call().state is CallState.LISTENING

    shop.hears("open sesame")

    assert "cave" in words_of(shop.desk.present("CA1"))


def test_a_caller_who_names_the_owner_waits_for_the_owner() -> None:
    shop = Shop()
    shop.waits_in("can i talk to susan")

    assert shop.task().queue == "@susan"
    assert [offer.worker for offer in shop.dispatches()] == ["susan"]


def test_a_person_can_be_asked_for_at_any_moment() -> None:
    shop = Shop()
    shop.rings()
    shop.hears("let me talk to an agent")

    assert shop.call().state is CallState.WAITING


def test_zero_on_hold_moves_the_caller_to_a_person_with_their_age() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")
    created = shop.task().created
    shop.clock.advance_seconds(30)

    shop.desk.hold_key("CA1", "0")

    assert shop.task().queue == "sales"
    assert shop.task().created == created


def test_saying_agent_on_hold_does_the_same() -> None:
    shop = Shop()
    shop.waits_in("i have a problem")
    shop.hears("operator please")

    assert shop.task().queue == "sales"


def test_a_regular_in_trouble_goes_ahead_of_others_in_support() -> None:
    shop = Shop()
    for number in range(2):
        shop.rings(f"CAearly{number}", "+12025550177")
        shop.desk.ended(f"CAearly{number}", "completed")
    shop.waits_in("i have a problem", "CAother", "+12025550199")
    shop.waits_in("this is ridiculous my order is still missing", "CA1", "+12025550177")

    assert shop.task("CA1").priority == 10
    assert shop.context.store.position(shop.task("CA1")) == 1
    assert shop.context.store.position(shop.task("CAother")) == 2


def test_a_blocked_number_is_hung_up_on() -> None:
    shop = Shop(a_config(blocked=frozenset({"+12025550166"})))

    assert shop.rings(caller="+12025550166").instructions == (HangUp(),)


def test_our_own_outbound_call_gets_no_conversation() -> None:
    shop = Shop()
    script = shop.desk.answer(Arrival("CA9", "+12025550131", direction="outbound-api"))

    assert isinstance(script.instructions[-1], HangUp)
    assert shop.context.store.snapshot().calls == ()


def test_the_first_webhook_again_gets_the_same_answer_and_no_second_call() -> None:
    shop = Shop()

    assert shop.rings() == shop.rings()
    assert len(shop.events(EventType.CALL_ANSWERED)) == 1


def test_a_replayed_first_webhook_does_not_revive_an_ended_call() -> None:
    shop = Shop()
    shop.rings()
    shop.desk.ended("CA1", "completed")

    assert shop.rings().instructions == (HangUp(),)
    assert shop.desk.turn("CA1", 0, Digits("1")).instructions == (HangUp(),)


def test_recorded_words_are_transcribed_and_then_heard() -> None:
    shop = Shop(a_config(listening=Listening.RECORD))
    script = shop.rings()
    assert isinstance(script.instructions[-1], Record)

    shop.desk.turn("CA1", 0, Recorded("https://example.com/RE1", 3))
    assert shop.call().state is CallState.TRANSCRIBING
    assert shop.events(EventType.INTENT_TRANSCRIBE)

    shop.hears("i want to order", began=1)

    assert shop.task().queue == "sales"


def test_a_transcript_that_never_comes_is_asked_for_again() -> None:
    shop = Shop(a_config(listening=Listening.RECORD))
    shop.rings()
    shop.desk.turn("CA1", 0, Recorded("https://example.com/RE1", 3))

    shop.passes(25)

    assert shop.call().state is CallState.LISTENING
    assert shop.events(EventType.INTENT_REDIRECT)


def test_the_carriers_own_recognition_takes_the_same_step() -> None:
    shop = Shop(a_config(listening=Listening.CARRIER))
    script = shop.rings()
    asked = script.instructions[-1]
    assert isinstance(asked, Ask)
    assert asked.speech
    assert "order" in asked.hints

    shop.desk.turn("CA1", 0, Utterance("i want to order", 0.9, source="carrier"))

    assert shop.task().queue == "sales"


def test_an_endless_conversation_ends_at_voicemail() -> None:
    shop = Shop()
    shop.rings()
    for _ in range(60):
        if shop.call().state is CallState.LEAVING_MESSAGE:
            break
        shop.presses("*")
        shop.silence()
        shop.hears("no", began=-1)

    assert shop.call().state in (CallState.LEAVING_MESSAGE, CallState.WAITING)


def test_late_silence_changes_nothing() -> None:
    shop = Shop()
    shop.waits_in()

    assert shop.desk.turn("CA1", 0, Silence()).instructions[-1] == Wait("sales")
    assert shop.call().turn == 1


def test_a_key_ends_the_greeting_when_callers_are_recorded_too() -> None:
    shop = Shop(a_config(listening=Listening.RECORD))
    asked, recorded = shop.rings().instructions

    assert isinstance(asked, Ask)
    assert asked.runs_on
    assert isinstance(recorded, Record)
    assert shop.presses("1").instructions[-1] == Wait("sales")

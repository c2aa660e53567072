"""One step of the conversation: every input in every state, and no caller without a way on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.config import Choice, Menu, Target, TargetKind, Turns
from app.core.dialogue import MAX_TURNS, choices_of, go, keypad, person_target, step
from app.core.entities import Call, CallState
from app.core.inputs import Digits, Recorded, Silence
from app.core.lifecycle import CALL, IllegalTransition
from app.core.scripts import present
from app.core.understanding import Understanding
from tests.builders import a_call
from tests.shop import VOICEMAIL, a_config, to_queue

CONFIG = a_config(turns=Turns(reprompts=2))
CONVERSING = (CallState.LISTENING, CallState.TRANSCRIBING, CallState.CONFIRMING, CallState.CHOOSING, CallState.WAITING)
ROUTES = st.sampled_from(("", *CONFIG.routes))
HEARD = st.one_of(
    st.builds(Digits, st.text("0123456789*#", max_size=3)),
    st.just(Silence()),
    st.just(Recorded("https://example.com/RE1", 2)),
    st.builds(
        Understanding,
        text=st.sampled_from(("", "yes", "order", "my order", "susan")),
        route=ROUTES,
        confidence=st.sampled_from((0.0, 0.29, 0.3, 0.59, 0.6, 1.0)),
        keywords=st.sampled_from(((), ("order",))),
        wants_person=st.booleans(),
        yes=st.booleans(),
        no=st.booleans(),
    ),
)


def said(text: str = "", **fields: object) -> Understanding:
    """Words and what they were taken for."""
    return Understanding(text, **fields)  # type: ignore[arg-type]


@given(st.lists(HEARD, max_size=70), st.sampled_from((VOICEMAIL, to_queue("sales"), Target(TargetKind.HANG_UP))))
def test_whatever_is_heard_the_call_moves_along_its_table_and_has_something_to_hear(
    inputs: list[Digits | Silence | Recorded | Understanding], fallback: Target
) -> None:
    config = replace(CONFIG, fallback=fallback)
    call = a_call()
    for heard in inputs:
        after = step(call, heard, config)
        assert after == call or after.turn == call.turn + 1
        assert after.state is call.state or after.state in CALL[call.state]
        assert present(after, config).instructions
        assert (after.state is CallState.CONFIRMING) <= (after.proposed in config.routes)
        call = after
    assert call.turn <= MAX_TURNS + 5 or call.state is CallState.WAITING


@pytest.mark.parametrize("state", [state for state in CallState if state not in CONVERSING])
def test_outside_the_conversation_nothing_that_is_heard_moves_the_call(state: CallState) -> None:
    call = a_call(state=state, turn=MAX_TURNS)

    for heard in (Digits("1"), Silence(), Recorded("x"), said("order", route="order", confidence=1.0)):
        assert step(call, heard, CONFIG) == call


@pytest.mark.parametrize(
    ("confidence", "state"),
    [(0.6, CallState.WAITING), (0.59, CallState.CONFIRMING), (0.3, CallState.CONFIRMING), (0.29, CallState.LISTENING)],
)
def test_sure_words_lead_on_unsure_ones_are_asked_back_and_guesses_ignored(confidence: float, state: CallState) -> None:
    assert step(a_call(), said("order", route="order", confidence=confidence), CONFIG).state is state


def confirming() -> Call:
    """A caller who was asked: did you want orders?"""
    return a_call(state=CallState.CONFIRMING, proposed="order", turn=1)


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (Digits("1"), CallState.WAITING),
        (Digits("2"), CallState.LISTENING),
        (Digits("0"), CallState.WAITING),
        (Silence(), CallState.LISTENING),
        (Recorded("x"), CallState.TRANSCRIBING),
        (said("yes", yes=True), CallState.WAITING),
        (said("no", no=True), CallState.LISTENING),
        (said("no", no=True, route="order", confidence=0.4), CallState.LISTENING),
        (said("orders", route="order", confidence=0.4), CallState.WAITING),
        (said("no an agent", no=True, wants_person=True), CallState.WAITING),
        (said("mumble"), CallState.LISTENING),
    ],
)
def test_a_question_is_answered_by_key_or_word(heard: Digits | Understanding, state: CallState) -> None:
    assert step(confirming(), heard, CONFIG).state is state


def test_instead_of_an_answer_another_wish_counts() -> None:
    after = step(confirming(), said("a problem", route="help", confidence=0.9, keywords=("problem",)), CONFIG)

    assert after.destination == to_queue("support")


def test_no_an_agent_is_a_person_not_a_no() -> None:
    after = step(confirming(), said("no an agent", no=True, wants_person=True), CONFIG)

    assert after.destination == person_target(confirming(), CONFIG)
    assert after.route == ""


def test_a_recorded_yes_is_still_an_answer_to_the_question() -> None:
    transcribing = step(confirming(), Recorded("x"), CONFIG)

    after = step(transcribing, said("yes", yes=True), CONFIG)

    assert after.route == "order"
    assert after.state is CallState.WAITING


def test_a_recording_nobody_can_read_is_asked_for_again() -> None:
    after = step(a_call(state=CallState.TRANSCRIBING), Silence(), CONFIG)

    assert (after.state, after.say_first) == (CallState.LISTENING, CONFIG.turns.say_again)


def test_too_long_a_conversation_goes_to_the_fallback_and_its_turn_moves_on() -> None:
    call = a_call(turn=MAX_TURNS)

    after = step(call, said("mumble"), CONFIG)

    assert after.state is CallState.LEAVING_MESSAGE
    assert after.turn == MAX_TURNS + 1


def test_a_caller_on_hold_is_never_thrown_out_for_having_talked_long() -> None:
    call = a_call(turn=MAX_TURNS, state=CallState.WAITING, destination=to_queue("sales"))

    assert step(call, said("hello", route="order", confidence=1.0), CONFIG) == call


@pytest.mark.parametrize(
    ("destination", "config", "target"),
    [
        (to_queue("support"), CONFIG, to_queue("sales")),
        (to_queue("sales"), CONFIG, to_queue("sales")),
        (to_queue("gone"), CONFIG, to_queue("sales")),
        (None, replace(CONFIG, person=VOICEMAIL), VOICEMAIL),
        (None, replace(CONFIG, queues={}), VOICEMAIL),
    ],
)
def test_a_person_is_where_the_queue_or_the_file_says(destination: Target, config: object, target: Target) -> None:
    assert person_target(a_call(destination=destination), config) == target  # type: ignore[arg-type]


def test_keys_may_be_the_beginning_of_longer_ones() -> None:
    menu = Menu(
        name="m",
        say="",
        choices=(Choice(keys="1", target=VOICEMAIL), Choice(keys="12", target=to_queue("support"))),
    )
    config = replace(CONFIG, menus={"m": menu})
    call = a_call(state=CallState.CHOOSING, menu="m")

    first = step(call, Digits("1"), config)
    assert (first.keys, first.state) == ("1", CallState.CHOOSING)
    assert step(first, Digits("2"), config).destination == to_queue("support")
    assert step(first, Silence(), config).destination == VOICEMAIL
    assert step(first, Digits("7"), config).state is CallState.CHOOSING


def test_words_choose_in_a_menu_and_hidden_keys_are_never_read_out() -> None:
    menu = Menu(name="m", say="", choices=(Choice(keys="1", target=VOICEMAIL, words=("leave a message",)),))
    config = replace(CONFIG, menus={"m": menu})
    call = a_call(state=CallState.CHOOSING, menu="m")

    assert step(call, said("i will leave a message"), config).destination == VOICEMAIL
    assert step(call, said("agent", wants_person=True), config).destination == to_queue("sales")
    assert step(call, said("x", route="help", confidence=0.9), config).destination == to_queue("support")
    assert step(call, said("x", route="help", confidence=0.5), config).state is CallState.CHOOSING
    assert "secret" not in keypad(config).say
    assert [choice.keys for choice in choices_of(a_call(), config)] == ["1", "2", "*7"]


def test_nobody_can_be_sent_where_the_table_does_not_lead() -> None:
    with pytest.raises(IllegalTransition):
        go(a_call(state=CallState.ENDED), VOICEMAIL)
    with pytest.raises(IllegalTransition):
        go(a_call(state=CallState.LEAVING_MESSAGE), to_queue("sales"))

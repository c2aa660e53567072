"""Gather: keys and words, during and after its prompts."""

import pytest

from app.simulator import HangUp, ListenUntil, Press, TypeWords, Wait
from tests.simulator.stage import Stage

LONG = "a" * 4000


def gather(attributes: str, prompt: str = "Press a key", then: str = "<Say>nothing</Say>") -> str:
    return f'<Gather action="/got" {attributes}><Say>{prompt}</Say></Gather>{then}'


# "A key during the prompt stops the prompt"; "Digits (finishOnKey character removed)".
def test_a_key_stops_the_prompt_and_the_finishing_key_is_left_out(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather("", f"Press {LONG}")
    result = stage.call(ListenUntil("press"), Press("12#"))
    asked = stage.requests_to("/got")[0]
    assert (asked.fields["Digits"], asked.genuine) == ("12", True)
    assert "SpeechResult" not in asked.fields
    assert result.said[0].cut


def test_enough_keys_end_the_gathering_at_once(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('numDigits="2" finishOnKey="" timeout="20"')
    stage.call(ListenUntil("press"), Press("#1"))
    assert stage.requests_to("/got")[0].fields["Digits"] == "#1"


def test_a_pause_after_a_key_ends_the_gathering(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('timeout="1"')
    stage.call(ListenUntil("press"), Press("5"))
    assert stage.requests_to("/got")[0].fields["Digits"] == "5"


# "Timeout with no input ⇒ next verb; # first ⇒ counts as no input."
@pytest.mark.parametrize("steps", [(), (ListenUntil("press"), Press("#"))])
def test_no_input_goes_on_with_the_next_verb(stage: Stage, steps: tuple[object, ...]) -> None:
    stage.answers["/voice/incoming"] = gather('timeout="1"')
    assert stage.heard(stage.call(*steps)) == ["Press a key", "nothing"]
    assert stage.requests_to("/got") == []


# "Fetched only if there was input, unless actionOnEmptyResult=true".
def test_no_input_asks_for_the_action_when_that_is_wanted(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('timeout="1" actionOnEmptyResult="true"')
    stage.call()
    assert stage.requests_to("/got")[0].fields["Digits"] == ""


# "Without action it re-requests the same document (loop)."
def test_without_an_action_the_document_itself_is_asked_for(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = lambda asked: (
        "<Say>Thanks</Say>" if "Digits" in asked.fields else '<Gather numDigits="1"><Say>Press a key</Say></Gather>'
    )
    assert stage.heard(stage.call(ListenUntil("press"), Press("1"))) == ["Press a key", "Thanks"]


def test_a_key_outside_a_gathering_is_lost(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say><Pause length='20'/>"
    stage.call(ListenUntil("hello"), Press("5"), HangUp())
    assert stage.events("key") == ["5 (nobody listened)"]


# "SpeechResult, Confidence ("0.0"–"1.0")".
def test_words_become_the_speech_result(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('input="speech" speechTimeout="auto"', f"Say it {LONG}")
    result = stage.call(ListenUntil("say it"), TypeWords("i want to order", 0.75))
    fields = stage.requests_to("/got")[0].fields
    assert (fields["SpeechResult"], float(fields["Confidence"])) == ("i want to order", 0.75)
    assert "Digits" not in fields
    assert result.said[0].cut


def test_words_typed_early_are_heard_by_the_next_speech_gathering(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>Hello</Say>" + gather('input="dtmf speech" speechTimeout="auto"')
    stage.call(TypeWords("flavors"))
    assert stage.requests_to("/got")[0].fields["SpeechResult"] == "flavors"


def test_words_that_no_gathering_heard_are_noted(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('timeout="1"')
    assert stage.call(TypeWords("flavors")).notes == ("no speech Gather heard 'flavors'",)


# "In dtmf speech the first kind detected wins."
def test_the_first_kind_of_input_wins(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('input="dtmf speech" numDigits="1"')
    stage.call(ListenUntil("press"), Press("3"), TypeWords("three"))
    assert stage.requests_to("/got")[0].fields["Digits"] == "3"


def test_partial_results_are_told_and_their_answer_ignored(stage: Stage) -> None:
    attributes = 'input="speech" speechTimeout="auto" partialResultCallback="/partial"'
    stage.answers["/voice/incoming"] = gather(attributes)
    stage.answers["/partial"] = "<Say>never</Say>"
    result = stage.call(ListenUntil("press"), TypeWords("flavors"))
    assert stage.request_to("/partial").fields["UnstableSpeechResult"] == "flavors"
    assert "never" not in stage.heard(result)


# Edge case 29: "hangs up during Gather: no action request; only status callback".
def test_a_caller_who_hangs_up_while_gathering_causes_no_action(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = gather('timeout="20"')
    stage.call(ListenUntil("press"), Wait(0.05), HangUp())
    assert stage.requests_to("/got") == []
    assert stage.requests_to("/voice/status")[0].fields["CallStatus"] == "completed"

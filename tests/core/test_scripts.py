"""What each side hears in each state."""

from dataclasses import replace

import pytest

from app.core.config import Listening, Queue
from app.core.entities import Activity, Call, CallState, Mood
from app.core.instructions import Again, Ask, HangUp, Listen, Meet, Play, Record, Reply, Wait
from app.core.scripts import Place, agent_line, audio_name, farewell, hold, offer, present, safe, whisper
from tests.builders import NOON, a_call, a_task, a_worker
from tests.shop import a_config, to_queue, words_of

CONFIG = a_config(language="en-GB", voice="Polly.Amy")
DAY = 86_400_000


def in_state(state: CallState) -> Call:
    """A call with whatever its state needs."""
    return a_call(state=state, proposed="order", destination=to_queue("sales"), task="WT1", token="t", say_first="So.")


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("listening", Listening)
def test_every_state_has_something_to_hear_and_asking_twice_gives_the_same(
    state: CallState, listening: Listening
) -> None:
    config = replace(CONFIG, listening=listening)
    script = present(in_state(state), config)

    assert script.instructions
    assert script == present(in_state(state), config)
    assert (script.language, script.voice) == ("en-GB", "Polly.Amy")
    last = script.instructions[-1]
    assert isinstance(last, Ask | Record | Wait | Meet | HangUp | Again) or type(last).__name__ == "Forward"


def test_listening_begins_with_the_call_and_only_then() -> None:
    first = present(a_call(token="t"), CONFIG)
    later = present(a_call(token="t", turn=1), CONFIG)

    assert first.instructions[0] == Listen("t")
    assert not [item for item in later.instructions if isinstance(item, Listen)]


def test_callers_the_model_is_not_fit_for_hear_the_keys_at_once() -> None:
    assert "For orders, press 1." in words_of(present(a_call(keypad_first=True), CONFIG))


def test_in_the_middle_of_a_key_sequence_nothing_is_said() -> None:
    script = present(a_call(state=CallState.CHOOSING, keys="*"), CONFIG)

    assert words_of(script) == ""
    assert isinstance(script.instructions[0], Ask)


def test_hidden_words_are_no_hints_to_the_carrier() -> None:
    script = present(a_call(), replace(CONFIG, listening=Listening.CARRIER))
    asked = script.instructions[-1]

    assert isinstance(asked, Ask)
    assert asked.speech
    assert "open sesame" not in asked.hints


@pytest.mark.parametrize(
    ("position", "agents", "words"),
    [
        (1, 1, "You are next in line."),
        (0, 1, "You are next in line."),
        (3, 2, "You are number 3 in line."),
        (3, 0, "You are number 3 in line. Nobody is free to take calls right now; we keep your place."),
    ],
)
def test_places_are_told_as_they_are(position: int, agents: int, words: str) -> None:
    script = hold(Queue(name="q", title="q", serves=""), Place(position, agents, 5), CONFIG)

    assert words_of(script) == words


def test_music_is_named_by_its_file_or_its_address() -> None:
    assert audio_name("/somewhere/waltz.wav") == "waltz.wav"
    assert audio_name("https://example.com/a/waltz.mp3") == "https://example.com/a/waltz.mp3"
    music = hold(Queue(name="q", title="q", serves="", music="/x/waltz.wav"), Place(1, 1, 0), CONFIG)
    asked = music.instructions[0]
    assert isinstance(asked, Ask)
    assert asked.prompts[-1] == Play("waltz.wav")
    assert asked.reply is Reply.HOLD


def test_a_whisper_says_who_why_and_how_they_sounded_and_counts_this_weeks_calls_only() -> None:
    earlier = (NOON - 20 * DAY, NOON - 6 * DAY, NOON - DAY)
    call = a_call(route="help", vip=True, mood=Mood.FRUSTRATED, earlier=earlier)

    words = whisper(a_task(), call, CONFIG)

    assert words == "Shop: a priority caller for help. Sounds frustrated. Call 3 this week."
    assert whisper(a_task(queue="@susan"), a_call(earlier=(NOON - 9 * DAY,)), CONFIG) == "Shop: a caller for susan."


def test_asked_again_an_agent_hears_the_keys_alone_and_then_the_line_is_closed() -> None:
    script = offer(a_task(), a_call(), CONFIG, again=True)

    assert words_of(script) == "Press 1 to take the call, 2 to pass."
    assert script.instructions[-1] == HangUp()


def test_small_sentences() -> None:
    assert agent_line(a_worker(activity=Activity.BREAK)) == "You are off duty."
    assert farewell("Bye.").instructions[-1] == HangUp()
    assert safe().instructions[-1] == Again()

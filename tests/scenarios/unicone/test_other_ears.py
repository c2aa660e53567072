"""The other ways to listen: recorded turns that a job transcribes, and the carrier's own recognition."""

from collections.abc import Mapping

import pytest

from app.commands.rehearsal import Report
from app.simulator.audio import read_wav
from app.simulator.callers import ListenUntil, Press, Speak, Step, TypeWords, Wait
from app.simulator.carrier import CallHandle
from app.simulator.rest.faults import Fault
from tests.scenarios.lines import Line
from tests.scenarios.world import AUDIO, HERE, World

pytestmark = pytest.mark.timeout(120)

OPEN = "We are open all day. Goodbye."
CATERING = "We bring it to your door. Goodbye."
FOR_GOOD = 10_000


@pytest.fixture(scope="module")
def recorded(unicone: World) -> Mapping[str, CallHandle]:
    """Three callers who speak after the tone; their recordings never come, come late, and come at once."""
    unicone.adopt(_file("record"))
    never = _missing_at_first(unicone, 1, "+12025550503", "opening.wav")
    unicone.carrier.inject(Fault(f"/Recordings/{never.leg.recordings[0]}", "GET", 404, 20404, times=FOR_GOOD))
    late = _missing_at_first(unicone, 2, "+12025550502", "wedding.wav")
    at_once = unicone.dial("at once", "+12025550501", *_after_the_tone("opening.wav"), Press("#"))
    return {"never": never, "late": late, "at once": at_once}


def _missing_at_first(world: World, times: int, number: str, wav: str) -> CallHandle:
    """A call whose recording the carrier does not have when it is first asked for."""
    world.carrier.inject(Fault("/Recordings/", "GET", 404, 20404, times=times))
    call = world.dial(wav, number, *_after_the_tone(wav), Press("#"), patience=60)
    assert call.leg.watch(lambda: bool(call.leg.recordings), 20)
    return call


@pytest.fixture
def carrier_listens(unicone: World, recorded: Mapping[str, CallHandle]) -> World:
    """The same shop, with the carrier's ears; calls that began before go on as they began."""
    unicone.adopt(_file("carrier"))
    return unicone


def _file(listening: str) -> str:
    return (HERE / "heard.yaml").read_text().replace("LISTENING", listening)


def _after_the_tone(wav: str) -> tuple[Step, ...]:
    sound = read_wav((AUDIO / wav).read_bytes())
    return (ListenUntil("do for you", finished=True), Wait(0.5), Speak(sound, wav))


def _said(told: Report) -> list[str]:
    return [prompt.text for prompt in told.result.said]


def test_a_recorded_turn_is_fetched_transcribed_and_understood(
    unicone: World, recorded: Mapping[str, CallHandle]
) -> None:
    told = unicone.ended(recorded["at once"])

    assert _said(told)[-1] == OPEN
    assert "open" in told.heard[0]


def test_a_recording_that_is_not_there_yet_is_asked_for_again(
    unicone: World, recorded: Mapping[str, CallHandle]
) -> None:
    told = unicone.ended(recorded["late"])

    assert _said(told)[-1] == CATERING
    assert "catering" in told.heard[0]


def test_a_recording_that_never_comes_is_silence(unicone: World, recorded: Mapping[str, CallHandle]) -> None:
    call = recorded["never"]

    assert call.leg.watch(lambda: any("did not catch" in prompt.text for prompt in call.leg.prompts), 40)
    call.hang_up()

    told = unicone.ended(call)
    assert told.heard == ()
    assert told.result.troubles == ()


def test_a_key_counts_instead_of_a_recording(unicone: World, recorded: Mapping[str, CallHandle]) -> None:
    unicone.adopt(_file("record"))
    call = unicone.dial("presses", "+12025550504", *_after_the_tone("opening.wav"), Press("6"))

    assert _said(unicone.ended(call))[-1] == CATERING


def test_the_carriers_words_are_understood(carrier_listens: World) -> None:
    call = carrier_listens.dial("types", "+12025550505", ListenUntil("welcome"), TypeWords("when are you open"))

    told = carrier_listens.ended(call)

    assert _said(told)[-1] == OPEN
    assert told.heard == ("when are you open",)
    assert "stream started" not in _kinds(carrier_listens, call)


def test_words_of_which_the_carrier_is_not_sure_are_confirmed(carrier_listens: World) -> None:
    steps = (ListenUntil("welcome"), TypeWords("open", 0.5), ListenUntil("did you want our hours"), TypeWords("yes"))

    assert _said(carrier_listens.ended(carrier_listens.dial("unsure", "+12025550506", *steps)))[-1] == OPEN


@pytest.mark.parametrize(
    ("confidence", "answer"),
    [
        ("0.95", OPEN),
        ("", OPEN),
        ("1.7", OPEN),
        ("0.5", "Did you want our hours?"),
        ("NaN", "did not catch"),
        ("-3", "did not catch"),
        ("very", "did not catch"),
    ],
)
def test_odd_confidences_are_survived(carrier_listens: World, confidence: str, answer: str) -> None:
    line = Line(carrier_listens)
    line.post("/voice/incoming")

    reply = line.post("/voice/turn/0", SpeechResult="when are you open", Confidence=confidence)

    assert reply.status_code == 200
    assert answer in reply.text


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "How can I help?"),
        ("   ", "How can I help?"),
        ("no word that we know", "did not catch"),
        ("are you open " * 400, OPEN),
        ("]]></Say><Dial>+19005550100</Dial> open", OPEN),
    ],
)
def test_odd_words_are_survived(carrier_listens: World, words: str, answer: str) -> None:
    line = Line(carrier_listens)
    line.post("/voice/incoming")

    reply = line.post("/voice/turn/0", SpeechResult=words, Confidence="0.9")

    assert reply.status_code == 200
    assert answer in reply.text
    assert "<Dial" not in reply.text


def _kinds(world: World, call: CallHandle) -> set[str]:
    return {event.kind for event in world.carrier.events if event.sid == call.leg.sid}

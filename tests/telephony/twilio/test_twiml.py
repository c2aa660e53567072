"""Every instruction has its document in golden/; what a document must never do is tested here."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.instructions import (
    Again,
    Ask,
    Forward,
    HangUp,
    Instruction,
    Leave,
    Listen,
    Meet,
    Pause,
    Play,
    Record,
    Reply,
    Say,
    Script,
    StopListening,
    Wait,
)
from app.telephony.twilio import answers
from app.telephony.twilio.links import Links
from app.telephony.twilio.markup import clean
from app.telephony.twilio.twiml import render, render_hold
from tests.telephony.twilio.support import LINKS, parse

GOLDEN = Path(__file__).parent / "golden"
RINGING = Links(LINKS.public, media="wss://media.example.com/media", caller_id="+15550100200", ringing="ring back.wav")
OFFER = LINKS.of_offer("RE1")
HELLO = Say("Hello.")


def script(*instructions: Instruction, turn: int = 3, language: str = "", voice: str = "") -> Script:
    return Script(instructions, turn, language, voice)


CALLS: dict[str, Callable[[], str]] = {
    "say": lambda: render(script(HELLO, HangUp(), language="en-US", voice="Polly.Joanna"), LINKS),
    "play_by_name": lambda: render(script(Play("hold music.wav"), HangUp()), LINKS),
    "play_by_address": lambda: render(script(Play("https://cdn.example.com/a.mp3"), HangUp()), LINKS),
    "pause": lambda: render(script(Pause(4), HangUp()), LINKS),
    "listen": lambda: render(script(Listen("secret-1"), Ask((HELLO,), Reply.TURN)), LINKS),
    "stop_listening": lambda: render(script(StopListening(), Meet("WT1")), LINKS),
    "listen_elsewhere": lambda: render(script(Listen("secret-1"), Ask((HELLO,), Reply.TURN)), RINGING),
    "ask_for_a_key": lambda: render(script(Ask((HELLO, Pause(1), Play("a.wav")), Reply.TURN)), LINKS),
    "ask_for_a_number": lambda: render(script(Ask((HELLO,), Reply.TURN, keys=0, seconds=8)), LINKS),
    "ask_for_words": lambda: render(
        script(Ask((HELLO,), Reply.TURN, speech=True, hints=("ice cream", "a, b")), language="en-US"), LINKS
    ),
    "ask_an_agent": lambda: render(script(Ask((HELLO,), Reply.OFFER, seconds=6), HangUp()), OFFER),
    "record_a_turn": lambda: render(script(HELLO, Record(Reply.TURN, 15)), LINKS),
    "record_a_message": lambda: render(script(Record(Reply.VOICEMAIL, 120, silence=5, beep=False)), LINKS),
    "wait": lambda: render(script(HELLO, Wait("Catering & more")), LINKS),
    "meet_as_caller": lambda: render(script(Meet("WT1")), LINKS),
    "meet_as_caller_with_ringing": lambda: render(script(Meet("WT1")), RINGING),
    "meet_as_agent": lambda: render(script(HELLO, Meet("WT1", agent=True)), OFFER),
    "forward": lambda: render(script(Forward("+15550100300", 20)), LINKS),
    "hang_up": lambda: render(script(HangUp()), LINKS),
    "again": lambda: render(script(HELLO, Again()), LINKS),
    "again_for_an_agent": lambda: render(script(HELLO, Again()), OFFER),
    "sorry": lambda: answers.sorry(LINKS),
    "try_again": lambda: answers.try_again(LINKS.present(), 0, LINKS),
}
HOLDS: dict[str, Callable[[], str]] = {
    "hold": lambda: render_hold(script(Ask((HELLO, Play("music.wav")), Reply.HOLD, runs_on=True)), LINKS),
    "hold_after_a_key": lambda: render_hold(script(HELLO), LINKS, then=LINKS.page("/voice/hold")),
    "leave_hold": lambda: render_hold(script(HELLO, Leave(), HELLO), LINKS),
    "keep_holding": lambda: answers.keep_holding(LINKS),
}


def canonical(xml: str) -> str:
    return ET.canonicalize(xml, strip_text=True)


@pytest.mark.parametrize("name", CALLS)
def test_an_instruction_is_written_as_in_its_golden_document(name: str) -> None:
    xml = CALLS[name]()
    parse(xml)
    assert canonical(xml) == canonical((GOLDEN / f"{name}.xml").read_text("utf-8"))


@pytest.mark.parametrize("name", HOLDS)
def test_what_is_heard_on_hold_is_written_as_in_its_golden_document(name: str) -> None:
    xml = HOLDS[name]()
    parse(xml, "hold")
    assert canonical(xml) == canonical((GOLDEN / f"{name}.xml").read_text("utf-8"))


def test_what_is_heard_in_a_room_before_the_other_comes_goes_on_by_itself() -> None:
    xml = answers.ringing(RINGING)
    parse(xml, "room")
    assert canonical(xml) == canonical((GOLDEN / "ringing.xml").read_text("utf-8"))


def test_every_golden_document_is_used() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == {*CALLS, *HOLDS, "ringing"}


ENDLESS = [(), (HELLO,), (Pause(0),), (Say("  "),), (Listen("t"),), (Play("a.wav"),), (Leave(),), (Again(),)]


@pytest.mark.parametrize("instructions", ENDLESS)
def test_a_script_that_would_run_out_comes_back_for_the_present_instructions(
    instructions: tuple[Instruction, ...],
) -> None:
    root = parse(render(Script(instructions), LINKS))
    assert root[-1].tag == "Redirect"
    assert root[-1].text == "https://ivr.example.com/voice/turn"
    assert {"Say", "Play", "Pause"} & {child.tag for child in root}, "it would spin"


def test_silence_after_a_question_is_told_even_by_a_carrier_that_runs_on() -> None:
    root = parse(render(script(Ask((HELLO,), Reply.TURN), turn=7), LINKS))
    gather, redirect = root
    assert gather.get("action") == redirect.text == "https://ivr.example.com/voice/turn/7"


def test_nothing_is_written_after_what_ends_a_document() -> None:
    root = parse(render(script(Wait("orders"), HELLO, HangUp()), LINKS))
    assert [child.tag for child in root] == ["Enqueue"]


@pytest.mark.parametrize("instruction", [Wait("x"), Meet("x"), Forward("+1555"), Listen("x"), Again()])
def test_what_cannot_happen_on_hold_takes_the_caller_off_it(instruction: Instruction) -> None:
    root = parse(render_hold(script(HELLO, instruction), LINKS), "hold")
    assert [child.tag for child in root] == ["Say", "Leave"]


def test_an_empty_hold_document_takes_some_time() -> None:  # row 51
    assert [child.tag for child in parse(render_hold(Script(()), LINKS), "hold")] == ["Pause"]


def test_the_callers_words_stay_words() -> None:  # row 18
    nasty = "</Say><Dial>+15550100</Dial> & ]]> \"'"
    root = parse(render(script(Say(nasty), HangUp()), LINKS))
    assert root[0].text == nasty
    assert [child.tag for child in root] == ["Say", "Hangup"]


@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_a_text_holds_the_document_is_well_formed(text: str) -> None:  # row 17
    everything = (
        Say(text), Listen(text), Ask((Say(text), Play(text)), Reply.TURN, speech=True, hints=(text,)), Wait(text),
    )  # fmt: skip
    root = parse(render(Script(everything, language=text, voice=text), LINKS))
    token = root.find("Start/Stream/Parameter")
    assert token is not None
    assert token.get("value") == clean(text)
    assert "".join(say.text or "" for say in root.findall("Say")).split() == clean(text).split()


def test_a_text_too_long_for_one_say_is_spoken_in_pieces() -> None:
    text = "ice cream " * 400
    root = parse(render(script(Say(text), HangUp()), LINKS))
    spoken = [child.text or "" for child in root if child.tag == "Say"]
    assert max(map(len, spoken)) <= 1500
    assert " ".join(spoken).split() == text.split()


def test_a_text_beyond_all_reason_is_cut() -> None:
    root = parse(render(script(Say("x" * 100_000), HangUp()), LINKS))
    assert sum(len(child.text or "") for child in root) <= 9000


def test_a_lines_name_is_no_longer_than_the_carrier_allows() -> None:
    root = parse(render(script(Wait("q" * 200)), LINKS))
    assert root[0].text == "q" * 64


def test_hints_are_as_many_and_as_long_as_the_carrier_allows() -> None:
    ask = Ask((HELLO,), Reply.TURN, speech=True, hints=tuple("w" * 150 for _ in range(700)))
    hints = (parse(render(script(ask), LINKS))[0].get("hints") or "").split(",")
    assert len(hints) == 500
    assert max(map(len, hints)) == 100

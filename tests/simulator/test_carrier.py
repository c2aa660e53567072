"""Whole scenarios against a small TwiML application: agents who accept, decline, ignore; outcomes as expected."""

import threading
from dataclasses import replace

import pytest

from app.simulator import (
    After,
    Agent,
    Answer,
    Caller,
    Event,
    HangUp,
    ListenUntil,
    SayWords,
    Scenario,
    TypeWords,
    WaitFor,
)
from app.simulator.report import mismatches
from tests.simulator.stage import AGENT, CALLER, NUMBER, PUBLIC, Asked, Stage

BEN = "+12025550112"
SECOND = "+12025550132"
ROOM = '<Dial action="/done"><Conference endConferenceOnExit="true">{}</Conference></Dial>'


class Shop:
    """A tiny queue: rings its agents one after another for each caller until one presses 1."""

    def __init__(self, stage: Stage, *agents: str) -> None:
        self._stage = stage
        self._agents = agents
        self._lock = threading.Lock()
        self._next: dict[str, int] = {}
        stage.answers |= {
            "/voice/incoming": "<Say>Welcome to Unicone</Say><Enqueue waitUrl='/wait'>sales</Enqueue>",
            "/wait": self._wait,
            "/agent": '<Gather numDigits="1" action="/key" timeout="1"><Say>Press 1</Say></Gather><Hangup/>',
            "/key": self._key,
            "/progress": self._progress,
        }

    def _wait(self, asked: Asked) -> str:
        if asked.fields["CallSid"] not in self._next:
            self._ring(asked.fields["CallSid"])
        return "<Say>Please hold</Say><Pause length='1'/>"

    def _ring(self, caller: str) -> None:
        with self._lock:
            number = self._next.get(caller, 0)
            self._next[caller] = number + 1
        if number == len(self._agents):
            document = "<Response><Say>Leave a message</Say><Record timeout='1' action='/kept'/></Response>"
            self._stage.client.calls(caller).update(twiml=document)
        elif number < len(self._agents):
            self._stage.client.calls.create(
                to=self._agents[number],
                from_=NUMBER,
                url=f"{PUBLIC}/agent?caller={caller}",
                status_callback=f"{PUBLIC}/progress?caller={caller}",
                timeout=1,
            )

    def _key(self, asked: Asked) -> str:
        if asked.fields["Digits"] != "1":
            return "<Hangup/>"
        sid = asked.fields["CallSid"]
        leg = self._stage.carrier.exchange.legs[sid]
        caller = leg.about.split("caller=")[1][:34]
        self._stage.client.calls(caller).update(
            twiml=f"<Response>{ROOM.format(caller)}</Response>".replace("/done", f"{PUBLIC}/done")
        )
        return ROOM.format(caller)

    def _progress(self, asked: Asked) -> str:
        caller = asked.url.split("caller=")[1][:34]
        leg = self._stage.carrier.exchange.legs[caller]
        if not leg.talks and not leg.ended:
            self._ring(caller)
        return ""


def play(stage: Stage, callers: tuple[Caller, ...], *agents: Agent) -> list:  # type: ignore[type-arg]
    return stage.carrier.run(Scenario("test", callers, agents, limit=25))


def test_a_scenario_ends_as_expected_with_agents_who_decline_ignore_and_accept(stage: Stage) -> None:
    Shop(stage, AGENT, BEN, AGENT, BEN)
    anna = Agent(AGENT, "anna", (Answer("decline", 0.05, 0.05), Answer("ignore")))
    ben = Agent(BEN, "ben", (Answer("voicemail", 0.05, lasts=0.3), Answer("accept", 0.05, 0.05, talks=0.2)))
    expect = {"outcome": "connected", "agent": "ben", "said": ["welcome"], "not_said": ["message"], "route": "sales"}
    seen: list[Event] = []
    scenario = Scenario("test", (Caller("first", CALLER, expect=expect),), (anna, ben), limit=25)
    (result,) = stage.carrier.run(scenario, on_event=seen.append)
    assert result.mismatches == ()
    assert result.expect["route"] == "sales"
    assert [(ring.agent, ring.did) for ring in result.rung] == [
        ("anna", "declined"),
        ("ben", "voicemail"),
        ("anna", "ignored"),
        ("ben", "accepted"),
    ]
    assert result.waited is not None
    assert result.waited > 0
    assert result.talked == pytest.approx(0.2, abs=0.2)
    assert stage.carrier.gaps == ()
    assert stage.carrier.double_bridges == ()
    assert ("hung up", "first") in [(event.kind, event.person) for event in seen]
    kinds = [event.kind for event in seen]
    assert kinds[0] == "call started"
    for kind in ("answered", "said", "waiting", "ringing", "declined", "not answered", "key", "bridged", "parted"):
        assert kind in kinds
    assert [event.at for event in seen] == sorted(event.at for event in seen)


def test_a_caller_nobody_takes_leaves_a_message(stage: Stage) -> None:
    Shop(stage, AGENT)
    steps = (WaitFor("recording", 15), SayWords("call me back", 0.2), HangUp())
    (result,) = play(stage, (Caller("first", CALLER, steps),), Agent(AGENT, "anna", (Answer("busy"),)))
    assert result.outcome == "voicemail"
    assert [(ring.agent, ring.did) for ring in result.rung] == [("anna", "busy")]


def test_callers_come_after_each_other_and_an_agent_on_a_call_is_busy(stage: Stage) -> None:
    Shop(stage, AGENT, BEN)
    anna = Agent(AGENT, "anna", (Answer("accept", 0.02, 0.02, talks=1.5),))
    ben = Agent(BEN, "ben", (Answer("accept", 0.02, 0.02, talks=0.2),))
    callers = (
        Caller("second", SECOND, after=After("first", "connected"), expect={"agent": "ben"}),
        Caller("first", CALLER, expect={"agent": "anna", "connected_before": "second"}),
    )
    second, first = play(stage, callers, anna, ben)
    assert first.mismatches == second.mismatches == ()
    assert [(ring.agent, ring.did) for ring in second.rung] == [("anna", "busy"), ("ben", "accepted")]


def test_an_impatient_caller_hangs_up(stage: Stage) -> None:
    Shop(stage, AGENT)
    caller = Caller("first", CALLER, patience=0.3, expect={"outcome": "abandoned"})
    (result,) = play(stage, (caller,), Agent(AGENT, "anna", (Answer("ignore"),)))
    assert result.mismatches == ()
    assert (result.waited, result.agent, result.ended_by) == (None, "", "person")


def test_a_caller_can_be_called_back(stage: Stage) -> None:
    stage.answers["/back"] = "<Say>You asked us to call</Say>"
    caller = Caller("first", CALLER, (HangUp(),), answers=(Answer("silent", 0.02),))
    stage.carrier.dial(caller).wait(10)
    stage.client.calls.create(to=CALLER, from_=NUMBER, url=f"{PUBLIC}/back")
    assert stage.request_to("/back").fields["To"] == CALLER


def test_everybody_hangs_up_when_the_scenario_takes_too_long(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Pause length='60'/>"
    scenario = Scenario("test", (Caller("first", CALLER, (TypeWords("x"),)),), limit=0.5)
    (result,) = stage.carrier.run(scenario)
    assert result.ended_by == "carrier"
    assert result.mismatches == ("no speech Gather heard 'x'",)


# "hangs up during whisper (edge 41)", "silent": what agents did is told apart.
@pytest.mark.parametrize(
    ("answer", "did"),
    [(Answer("hang_up", 0.02, lasts=0.05), "hung up"), (Answer("silent", 0.02), "silent")],
)
def test_what_an_agent_did_is_told_apart(stage: Stage, answer: Answer, did: str) -> None:
    Shop(stage, AGENT)
    caller = Caller("first", CALLER, (ListenUntil("leave a message", 10), HangUp()))
    (result,) = play(stage, (caller,), Agent(AGENT, "anna", (answer,)))
    assert [ring.did for ring in result.rung] == [did]


def test_every_difference_from_what_was_expected_is_put_into_words(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = "<Say>We are closed</Say>"
    result = replace(
        stage.call(),
        expect={
            "outcome": "connected",
            "agent": "anna",
            "said": ["welcome", "closed"],
            "not_said": "closed",
            "connected_before": "second",
            "rung": ["anna"],
        },
    )
    assert mismatches(result, {}) == (
        "ended as message, expected connected",
        "spoke with nobody, expected anna",
        "anna was not rung",
        "never heard 'welcome'",
        "heard 'closed'",
        "was never connected, expected before second",
    )

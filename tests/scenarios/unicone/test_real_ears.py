"""Unicone's own file and the real speech engine: recorded voices, streamed as the telephone carries them."""

from collections.abc import Mapping

import pytest

from app.commands.rehearsal import Report
from app.owner.load import UNICONE
from app.simulator.agents import Answer
from app.simulator.audio import read_wav
from app.simulator.callers import Caller, ListenUntil, Press, Speak, Step, Wait
from app.simulator.scenario import Agent, Scenario
from tests.scenarios.world import AUDIO, HERE, World

pytestmark = pytest.mark.timeout(120)

TAKES = (Answer("accept", after=0.2, press_after=0.1),)
TEAM = {"susan": "0", "anna": "1", "david": "2", "emma": "3", "james": "4", "kate": "5", "tom": "6"}


@pytest.fixture(scope="module")
def voices(unicone: World) -> Mapping[str, Report]:
    """Callers with real voices, all at once."""
    unicone.adopt(UNICONE.read_text())
    agents = tuple(Agent(f"+1202555011{last}", name, TAKES) for name, last in TEAM.items())
    callers = (
        _caller("flavors", "+12025550511", _speaks("flavors.wav")),
        _caller("wedding", "+12025550512", _speaks("wedding.wav")),
        _caller("susan", "+12025550513", _speaks("susan.wav")),
        _caller("refund", "+12025550514", _speaks("refund.wav")),
        _caller("human", "+12025550515", _speaks("human.wav")),
    )
    return unicone.play(Scenario("real voices", callers, agents, 60))


def _speaks(wav: str) -> Step:
    return Speak(read_wav((AUDIO / wav).read_bytes()), wav)


def _caller(name: str, number: str, *steps: Step) -> Caller:
    return Caller(name, number, (ListenUntil("thank you"), Wait(0.2), *steps), talks=0.3)


@pytest.mark.parametrize(
    ("story", "queue", "people"),
    [
        ("flavors", "flavors", {"kate", "tom"}),
        ("wedding", "catering", {"anna", "emma"}),
        ("susan", "@susan", {"susan"}),
        ("refund", "support", {"emma", "james"}),
        ("human", "people", {"anna", "david", "emma", "james"}),
    ],
)
def test_a_voice_is_heard_and_connected(story: str, queue: str, people: set[str], voices: Mapping[str, Report]) -> None:
    told = voices[story]

    assert told.fact("queue") == queue
    assert told.result.agents[0] in people
    assert told.result.slowest_webhook < 2.0


def test_the_shop_is_open_by_its_own_clock(unicone: World) -> None:
    unicone.adopt(_opens("wed: 10:00-12:00"))
    call = unicone.dial("comes in time", "+12025550521", ListenUntil("welcome"), Press("5"))

    assert unicone.ended(call).result.said[-1].text == "We are open all day. Goodbye."


def test_after_hours_callers_leave_a_message(unicone: World) -> None:
    unicone.adopt(_opens("mon-sun: 6:00-7:00"))
    call = unicone.dial(
        "comes too late", "+12025550522", ListenUntil("leave a message", finished=True), Wait(0.5),
        _speaks("call_me_back.wav"), Press("#"),
    )  # fmt: skip

    told = unicone.ended(call)

    assert "Unicone" not in told.result.said[0].text
    assert told.result.said[0].text.startswith("We are closed.")
    assert told.result.outcome == "voicemail"
    assert told.fact("outcome") == "voicemail"


def _opens(hours: str) -> str:
    heard = (HERE / "heard.yaml").read_text().replace("LISTENING", "live")
    return f"{heard}\nhours: {{{hours}}}\nclosed: {{say: We are closed., then: voicemail}}\n"

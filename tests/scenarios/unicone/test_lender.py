"""The lender's file: whoever can do all that is asked for is rung, and nobody else."""

import pytest

from app.owner.load import UNICONE
from app.simulator.agents import Answer
from app.simulator.callers import ListenUntil, TypeWords
from app.simulator.carrier import CallHandle
from tests.scenarios.world import World, eventually

pytestmark = pytest.mark.timeout(120)

LENDER = UNICONE.with_name("lender.yaml")
TEAM = {"maria": "1", "peter": "2", "lisa": "3", "michael": "4", "sarah": "5", "robert": "6"}
PRIORITY_CUSTOMER = "+12025550170"


@pytest.fixture
def lender(unicone: World) -> World:
    """Everybody declines, so that everybody who may be rung is; words come from the carrier's recognition."""
    unicone.adopt(LENDER.read_text() + "\nlistening: carrier\noffers: {retry after: 5 min}\n")
    for name, last in TEAM.items():
        unicone.agent(name, f"+1202555016{last}", Answer("decline", after=0.1, press_after=0.1))
    return unicone


def _asks(world: World, number: str, words: str) -> CallHandle:
    return world.dial(words, number, ListenUntil("thank you"), TypeWords(words), patience=30)


@pytest.mark.parametrize(
    ("number", "words", "serving"),
    [
        ("+12025550531", "i need help with my application", {"maria", "peter"}),
        ("+12025550532", "i have a question about my payment", {"michael", "sarah"}),
        (PRIORITY_CUSTOMER, "i have a question about my payment", {"maria"}),
    ],
    ids=["application help: sales and onboarding", "service: support and product knowledge", "priority: a manager"],
)
def test_only_those_with_every_skill_are_rung(lender: World, number: str, words: str, serving: set[str]) -> None:
    call = _asks(lender, number, words)
    try:
        assert eventually(lambda: _agents(lender, call, "reservation.rejected") >= serving)
    finally:
        call.hang_up()
    lender.ended(call)

    assert _agents(lender, call, "reservation.created") == serving


def _agents(world: World, call: CallHandle, kind: str) -> set[str]:
    """The agents of the call's events of a kind."""
    told = world.rehearsal.get(f"/api/v1/calls/{call.leg.sid}") or {"events": []}
    return {line["agent"] for line in told["events"] if line["type"] == kind}

"""Who is served first: in each line one caller is with the only agent, two wait, and the later one matters more."""

from dataclasses import dataclass

import pytest

from app.simulator.agents import Answer
from app.simulator.callers import ListenUntil, SayWords
from app.simulator.carrier import CallHandle
from tests.scenarios.world import World, eventually

pytestmark = pytest.mark.timeout(120)

AGENTS = {"support": "+12025550221", "sales": "+12025550222", "club": "+12025550223"}
NAMES = {"support": "stan", "sales": "sara", "club": "vince"}


@dataclass(frozen=True)
class Line:
    """One line: who is being served, who came next, and who came last."""

    served: CallHandle
    earlier: CallHandle
    later: CallHandle

    @property
    def calls(self) -> tuple[CallHandle, ...]:
        """All three."""
        return self.served, self.earlier, self.later


def _asks(shop: World, name: str, number: str, words: str) -> CallHandle:
    return shop.dial(name, number, ListenUntil("welcome"), SayWords(words), patience=30)


def _waits(call: CallHandle) -> None:
    assert call.leg.watch(lambda: bool(call.leg.waiting_in), 10), f"{call.caller.name} never waited"


def _line(shop: World, queue: str, plain: str, important: str, number: str) -> Line:
    """The agent is busy, then a caller with plain words waits, then one with important words or number."""
    shop.agent(NAMES[queue], AGENTS[queue], Answer("accept", after=0.1, press_after=0.1))
    base = 360 + 3 * list(AGENTS).index(queue)
    served = _asks(shop, f"{queue}: is served", f"+12025550{base}", plain)
    assert served.leg.watch(lambda: bool(served.leg.talks), 10)
    earlier = _asks(shop, f"{queue}: came first", f"+12025550{base + 1}", plain)
    _waits(earlier)
    later = _asks(shop, f"{queue}: came later", number, important)
    _waits(later)
    return Line(served, earlier, later)


def _later_goes_first(shop: World, line: Line) -> None:
    try:
        assert eventually(lambda: _positions(shop).get(line.later.leg.sid) == 1)
        line.served.hang_up()
        assert line.later.leg.watch(lambda: bool(line.later.leg.talks), 10)
        assert line.earlier.leg.talks == []
        line.later.hang_up()
        assert line.earlier.leg.watch(lambda: bool(line.earlier.leg.talks), 10), "the other was forgotten"
    finally:
        for call in line.calls:
            call.hang_up()
            call.wait(5)


def _positions(shop: World) -> dict[str, int]:
    told = shop.rehearsal.get("/api/v1/live") or {}
    return {row["call"]: row["position"] for row in told["waiting"]}


def test_a_very_important_caller_goes_ahead(shop: World) -> None:
    _later_goes_first(shop, _line(shop, "club", "the club please", "the club please", "+12025550390"))


def test_an_urgent_caller_is_raised_in_sales(shop: World) -> None:
    plain, urgent = "i want to buy bread", "i need to buy bread right now please hurry"
    _later_goes_first(shop, _line(shop, "sales", plain, urgent, "+12025550391"))


def test_the_third_call_this_week_goes_ahead_in_support_when_the_caller_sounds_frustrated(shop: World) -> None:
    for _ in range(2):
        shop.ended(shop.dial("called before", "+12025550392", ListenUntil("welcome"), SayWords("your hours")))
    plain, upset = "where is my order please", "this is ridiculous where is my order"

    line = _line(shop, "support", plain, upset, "+12025550392")
    _later_goes_first(shop, line)

    raised = next(event for event in shop.ended(line.later).events if event["type"] == "task.raised")
    assert "third call this week, and frustrated" in raised["why"]


def test_the_third_call_of_a_friendly_caller_waits_like_any_other(shop: World) -> None:
    number = "+12025550393"
    for _ in range(2):
        shop.ended(shop.dial("called before", number, ListenUntil("welcome"), SayWords("your hours")))
    plain = "where is my order please"
    line = _line(shop, "support", plain, plain, number)
    try:
        assert _positions(shop)[line.later.leg.sid] == 2
    finally:
        for call in line.calls:
            call.hang_up()
            call.wait(5)

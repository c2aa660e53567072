"""Callers that a scenario file cannot describe, and one short call that every server must serve."""

import psutil
import pytest

from app.simulator.callers import Caller, ListenUntil, Press, SayWords, Step
from tests.redis_server import redis_binaries
from tests.scenarios.world import World, unsure

ASK_BACK = "did you want parking"
_MUMBLES = (ListenUntil("welcome"), unsure("parking", 0.5), ListenUntil(ASK_BACK))


def unsure_callers() -> tuple[Caller, ...]:
    """Each is asked whether they want parking, and answers in another way."""
    return (
        _caller("unsure words are confirmed by a yes", "+12025550321", SayWords("yes please")),
        _caller("unsure words are confirmed by a key", "+12025550322", Press("1")),
        _caller(
            "a no asks again", "+12025550323", SayWords("no"), ListenUntil("how can i help"), SayWords("your hours")
        ),
        _caller("the wanted thing itself is an answer", "+12025550324", SayWords("i said your hours")),
    )


def _caller(name: str, number: str, *answer: Step) -> Caller:
    return Caller(name=name, from_number=number, does=(*_MUMBLES, *answer), expect={"outcome": "message"})


def served_on(running: World, program: str) -> str:
    """What a caller who presses 5 is told, after a look at which Redis keeps the server's state."""
    binaries = redis_binaries()
    if program not in binaries:
        pytest.skip(f"NOT TESTED on this Redis: this machine has no {program} redis-server")
    keeps = psutil.Process(running.rehearsal.server.supervisor.children["redis"]).exe()
    assert keeps == str(binaries[program].resolve())
    told = running.ended(running.dial("asks for the hours", "+12025550541", ListenUntil("welcome"), Press("5")))
    return told.result.said[-1].text

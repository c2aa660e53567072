"""Callers that a scenario file cannot describe: those of whose words the recognizer is not sure."""

from app.simulator.callers import Caller, ListenUntil, Press, SayWords, Step
from tests.scenarios.world import unsure

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

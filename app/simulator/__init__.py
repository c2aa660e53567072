"""A pretend carrier on the far side of HTTP: executes the server's TwiML with scripted callers and agents.

It imports nothing else of this project, so that it cannot share the server's mistakes, and knows the server only
through webhooks, media sockets and the REST API that it serves.
"""

from app.simulator.agents import Answer
from app.simulator.audio import AudioError
from app.simulator.callers import (
    After,
    Caller,
    DropStream,
    HangUp,
    ListenUntil,
    Press,
    SayWords,
    Speak,
    TypeWords,
    Wait,
    WaitFor,
)
from app.simulator.carrier import CallHandle, Carrier
from app.simulator.events import Event
from app.simulator.report import CallResult, Ring, Said
from app.simulator.rest.faults import Fault
from app.simulator.scenario import Agent, Scenario, ScenarioError, load_scenario, parse_scenario

__all__ = [
    "After",
    "Agent",
    "Answer",
    "AudioError",
    "CallHandle",
    "CallResult",
    "Caller",
    "Carrier",
    "DropStream",
    "Event",
    "Fault",
    "HangUp",
    "ListenUntil",
    "Press",
    "Ring",
    "Said",
    "SayWords",
    "Scenario",
    "ScenarioError",
    "Speak",
    "TypeWords",
    "Wait",
    "WaitFor",
    "load_scenario",
    "parse_scenario",
]

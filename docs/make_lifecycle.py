"""Writes docs/lifecycle.md from the tables of app/core/lifecycle.py: `python docs/make_lifecycle.py` after a change."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.entities import CallState, ReservationState, TaskState
from app.core.lifecycle import CALL, RESERVATION, TASK

PAGE = Path(__file__).with_name("lifecycle.md")

TASKS: Mapping[TaskState, str] = {
    TaskState.PENDING: "waits in a line; nobody is being rung for it",
    TaskState.RESERVED: "one or more agents' phones are ringing for it",
    TaskState.ASSIGNED: "an agent pressed the key and is with the caller",
    TaskState.WRAPPING: "the conversation is over; the agent is kept free to write it up",
    TaskState.COMPLETED: "served",
    TaskState.CANCELED: "ended unserved: the caller hung up or went elsewhere, such as to voicemail",
}
RESERVATIONS: Mapping[ReservationState, str] = {
    ReservationState.PENDING: "the agent's phone is to ring, rings, or they are being told who calls",
    ReservationState.ACCEPTED: "the agent pressed the key that takes the call",
    ReservationState.REJECTED: "the agent passed",
    ReservationState.TIMEOUT: "no answer, no key, a machine, or a line that dropped before they met the caller",
    ReservationState.CANCELED: "the caller has gone",
    ReservationState.RESCINDED: "taken back: another agent was faster, the caller moved, or the agent went off duty",
    ReservationState.WRAPPING: "the agent is kept free after the call",
    ReservationState.COMPLETED: "over; the agent may be rung again",
}
CALLS: Mapping[CallState, str] = {
    CallState.LISTENING: "we have asked, and listen for words and keys",
    CallState.TRANSCRIBING: "recorded words are being read",
    CallState.CONFIRMING: 'we asked back: "Did you want …?"',
    CallState.CHOOSING: "in a keypad menu",
    CallState.WAITING: "on hold in a line; there is a task",
    CallState.CONNECTED: "with an agent",
    CallState.FORWARDED: "being put through to, or talking with, an outside number",
    CallState.LEAVING_MESSAGE: "at the tone",
    CallState.TOLD: "hears a last sentence, then we hang up",
    CallState.ON_AGENT_LINE: "an agent who called in to go on or off duty",
    CallState.ENDED: "over",
}

HEADER = """# States and transitions

Made by `docs/make_lifecycle.py` from the tables in `app/core/lifecycle.py`, which are the only place where a
transition can be allowed; a test holds this page against them. What is not drawn raises `IllegalTransition` and
changes nothing.
"""


def page() -> str:
    """The whole page."""
    tasks = [(old, new, event.value) for old, row in TASK.items() for event, new in row.items()]
    reservations = [(old, new, event.value) for old, row in RESERVATION.items() for event, new in row.items()]
    calls = [(old, new, "") for old in CallState for new in CallState if new in CALL[old]]
    parts = [
        HEADER,
        _section("A task: one caller's place in line", dict(TASKS.items()), tasks),
        _section("A reservation: one offer of a task to an agent", dict(RESERVATIONS.items()), reservations),
        _section("A call: where the caller is", dict(CALLS.items()), calls),
    ]
    return "\n".join(parts)


def _section(title: str, words: Mapping[str, str], arrows: Sequence[tuple[str, str, str]]) -> str:
    left = {old for old, _, _ in arrows}
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(words))}"]
    lines += [f"    {old} --> {new}" + (f" : {label}" if label else "") for old, new, label in arrows]
    lines += [f"    {state} --> [*]" for state in words if state not in left]
    lines += ["```", "", "| state | means |", "|---|---|"]
    lines += [f"| `{state}` | {meaning} |" for state, meaning in words.items()]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""What the person on a leg hears: prompts that take their time and can be cut short."""

import time
from typing import Final, Literal

from app.simulator.facts import Prompt
from app.simulator.leg import Interrupt, Leg

_SETTLE_SECONDS: Final = 30.0


def never() -> bool:
    """Nothing to wait for but time, or an interruption."""
    return False


def hear(leg: Leg, kind: Literal["said", "played"], text: str, seconds: float) -> None:
    """Let the leg hear something for so long; an interruption cuts it short and is raised on."""
    prompt = Prompt(kind, text, time.monotonic())
    with leg.changed:
        leg.prompts.append(prompt)
        leg.changed.notify_all()
    leg.tell(kind, text)
    try:
        leg.wait(never, seconds)
    except Interrupt:
        prompt.cut = True
        raise
    finally:
        prompt.ended = time.monotonic()
        leg.poke()


def converse(leg: Leg, talks: float | None, patience: float | None) -> None:
    """Be a person in a conversation: wait for it, talk so long (None: as long as the other side), and hang up.

    Who is left alone stays on the line for a moment, since a hold or a transfer may follow.
    """
    leg.watch(lambda: bool(leg.talks), patience)
    while leg.talks and not leg.ended:
        if not leg.watch(lambda: leg.in_company, _SETTLE_SECONDS):
            break
        if not leg.watch(lambda: not leg.in_company, talks):
            break
    leg.hang_up("person")

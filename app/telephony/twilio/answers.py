"""Documents that depend on nothing: what a caller or an agent hears when we cannot do better."""

from app.core.instructions import HangUp, Instruction, Pause, Play, Say, Script
from app.telephony.twilio.links import Links
from app.telephony.twilio.twiml import render, render_hold

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'
_TRIES = 40
_PAUSE = 3
_WORD_EVERY = 5
_HOLD_PAUSE = 5
_MOMENT = "One moment, please."
_SORRY = "We are sorry, we cannot take your call right now. Please call again in a few minutes."
_AGENT_SORRY = "Sorry, this call cannot be connected right now. Goodbye."


def try_again(page: str, tries: int, links: Links) -> str:
    """Keeps a caller on the line and asks `page` again in a moment; for some two minutes, then says sorry."""
    if tries >= _TRIES:
        return sorry(links)
    words: tuple[Instruction, ...] = (Say(_MOMENT),) if tries % _WORD_EVERY == 0 else ()
    then = f"{page}?tries={tries + 1}"
    return render_hold(Script((*words, Pause(_PAUSE))), links, then=then)


def sorry(links: Links) -> str:
    """Ends a call that nothing can be done for."""
    return render(Script((Say(_SORRY), HangUp())), links)


def keep_holding(links: Links) -> str:
    """A little silence for somebody on hold; the hold page is asked again after it."""
    return render_hold(Script((Pause(_HOLD_PAUSE),)), links)


def agent_sorry(links: Links) -> str:
    """Ends an agent's leg."""
    return render(Script((Say(_AGENT_SORRY), HangUp())), links)


def hang_up(links: Links) -> str:
    """Ends a leg without a word."""
    return render(Script((HangUp(),)), links)


def ringing(links: Links) -> str:
    """What is heard in a room until the other party has come."""
    if not links.ringing:
        return keep_holding(links)
    return render_hold(Script((Play(links.ringing),)), links, then=links.page("/voice/ringing"))


def once_more(page: str, links: Links) -> str:
    """After a page could not be used: says so and goes on at another."""
    return render_hold(Script((Say(_MOMENT), Pause(1))), links, then=page)

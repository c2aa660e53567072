"""Say, Play and Pause: what the caller hears, for as long as it sounds."""

from typing import Final

from app.simulator.audio import AudioError, read_wav, seconds_of
from app.simulator.executor import Executor
from app.simulator.hearing import hear, never
from app.simulator.sources import Source
from app.simulator.twiml import Document, Trouble, Verb
from app.simulator.webhook import Request, WebhookFailed

_ENDLESS: Final = 1000
_UNREADABLE_SECONDS: Final = 0.2


def say(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """`loop="0"` says it a thousand times or until the caller hangs up."""
    seconds = len(verb.text) / executor.leg.exchange.settings.speech_rate
    for _ in range(verb.whole("loop") or _ENDLESS):
        hear(executor.leg, "said", verb.text, seconds)
    return None


def play(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Play a file for its true length, or keys for half a second each."""
    if verb.has("digits"):
        digits = verb.get("digits")
        hear(executor.leg, "played", digits, 0.5 * len(digits))
        return None
    url = executor.address(document, verb.text)
    sound = _sound(executor, url)
    seconds = seconds_of(sound) if sound is not None else _UNREADABLE_SECONDS
    for _ in range(verb.whole("loop") or _ENDLESS):
        hear(executor.leg, "played", url, seconds)
    return None


def pause(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Silence for whole seconds."""
    executor.leg.wait(never, verb.whole("length"))
    return None


def _sound(executor: Executor, url: str) -> bytes | None:
    """Fetch a sound once; the carrier keeps what it was given by GET."""
    leg = executor.leg
    sounds = leg.exchange.sounds
    if url in sounds:
        return sounds[url]
    try:
        reply = leg.web.send(Request(url, "GET", sid=leg.sid, purpose="sound"))
        sounds[url] = read_wav(reply.body)
    except WebhookFailed as failure:
        leg.trouble(Trouble(failure.code, f"{failure.url}: {failure.text}"), error=True)
        return None
    except AudioError as error:
        leg.trouble(Trouble(12300, f"{url}: {error}"), error=True)
        return None
    return sounds[url]

"""Gather: keys and words from the caller, during and after nested prompts."""

from collections.abc import Callable
from typing import Final

from app.simulator.executor import Executor
from app.simulator.facts import Typed
from app.simulator.hearing import never
from app.simulator.leg import Interrupt, Leg
from app.simulator.sources import Source
from app.simulator.twiml import Document, Verb
from app.simulator.verbs.prompts import pause, play, say
from app.simulator.webhook import Request

_PROMPTS: Final = {"Say": say, "Play": play, "Pause": pause}
_AUTO_SPEECH_TIMEOUT: Final = 0.5


class _Begun(Interrupt):
    """The caller began to answer: the prompt stops."""


def gather(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Collect keys or words; without any the next verb follows, unless actionOnEmptyResult says otherwise."""
    collector = _Collector(executor, verb, document)
    fields = collector.collect()
    if fields is None:
        if not verb.flag("actionOnEmptyResult"):
            return None
        fields = {"Digits": ""} if "dtmf" in verb.get("input") else {"SpeechResult": ""}
    return executor.follow(verb, document, fields)


class _Collector:
    """One running Gather. The first kind of input that is detected wins."""

    def __init__(self, executor: Executor, verb: Verb, document: Document) -> None:
        self._executor = executor
        self._leg: Leg = executor.leg
        self._verb = verb
        self._document = document
        kinds = verb.get("input").split()
        self._wants_keys = "dtmf" in kinds
        self._wants_words = "speech" in kinds

    def collect(self) -> dict[str, str] | None:
        """Play the prompts and wait; returns the action's extra fields, None for no input."""
        leg = self._leg
        with leg.changed:
            leg.keys.clear()
            leg.listening += 1
            leg.changed.notify_all()
        leg.tell("gathering", self._verb.get("input"))
        try:
            self._prompt()
            leg.wait(self._begun, self._verb.whole("timeout"))
            if self._wants_keys and leg.keys:
                return self._keys()
            if self._wants_words and leg.typed:
                return self._words(leg.typed.popleft())
            return None
        finally:
            with leg.changed:
                leg.listening -= 1
                leg.changed.notify_all()

    def _prompt(self) -> None:
        def interrupt() -> Interrupt | None:
            return _Begun() if self._begun() else None

        try:
            with self._leg.interrupted_by(interrupt):
                for child in self._verb.children:
                    _PROMPTS[child.name](self._executor, child, self._document)
        except _Begun:
            return

    def _begun(self) -> bool:
        return bool((self._wants_keys and self._leg.keys) or (self._wants_words and self._leg.typed))

    def _keys(self) -> dict[str, str] | None:
        """Take keys until the finishing one, enough of them, or a pause; an only finishing key is no input."""
        verb, keys = self._verb, self._leg.keys
        most = verb.whole("numDigits") if verb.has("numDigits") else 10**6
        finish = verb.get("finishOnKey")
        digits = ""
        while len(digits) < most and self._leg.wait(_some(keys), verb.whole("timeout")):
            key = keys.popleft()
            if key == finish:
                break
            digits += key
        return {"Digits": digits} if digits else None

    def _words(self, words: Typed) -> dict[str, str]:
        """The words take their time to say, and the silence that ends them; partial results are told meanwhile."""
        leg, verb = self._leg, self._verb
        self._tell_partial(words)
        leg.wait(never, len(words.text) / leg.exchange.settings.speech_rate)
        silence = verb.get("speechTimeout") or verb.get("timeout")
        leg.wait(never, _AUTO_SPEECH_TIMEOUT if silence == "auto" else float(silence))
        return {"SpeechResult": words.text, "Confidence": f"{words.confidence:.4f}"}

    def _tell_partial(self, words: Typed) -> None:
        url = self._verb.get("partialResultCallback")
        if not url:
            return
        leg = self._leg
        extra = {"UnstableSpeechResult": words.text, "Stability": "0.9", "SequenceNumber": "0"}
        request = Request(
            self._executor.address(self._document, url),
            self._verb.get("partialResultCallbackMethod") or "POST",
            leg.parameters(),
            extra,
            leg.sid,
            "partial result",
        )
        leg.exchange.notify(leg.sid, leg.web, request)


def _some(keys: object) -> Callable[[], bool]:
    return lambda: bool(keys)

"""Fetches TwiML documents and executes them on a leg, verb by verb, until nothing is left."""

import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from app.simulator.facts import Callback
from app.simulator.hearing import hear
from app.simulator.leg import HungUp, Leg, Replaced
from app.simulator.sources import Fetch, Inline, Source
from app.simulator.twiml import BadDocument, Document, Trouble, Verb, parse, played, spoken
from app.simulator.vocabulary import Context
from app.simulator.webhook import Reply, Request, WebhookFailed

APOLOGY: Final = "We are sorry, an application error has occurred. Goodbye."
_UNANSWERED: Final = frozenset({"Reject", "Pause", "Redirect"})

Handler = Callable[["Executor", Verb, Document], Source | None]


class NoDocument(Exception):
    """There is no TwiML to go on with: neither the address nor its fallback gave any."""

    def __init__(self, trouble: Trouble, url: str) -> None:
        super().__init__(f"{trouble} ({url})")
        self.trouble = trouble
        self.url = url


class Executor:
    """Executes documents on one leg; `handlers` says what each verb does."""

    def __init__(self, leg: Leg, handlers: Mapping[str, Handler]) -> None:
        self.leg = leg
        self.handlers = handlers

    def on(self, leg: Leg) -> "Executor":
        """The same for another leg."""
        return Executor(leg, self.handlers)

    # --- whole calls ---------------------------------------------------------------------------------------------

    def run_call(self, first: Source) -> None:
        """Execute a call from its first TwiML to its end, through all replacements over REST."""
        source: Source | None = first
        while source is not None:
            try:
                self.run(source, "call")
                self.leg.answer()
                self.leg.hang_up("server")
                return
            except Replaced as replaced:
                source = replaced.source
            except HungUp:
                return
            except NoDocument as failure:
                source = self._apologize(failure)

    def _apologize(self, failure: NoDocument) -> Source | None:
        """What a caller hears of a broken application, unless it is replaced meanwhile."""
        self.leg.failed = True
        self.leg.trouble(failure.trouble, error=True)
        try:
            self.leg.answer()
            hear(self.leg, "said", APOLOGY, len(APOLOGY) / self.leg.exchange.settings.speech_rate)
        except Replaced as replaced:
            return replaced.source
        except HungUp:
            return None
        self.leg.hang_up("carrier")
        return None

    def run(self, source: Source, context: Context) -> None:
        """Execute a document and those it leads to; returns when one of them ends with nothing left to do."""
        following: Source | None = source
        while following is not None:
            document = self.load(following, context)
            self.leg.check()
            following = self.perform(document)

    def perform(self, document: Document) -> Source | None:
        """Execute one document's verbs; returns where one of them leads."""
        for verb in document.verbs:
            self.leg.check()
            late = verb.name == "Dial" and verb.flag("answerOnBridge")
            if verb.name not in _UNANSWERED and not late:
                self.leg.answer()
            following = self.handlers[verb.name](self, verb, document)
            if following is not None:
                return following
        self.leg.check()
        return None

    # --- documents -----------------------------------------------------------------------------------------------

    def load(self, source: Source, context: Context) -> Document:
        """Get a document; where that fails, the one at the call's fallback address."""
        try:
            document = self._document(source, context)
        except (WebhookFailed, BadDocument) as failure:
            if context != "call":
                raise NoDocument(*_named(failure, source)) from failure
            document = self._fallback(failure, source)
        for warning in document.warnings:
            self.leg.trouble(warning)
        if self.leg.times.first_twiml is None:
            self.leg.times.first_twiml = time.monotonic()
        return document

    def _fallback(self, failure: WebhookFailed | BadDocument, source: Source) -> Document:
        trouble, url = _named(failure, source)
        fallback: Callback | None = self.leg.ends.fallback
        if fallback is None:
            raise NoDocument(trouble, url) from failure
        self.leg.trouble(trouble, error=True)
        fields = {"ErrorCode": str(trouble.code), "ErrorUrl": url}
        second = Fetch(fallback.url, fallback.method, fields)
        try:
            return self._document(second, "call", "fallback")
        except (WebhookFailed, BadDocument) as again:
            raise NoDocument(*_named(again, second)) from again

    def _document(self, source: Source, context: Context, purpose: str = "twiml") -> Document:
        if isinstance(source, Inline):
            return parse(source.twiml.encode(), "", "POST", context)
        reply = self.request(source, purpose)
        kind = reply.content_type.partition(";")[0].strip().lower()
        if kind in {"text/xml", "application/xml", "text/html"}:
            return parse(reply.body, reply.url, reply.method, context)
        if kind.startswith("audio/"):
            return played(reply.url)
        if kind == "text/plain":
            try:
                return parse(reply.body, reply.url, reply.method, context)
            except BadDocument:
                return spoken(reply.body.decode(errors="replace"), reply.url)
        raise BadDocument(12300, f"the content type {kind or '(none)'} is no TwiML")

    def request(self, fetch: Fetch, purpose: str = "twiml") -> Reply:
        """Send a webhook of this leg and wait for the answer."""
        leg = self.leg
        request = Request(fetch.url, fetch.method, leg.parameters(), fetch.fields, leg.sid, purpose)
        started = time.monotonic()
        failure: WebhookFailed | None = None
        leg.fetching = True
        try:
            return leg.web.send(request)
        except WebhookFailed as failed:
            failure = failed
            raise
        finally:
            leg.fetching = False
            leg.poke()
            if not leg.ended:
                seconds = time.monotonic() - started
                leg.exchange.note_webhook(leg.sid, fetch, seconds, failure)

    def follow(self, verb: Verb, document: Document, fields: Mapping[str, str], attribute: str = "action") -> Fetch:
        """The request that a verb's action (by default the document itself) asks for."""
        value = verb.get(attribute)
        if not document.url and not urlsplit(value).scheme:
            raise NoDocument(Trouble(11100, f"<{verb.name} {attribute}={value!r}> must be absolute here"), value)
        method = verb.get("method") if value or not document.url else document.method
        return Fetch(urljoin(document.url, value), method or "POST", fields)

    def tell(self, verb: Verb, document: Document, fields: Mapping[str, str]) -> None:
        """Ask for a verb's action although its answer cannot be heard any more, beside what the leg does."""
        if not verb.get("action"):
            return
        leg = self.leg
        try:
            fetch = self.follow(verb, document, fields)
        except NoDocument as failure:
            leg.trouble(failure.trouble, error=True)
            return
        request = Request(fetch.url, fetch.method, leg.parameters(), fetch.fields, leg.sid, "unheard action")
        leg.exchange.notify(leg.sid, leg.web, request)

    @staticmethod
    def address(document: Document, url: str) -> str:
        """An address in a document, made absolute."""
        return urljoin(document.url, url)


def _named(failure: WebhookFailed | BadDocument, source: Source) -> tuple[Trouble, str]:
    if isinstance(failure, WebhookFailed):
        return Trouble(failure.code, failure.text), failure.url
    return failure.trouble, source.url if isinstance(source, Fetch) else ""

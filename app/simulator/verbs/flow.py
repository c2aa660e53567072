"""Redirect, Reject, Hangup and Leave: verbs that only say how the call goes on."""

from urllib.parse import urljoin, urlsplit

from app.simulator.executor import Executor, NoDocument
from app.simulator.leg import HungUp, Interrupt
from app.simulator.sources import Fetch, Source
from app.simulator.twiml import Document, Trouble, Verb


class Left(Interrupt):
    """A waiting document says Leave."""


def redirect(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Go on with another document; an empty address is this document again."""
    if not document.url and not urlsplit(verb.text).scheme:
        raise NoDocument(Trouble(11100, "<Redirect> must be absolute here"), verb.text)
    return Fetch(urljoin(document.url, verb.text), verb.get("method"))


def reject(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Refuse a call that has not been answered; one that has is only hung up."""
    leg = executor.leg
    if leg.status == "in-progress":
        leg.hang_up("server")
    else:
        leg.refused = True
        leg.hang_up("server", "busy" if verb.get("reason") == "busy" else "no-answer")
    raise HungUp


def hang_up(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """End the call."""
    executor.leg.hang_up("server")
    raise HungUp


def leave(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Leave the queue; only a waiting document may say it."""
    raise Left

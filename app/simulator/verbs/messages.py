"""Message: a text that a document sends, to a caller or in answer to a text."""

from app.simulator.executor import Executor
from app.simulator.sources import Source
from app.simulator.texts import send_text
from app.simulator.twiml import Document, Verb


def message(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Send a text; by default to whoever is on the leg."""
    ends = executor.leg.ends
    body = " ".join(child.text for child in verb.nouns("Body")) or verb.text
    send_text(executor.leg.exchange, verb.get("from") or ends.to, verb.get("to") or ends.from_number, body)
    return None

"""Who was lost: a call without its next TwiML for five seconds, or with another end than its scenario's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.simulator.carrier import CallHandle
from app.simulator.report import CallResult
from app.simulator.webhook import WebhookRecord

LONGEST_SECONDS = 5.0
_DOCUMENTS = frozenset({"twiml", "fallback"})


@dataclass(frozen=True)
class Loss:
    """A call that was lost, when (monotonic) and why."""

    name: str
    sid: str
    at: float
    why: str


def losses(handles: Iterable[CallHandle]) -> list[Loss]:
    """Every ended call of these that was lost; at most one line a call."""
    found = (next(_faults(handle), None) for handle in handles)
    return [loss for loss in found if loss is not None]


def _faults(handle: CallHandle) -> Iterator[Loss]:
    result, leg = handle.result, handle.leg
    ended = leg.times.ended
    for record, seconds in silences(result.webhooks, ended if result.ended_by == "person" else None):
        what = record.error or f"answered {record.status}"
        why = f"{seconds:.1f} s without TwiML after {record.path} ({what})"
        yield Loss(result.name, result.sid, _end(record), why)
    if ended is None:
        yield Loss(result.name, result.sid, leg.times.started, "never ended")
    elif result.outcome not in right_ends(result):
        why = f"ended as {result.outcome} by {result.ended_by} after {ended - leg.times.started:.0f} s"
        notes = "; ".join((*result.troubles, *result.notes))
        yield Loss(result.name, result.sid, ended, f"{why}, not as {' or '.join(right_ends(result))}. {notes}")


def right_ends(result: CallResult) -> list[str]:
    """How this call may end."""
    ends = result.expect.get("ends")
    return [str(end) for end in ends] if isinstance(ends, list) else []


def silences(records: Sequence[WebhookRecord], hung_up: float | None) -> Iterator[tuple[WebhookRecord, float]]:
    """Requests for TwiML after which nothing usable came within five seconds, and how long that took.

    A failed request counts until the carrier has a document from its retry or fallback; a caller who hung up first
    (`hung_up`) waited no longer than that.
    """
    asked = sorted((record for record in records if record.purpose in _DOCUMENTS), key=lambda record: record.started)
    for position, record in enumerate(asked):
        arrived = next((_end(later) for later in asked[position:] if 200 <= later.status < 300), hung_up)
        seconds = float("inf") if arrived is None else arrived - record.started
        if seconds > LONGEST_SECONDS:
            yield record, seconds


def _end(record: WebhookRecord) -> float:
    return record.started + record.seconds

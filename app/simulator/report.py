"""What became of each call, as the carrier saw it, and where that differs from what a scenario expects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from app.simulator.callers import Caller
from app.simulator.exchange import Exchange
from app.simulator.facts import Talk
from app.simulator.leg import Leg
from app.simulator.recording import Recording
from app.simulator.webhook import WebhookRecord

Outcome = Literal["connected", "voicemail", "abandoned", "message", "refused", "failed"]
SEEN_KEYS: Final = frozenset({"outcome", "agent", "agents", "said", "not_said", "connected_before", "rung"})


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the caller was told or played; `at` in seconds after the scenario began."""

    kind: Literal["said", "played"]
    text: str
    at: float
    cut: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring of an agent's phone and what came of it.

    `did` is accepted, accepted too late, declined, keys, silent, voicemail, hung up, ignored, busy or canceled.
    """

    agent: str
    number: str
    sid: str
    at: float
    did: str


@dataclass(frozen=True, slots=True)
class CallResult:
    """The story of one call.

    `waited` is from the first TwiML to the bridge, `talked` the time in conversation, both in seconds (None: never).
    `rung` holds the rings that the carrier can attribute to this call: those bridged with it, dialled by it, carrying
    its SID in an address, or made while it was the only one waiting. `mismatches` covers the keys of `expect` that a
    carrier can see; the others are for whoever knows more.
    """

    name: str
    from_number: str
    sid: str
    outcome: Outcome
    agent: str
    agents: tuple[str, ...]
    rung: tuple[Ring, ...]
    said: tuple[Said, ...]
    started: float
    ended: float
    ended_by: str
    waited: float | None
    talked: float | None
    connected_at: float | None
    recordings: tuple[Recording, ...]
    troubles: tuple[str, ...]
    webhooks: tuple[WebhookRecord, ...]
    notes: tuple[str, ...] = ()
    expect: Mapping[str, object] = field(default_factory=dict)
    mismatches: tuple[str, ...] = ()

    @property
    def slowest_webhook(self) -> float:
        """The longest that this call waited for an answer, in seconds."""
        return max((record.seconds for record in self.webhooks), default=0.0)


def result_of(exchange: Exchange, leg: Leg, caller: Caller, notes: Sequence[str]) -> CallResult:
    """Put together what is known of an ended call."""
    offset = exchange.log.offset
    with exchange.lock:
        talks = list(leg.talks)
        first = talks[0].started if talks else None
        times = leg.times
        return CallResult(
            name=caller.name,
            from_number=caller.from_number,
            sid=leg.sid,
            outcome=_outcome(leg),
            agent=talks[0].person if talks else "",
            agents=tuple(dict.fromkeys(talk.person for talk in talks)),
            rung=_rings(exchange, leg),
            said=tuple(Said(p.kind, p.text, offset(p.started), p.cut) for p in leg.prompts),
            started=offset(times.started),
            ended=offset(times.ended or times.started),
            ended_by=leg.ended_by,
            waited=None if first is None else round(first - (times.first_twiml or times.started), 3),
            talked=None if first is None else round(_talk_seconds(talks, times.ended), 3),
            connected_at=None if first is None else offset(first),
            recordings=tuple(exchange.recordings[sid] for sid in leg.recordings),
            troubles=tuple(str(trouble) for trouble in leg.troubles),
            webhooks=tuple(record for record in exchange.journal.all() if record.sid == leg.sid),
            notes=tuple(notes),
            expect=caller.expect,
        )


def _outcome(leg: Leg) -> Outcome:
    if leg.talks:
        return "connected"
    if leg.recordings:
        return "voicemail"
    if leg.refused:
        return "refused"
    if leg.failed:
        return "failed"
    return "abandoned" if leg.ended_by == "person" else "message"


def _talk_seconds(talks: Sequence[Talk], ended: float | None) -> float:
    """The time in company: overlapping talks, as in a transfer, count once."""
    total, until = 0.0, 0.0
    for talk in sorted(talks, key=lambda talk: talk.started):
        end = talk.ended or ended or talk.started
        total += max(0.0, end - max(talk.started, until))
        until = max(until, end)
    return total


def rings_of(exchange: Exchange) -> tuple[Ring, ...]:
    """Every ring of a phone, whoever it was for."""
    with exchange.lock:
        return tuple(_ring(exchange, leg) for leg in exchange.legs.values() if leg.ends.direction != "inbound")


def _rings(exchange: Exchange, caller: Leg) -> tuple[Ring, ...]:
    others = [leg for leg in exchange.legs.values() if leg.ends.direction != "inbound"]
    return tuple(_ring(exchange, leg) for leg in others if _concerns(leg, caller))


def _concerns(leg: Leg, caller: Leg) -> bool:
    partners = {talk.sid for talk in caller.talks}
    return (
        leg.sid in partners
        or leg.ends.parent_sid == caller.sid
        or caller.sid in leg.about
        or leg.sole_waiting == caller.sid
    )


def _ring(exchange: Exchange, leg: Leg) -> Ring:
    return Ring(leg.ends.person, leg.ends.to, leg.sid, exchange.log.offset(leg.times.started), _did(leg))


def _did(leg: Leg) -> str:
    if leg.talks:
        return "accepted"
    if leg.status in {"busy", "canceled"}:
        return leg.status
    if leg.status == "no-answer":
        return "ignored"
    words = {"accept": "accepted too late", "decline": "declined", "hang_up": "hung up", "ignore": "ignored"}
    return words.get(leg.conduct, leg.conduct or leg.status)


def mismatches(result: CallResult, others: Mapping[str, CallResult]) -> tuple[str, ...]:
    """Compare a result with what its scenario expects of it, in words."""
    expect = result.expect
    found = list(result.notes)
    outcome = expect.get("outcome")
    if outcome is not None and outcome != result.outcome:
        found.append(f"ended as {result.outcome}, expected {outcome}")
    wanted = _texts(expect.get("agent"))
    if wanted and not set(wanted) & set(result.agents):
        found.append(f"spoke with {', '.join(result.agents) or 'nobody'}, expected {' or '.join(wanted)}")
    rung = [ring.agent for ring in result.rung]
    found.extend(f"{name} was not rung" for name in _texts(expect.get("rung")) if name not in rung)
    heard = " … ".join(said.text for said in result.said if said.kind == "said").casefold()
    found.extend(f"never heard {text!r}" for text in _texts(expect.get("said")) if text.casefold() not in heard)
    found.extend(f"heard {text!r}" for text in _texts(expect.get("not_said")) if text.casefold() in heard)
    found.extend(_order(result, name, others) for name in _texts(expect.get("connected_before")))
    return tuple(text for text in found if text)


def _order(result: CallResult, name: str, others: Mapping[str, CallResult]) -> str:
    other = others.get(name)
    if result.connected_at is None:
        return f"was never connected, expected before {name}"
    if other is not None and other.connected_at is not None and other.connected_at <= result.connected_at:
        return f"was connected after {name}, expected before"
    return ""


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(text) for text in value)
    return (str(value),)

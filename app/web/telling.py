"""A call's story as sentences: what each event means to the people who read it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from app.core.events import Event, EventType
from app.ports.history import PastCall, Story

Texts = Mapping[str, str]
Sentence = Callable[[Event, Texts], str]


def story(told: Story) -> dict[str, Any]:
    """The call and its events in order, each with a sentence, the words heard, and its reasons."""
    return {
        "call": {**summary(told.call), "caller": told.personal.get("caller", "")},
        "events": [_line(delivered.id, delivered.event, told.personal) for delivered in told.events],
    }


def summary(call: PastCall) -> dict[str, Any]:
    """One past call as the API gives it; the number is personal, and only in the story."""
    return {
        "call": call.sid,
        "started": call.started,
        "ended": call.ended,
        "outcome": call.outcome,
        "route": call.route,
        "queue": call.queue,
        "agent": call.agent,
        "waited_ms": call.waited_ms,
        "talked_ms": call.talked_ms,
        "mood": call.mood,
        "config": call.config,
        "erased": call.erased,
    }


def _line(event_id: str, event: Event, texts: Texts) -> dict[str, Any]:
    return {
        "id": event_id,
        "at": event.at,
        "type": event.type.value,
        "title": _TITLES.get(event.type, _by_name)(event, texts),
        "heard": _words(event, texts),
        "why": _why(event),
        "minor": event.is_intent or event.type not in _TITLES or event.type in _MINOR,
        "agent": event.worker,
        "data": dict(event.data),
    }


def _words(event: Event, texts: Texts) -> str:
    if event.type is not EventType.CALL_LISTENED:
        return ""
    return texts.get(f"heard:{event.data.get('number', '')}", "")


def _why(event: Event) -> str:
    """The reasons of a decision, in the words of whoever decided."""
    if event.type is EventType.CALL_LISTENED:
        return _understood(event)
    reasons = event.data.get("reasons")
    several = [str(reason) for reason in reasons] if isinstance(reasons, list) else []
    return "; ".join(filter(None, (str(event.data.get("reason") or ""), *several)))


def _understood(event: Event) -> str:
    data = event.data
    route = str(data.get("route") or "")
    parts = [f"sounds {data.get('mood', 'neutral')}"]
    parts.append(f"means {route} ({_percent(data.get('certainty'))} sure)" if route else "fits no route")
    if data.get("person") is True:
        parts.append("asks for a person")
    parts.append(f"recognizer {_percent(data.get('confidence'))} sure")
    return ", ".join(parts)


def _percent(share: object) -> str:
    return f"{round(100 * share)} %" if isinstance(share, int | float) else "not"


def _seconds(event: Event, name: str) -> str:
    value = event.data.get(name)
    return f" after {round(value / 1000)} s" if isinstance(value, int) else ""


def _named(event: Event, name: str) -> str:
    value = event.data.get(name)
    return "" if value is None else str(value).removeprefix("@")


def _agent(event: Event, _texts: Texts) -> str:
    return event.worker or "an agent"


def _says(template: str) -> Sentence:
    """A sentence in which {agent}, {queue} … stand for what the event says."""

    def say(event: Event, texts: Texts) -> str:
        words = {name: _named(event, name) for name in event.data}
        blanks = dict.fromkeys(("queue", "previous", "priority", "seconds", "outcome", "activity", "turn"), "")
        return template.format(**{**blanks, **words, "agent": _agent(event, texts)})

    return say


def _answered(event: Event, texts: Texts) -> str:
    extras = []
    if event.data.get("vip") is True:
        extras.append("a VIP")
    earlier = event.data.get("earlier")
    if isinstance(earlier, int) and earlier:
        extras.append(f"{earlier} earlier call{'s' if earlier > 1 else ''}")
    return "Answered" + (f" ({', '.join(extras)})" if extras else "")


def _moved(event: Event, texts: Texts) -> str:
    state = _named(event, "state").replace("_", " ")
    kind, place = _named(event, "kind").replace("_", " "), _named(event, "to")
    return f"Now {state}" + (f": {kind} {place}".rstrip() if kind else "")


def _by_name(event: Event, texts: Texts) -> str:
    """What no caller's story is about, in the words of its own name."""
    return event.type.value.replace(".", " ").replace("-", " ").capitalize()


_MINOR = frozenset({EventType.TASK_RETRIED, EventType.RESERVATION_WRAPUP})
_TITLES: Mapping[EventType, Sentence] = {
    EventType.CALL_ANSWERED: _answered,
    EventType.CALL_LISTENED: _says("Heard"),
    EventType.CALL_MOVED: _moved,
    EventType.CALL_ENDED: _says("Ended: {outcome}"),
    EventType.MESSAGE_LEFT: _says("Left a message of {seconds} s"),
    EventType.TASK_CREATED: _says("Joined the line for {queue}, priority {priority}"),
    EventType.TASK_MOVED: _says("Moved from {previous} to {queue}"),
    EventType.TASK_RAISED: _says("Raised to priority {priority}"),
    EventType.TASK_RETRIED: _says("Looked for an agent again"),
    EventType.TASK_ASSIGNED: lambda event, texts: f"{_agent(event, texts)} took it{_seconds(event, 'waited')}",
    EventType.TASK_WRAPPING: lambda event, texts: f"{_agent(event, texts)} wraps up{_seconds(event, 'talked')}",
    EventType.TASK_COMPLETED: _says("Done; {agent} is free again"),
    EventType.TASK_CANCELED: lambda event, texts: f"Left the line{_seconds(event, 'waited')}",
    EventType.RESERVATION_CREATED: _says("Offered to {agent}"),
    EventType.RESERVATION_RINGING: _says("{agent}’s phone rings"),
    EventType.RESERVATION_ACCEPTED: _says("{agent} accepted"),
    EventType.RESERVATION_REJECTED: _says("{agent} declined"),
    EventType.RESERVATION_TIMEOUT: _says("{agent} did not take it"),
    EventType.RESERVATION_CANCELED: _says("Offer to {agent} withdrawn"),
    EventType.RESERVATION_RESCINDED: _says("Offer to {agent} taken back"),
    EventType.RESERVATION_COMPLETED: _says("{agent} finished"),
    EventType.RESERVATION_WRAPUP: _says("{agent} began to wrap up"),
    EventType.WORKER_CHANGED: _says("{agent} is now {activity}"),
    EventType.ALERT_LINK_SUSPECTED: _says("Offers to agents fail together: our own line is suspected"),
    EventType.ALERT_LINK_RESTORED: _says("An agent answered: our own line works again"),
    EventType.CONFIG_LOADED: _says("The owner’s file was read"),
    EventType.INTENT_REDIRECT: _says("Carrier told to fetch step {turn}"),
    EventType.INTENT_RING: _says("Carrier told to ring {agent}"),
    EventType.INTENT_HANG_UP: _says("Carrier told to end {agent}’s leg"),
    EventType.INTENT_CHECK: _says("Carrier asked how the call is"),
    EventType.INTENT_TELL: _says("Message sent to {agent}"),
    EventType.INTENT_TRANSCRIBE: _says("Recording handed over for transcription"),
}

"""`switchboard explain`: a call or task, every offer decided again on its facts, and why it still waits."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from app.bootstrap.installation import Installation
from app.commands.failures import AnswerIsNo
from app.commands.looking import open_past
from app.core.config import Escalation
from app.core.decisions import FACTS, Decision, read
from app.core.entities import Call, Task
from app.core.events import Event, EventType
from app.ports.store import StoreUnavailable
from app.settings import Settings
from app.usecases.explaining import Explanation, Waiting
from app.usecases.explaining import explain as explain_task
from app.web.telling import story

KEPT = 10_000


def explain(settings: Settings, sid: str, *, as_json: bool) -> str:
    """Everything known of a call (CA…) or task (WT…); raises AnswerIsNo where there is nothing."""
    installation = Installation(settings)
    live, offers = _live(installation, sid)
    told = _story(settings, sid) if live is None or live.task.call else None
    if told is None and live is None:
        raise AnswerIsNo(f"{sid}: history has no such call, and the running server no such task.")
    decisions = offers or _decisions(told["events"] if told else ())
    if as_json:
        return json.dumps(_document(told, decisions, live), indent=2)
    return "\n".join((*_told(told), *_offers(decisions), *_state(live)))


def _story(settings: Settings, sid: str) -> dict[str, Any] | None:
    with open_past(settings) as history:
        found = history.story(sid)
    return story(found) if found else None


def _live(installation: Installation, sid: str) -> tuple[Explanation | None, tuple[Decision, ...]]:
    """The task of this sid, or of the call of this sid, in whichever workspace it is; nothing if no server runs."""
    if installation.settings.redis_url is None:
        return None, ()
    try:
        for context in installation.workspaces.all():
            call = context.store.get(Call, sid)
            found = explain_task(context, call.task if call else sid)
            if found:
                events = [item.event for item in context.store.since("0", count=KEPT)]
                return found, tuple(_read(event) for event in events if _is_offer(event, found.task))
    except StoreUnavailable:
        return None, ()
    return None, ()


def _is_offer(event: Event, task: Task) -> bool:
    return event.type is EventType.RESERVATION_CREATED and event.task == task.sid and FACTS in event.data


def _read(event: Event) -> Decision:
    return read(str(event.data[FACTS]))


def _decisions(events: Sequence[dict[str, Any]]) -> tuple[Decision, ...]:
    return tuple(read(event["data"][FACTS]) for event in events if FACTS in event["data"])


def _told(told: dict[str, Any] | None) -> Iterator[str]:
    """The story, one line an event."""
    events: list[dict[str, Any]] = told["events"] if told else []
    started = events[0]["at"] if events else 0
    for event in events:
        if event["minor"]:
            continue
        heard = f' "{event["heard"]}"' if event["heard"] else ""
        why = f"  [{event['why']}]" if event["why"] else ""
        yield f"{(event['at'] - started) / 1000:7.1f}s  {event['title']}{heard}{why}"


def _offers(decisions: Sequence[Decision]) -> Iterator[str]:
    for number, decision in enumerate(decisions, 1):
        yield f"\nOffer {number}, decided again on the facts it was decided on:"
        chosen = {worker.sid for worker in decision.chosen()}
        for place, item in enumerate(decision.ranking(), 1):
            mark = "asked" if item.worker.sid in chosen else "not asked"
            yield f"  {place}. {item.worker.sid}: {item.why} ({mark})"
        for worker, why in decision.left_out():
            yield f"  -  {worker.sid}: {why}"
        if decision.unseen:
            yield f"  and {decision.unseen} more, who came after these"


def _state(live: Explanation | None) -> Iterator[str]:
    if live is None:
        return
    task = live.task
    yield f"\n{task.sid}: {task.state.value} in {task.queue or 'no queue'}, priority {task.priority}"
    for tried in live.tried:
        where = f"filter {tried.filter_name!r}" + (f", target {tried.target + 1}" if tried.target >= 0 else "")
        yield f"  {where}: {tried.sentence()}"
    for step in live.ahead:
        yield f"  after {step.after} s: {_next(step)}"
    if live.waiting:
        yield from _waiting(live.waiting)


def _next(step: Escalation) -> str:
    """What an escalation step does, in words."""
    parts = [f"priority +{step.raise_by}"] if step.raise_by else []
    parts += [f"served by whoever has {step.serves}"] if step.serves else []
    parts += [f"{step.target.kind.value} {step.target.value}".rstrip()] if step.target else []
    return ", ".join(parts) or step.say or "nothing"


def _waiting(waiting: Waiting) -> Iterator[str]:
    yield f"Why it waits: {waiting.ahead} ahead in its lane"
    for looked in waiting.looked:
        yield f"  {looked.worker}: {looked.why or 'could take it'}"
    yield f"The smallest change: {waiting.prospect.sentence()}."


def _document(told: dict[str, Any] | None, decisions: Sequence[Decision], live: Explanation | None) -> dict[str, Any]:
    """The same for programs."""
    document: dict[str, Any] = dict(told or {})
    document["offers"] = [
        {
            "asked": [worker.sid for worker in each.chosen()],
            "ranking": [{"worker": item.worker.sid, "why": item.why} for item in each.ranking()],
            "left_out": [{"worker": worker.sid, "why": why} for worker, why in each.left_out()],
            "unseen": each.unseen,
        }
        for each in decisions
    ]
    if live:
        document["task"] = {"sid": live.task.sid, "state": live.task.state.value, "queue": live.task.queue}
        document["tried"] = [{**asdict(tried), "sentence": tried.sentence()} for tried in live.tried]
        document["ahead"] = [{"after": step.after, "what": _next(step)} for step in live.ahead]
        document["waiting"] = _waiting_document(live.waiting) if live.waiting else None
    return document


def _waiting_document(waiting: Waiting) -> dict[str, Any]:
    return {
        "ahead": waiting.ahead,
        "workers": [asdict(looked) for looked in waiting.looked],
        "smallest_change": waiting.prospect.sentence(),
        "changes": [remedy.words for remedy in waiting.prospect.remedies],
        "enough": waiting.prospect.enough,
    }

"""Checks where callers go on to when whom they asked for does not come, or when the business closes."""

from collections.abc import Iterator, Mapping

from app.core.config import TargetKind
from app.owner.look import Look
from app.owner.problems import Problem
from app.owner.schema import OwnerFile


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Circles, closing times of a business that never closes, and places to gain where there are none."""
    closing = {name: queue.at_closing for name, queue in file.queues.items() if queue.at_closing}
    onwards = {name: to.value for name, to in closing.items() if to.kind is TargetKind.QUEUE}
    for name in closing:
        path = ("queues", name, "at closing")
        if file.hours is None:
            yield look.at_value(path, "you never close", "add `hours`, or remove this line")
        elif _circles(onwards, name):
            yield look.at_value(path, "at closing time callers would come back here", "let one of them lead elsewhere")
    asked = {name: agent.asked_for.then for name, agent in file.agents.items() if agent.asked_for}
    others = {name: to.value for name, to in asked.items() if to and to.kind is TargetKind.PERSON}
    for name in others:
        if _circles(others, name):
            hint = "let one of them lead to a queue or voicemail"
            yield look.at_value(("agents", name, "asked for", "then"), "callers would come back here", hint)
    for index, rule in enumerate(file.priorities):
        queue = file.queues.get(rule.queue or "")
        if rule.raise_places and queue and queue.order == "newest first":
            hint = "who comes last is first there already; write `ahead: yes`, or `raise by`"
            where = ("priorities", index, "raise places")
            yield look.at_value(where, "a queue served newest first has no places to gain", hint)


def _circles(onwards: Mapping[str, str], start: str) -> bool:
    """Whether the way from `start` comes back to it."""
    here, seen = onwards.get(start), {start}
    while here is not None and here not in seen:
        seen.add(here)
        here = onwards.get(here)
    return here == start

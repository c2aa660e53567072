"""Checks who goes first in a queue and who is asked first, and what is made of offers that nobody takes."""

from collections.abc import Iterator

from app.core.config import LinkWatch
from app.owner.look import Look
from app.owner.problems import Problem, did_you_mean
from app.owner.references import Path
from app.owner.schema import OwnerFile, QueueSheet


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Settings that contradict each other, lack their other half, or name a skill that nobody has."""
    has = {skill for agent in file.agents.values() for skill in agent.skills}
    for name, queue in file.queues.items():
        path = ("queues", name)
        if queue.ageing and queue.order == "newest first":
            hint = "ageing puts whoever has waited longer first; remove `ageing`, or write `order: oldest first`"
            yield look.at_value((*path, "ageing"), "a queue served newest first cannot have `ageing`", hint)
        if queue.strategy == "ring all" and queue.ring_at_once is not None:
            hint = "remove it, or choose another strategy and ring so many of them"
            yield look.at_value((*path, "ring at once"), "`ring all` rings every free agent at once", hint)
        yield from _skill(look, path, queue, has)
    watch = file.offers.suspect_link
    if watch is not None:
        failed, of = watch.failed or LinkWatch().failed, watch.of or LinkWatch().of
        if failed > of:
            written = "failed" if watch.failed else "of"
            hint = f"now {failed} of {of}; let `of` be the larger"
            yield look.at_value(("offers", "suspect link", written), "more offers than are looked at cannot fail", hint)


def _skill(look: Look, path: Path, queue: QueueSheet, has: set[str]) -> Iterator[Problem]:
    by_skill = queue.strategy == "skill level"
    if by_skill and not queue.skill:
        hint = "add `skill:` and the skill whose level counts"
        yield look.at_value((*path, "strategy"), "this strategy does not know which skill counts", hint)
    if not queue.skill:
        return
    if not by_skill:
        hint = "add `strategy: skill level`, or remove it"
        yield look.at_value((*path, "skill"), "no strategy of this queue looks at a skill", hint)
    elif look.agents_complete and queue.skill not in has:
        hint = did_you_mean(queue.skill, has, "give it to an agent")
        yield look.at_value((*path, "skill"), f'no agent has the skill "{queue.skill}"', hint)

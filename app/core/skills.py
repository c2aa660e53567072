"""What a queue's rule sees of an agent, and which agents it lets serve."""

from collections.abc import Mapping

from app.core.config import Agent, Config
from app.core.expressions import parse

PERSON = "@"
ATTRIBUTES = ("name", "skills", "levels", "languages")


def worker_attributes(agent: Agent) -> Mapping[str, object]:
    """The attributes of a worker: `skills HAS 'orders' AND levels.orders >= 2 AND languages HAS 'en'`."""
    return {
        "name": agent.name,
        "skills": sorted(agent.skills),
        "levels": dict(agent.skills),
        "languages": list(agent.languages),
    }


def person_queue(agent_name: str) -> str:
    """The name of the queue that only this agent serves, for callers who asked for them."""
    return PERSON + agent_name


def serving(config: Config, queue_name: str, serves: str | None = None) -> tuple[str, ...]:
    """Names of those who may serve a queue, in alphabetical order; `serves` replaces the queue's own rule."""
    if queue_name.startswith(PERSON):
        name = queue_name.removeprefix(PERSON)
        return (name,) if name in config.agents else ()
    queue = config.queues.get(queue_name)
    if queue is None:
        return ()
    return tuple(name for name in sorted(config.agents) if may_serve(config.agents[name], serves or queue.serves))


def may_serve(agent: Agent, rule: str) -> bool:
    """Whether a queue's rule lets this agent serve it; those kept for escalation serve no queue by rule."""
    return not agent.escalation_only and parse(rule).holds(worker_attributes(agent))

"""What a queue's rule sees of an agent, and which agents it lets serve."""

from collections.abc import Collection, Mapping

from app.core.config import Agent, Config
from app.core.expressions import parse

PERSON = "@"
WIDER = "+"
ESCALATION_ONLY = "escalation_only"
ATTRIBUTES = ("name", "skills", "levels", "languages")


def worker_attributes(agent: Agent) -> Mapping[str, object]:
    """The attributes of a worker: `skills HAS 'orders' AND levels.orders >= 2 AND languages HAS 'en'`."""
    known: dict[str, object] = {
        "name": agent.name,
        "skills": sorted(agent.skills),
        "levels": dict(agent.skills),
        "languages": list(agent.languages),
    }
    return {**known, ESCALATION_ONLY: True} if agent.escalation_only else known


def person_queue(agent_name: str) -> str:
    """The name of the queue that only this agent serves, for callers who asked for them."""
    return PERSON + agent_name


def lines(config: Config) -> tuple[str, ...]:
    """Every line callers can stand in: the queues, their widened forms, and each agent's own."""
    widened = (
        wider_line(queue.name, number)
        for queue in config.queues.values()
        for number, step in enumerate(queue.escalation)
        if step.serves
    )
    return tuple(sorted({*config.queues, *widened, *(person_queue(name) for name in config.agents)}))


def wider_line(queue_name: str, step: int) -> str:
    """The line of a queue's callers for whom escalation step number `step` has widened who may serve."""
    return f"{queue_name}{WIDER}{step}"


def split_line(name: str) -> tuple[str, int | None]:
    """The queue of a line, and the number of the step that widened it, if one did."""
    queue, mark, step = name.partition(WIDER)
    return queue, int(step) if mark else None


def ring_of(queues: Collection[str], line: str) -> int:
    """In which ring of a widened line somebody stands who serves these `queues`: 0 is the queue's own, then each wider.

    Whoever may serve the line only because the last step named them stands in the outermost.
    """
    queue, step = split_line(line)
    rings = (queue, *(wider_line(queue, number) for number in range((-1 if step is None else step) + 1)))
    return next((number for number, ring in enumerate(rings) if ring in queues), len(rings))


def serving(config: Config, line: str) -> tuple[str, ...]:
    """Names of those who may serve a line, in alphabetical order."""
    if line.startswith(PERSON):
        name = line.removeprefix(PERSON)
        return (name,) if name in config.agents else ()
    name, step = split_line(line)
    queue = config.queues.get(name)
    if queue is None:
        return ()
    rule = queue.serves if step is None else queue.escalation[step].serves or queue.serves
    return tuple(name for name in sorted(config.agents) if may_serve(config.agents[name], rule))


def may_serve(agent: Agent, rule: str) -> bool:
    """Whether a queue's rule lets this agent serve it; those kept for escalation serve no queue by rule."""
    return not agent.escalation_only and parse(rule).holds(worker_attributes(agent))

"""The owner's file in TaskRouter's terms: its agents' activities, its queues, and one workflow that leads to them."""

import json

from app.core.config import Agent, Config, Escalation, Order, Queue, TargetKind
from app.core.entities import Activity
from app.core.routing import sids
from app.core.routing.definitions import (
    DEFAULT_CHANNELS,
    Rules,
    Strategy,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.skills import ESCALATION_ONLY, PERSON, lines, person_queue, split_line, wider_line
from app.core.workflow import queue_of

WORKFLOW = "calls"
_AVAILABLE = {Activity.AVAILABLE: True, Activity.BREAK: False, Activity.OFF: False}


def owner_rules(config: Config, workspace: str) -> Rules:
    """Everything the owner's file defines, with the owner's own names as identities."""
    queues = {name: _queue(config, name) for name in lines(config)}
    return Rules(
        workspace=Workspace(
            sid=workspace, name=config.business, default_activity=Activity.OFF, timeout_activity=Activity.OFF,
            multi_task=False, from_file=True,
        ),
        activities={
            name.value: WorkerActivity(sid=name.value, name=name.value, available=available, from_file=True)
            for name, available in _AVAILABLE.items()
        },
        channels={
            name: TaskChannel(sid=name, name=name, unique_name=name, from_file=True) for name in DEFAULT_CHANNELS
        },
        queues=queues,
        workflows={WORKFLOW: _workflow(config)},
        people={name: sids.public(sids.WORKER, workspace, name) for name in config.agents},
    )  # fmt: skip


def target_workers(config: Config, line: str) -> str:
    """Who may serve a line, as an expression over a worker's attributes."""
    if line.startswith(PERSON):
        return f"name == {json.dumps(line.removeprefix(PERSON), ensure_ascii=False)}"
    name, step = split_line(line)
    queue = config.queues[name]
    rule = queue.serves if step is None else queue.escalation[step].serves or queue.serves
    reserved = any(agent.escalation_only for agent in config.agents.values())
    return f"({rule}) AND {ESCALATION_ONLY} != true" if reserved else rule


def _queue(config: Config, line: str) -> TaskQueue:
    queue, (name, step) = queue_of(config, line), split_line(line)
    title = line.removeprefix(PERSON) if line.startswith(PERSON) else name
    return TaskQueue(
        sid=line,
        name=f"{title} (asked for)" if line.startswith(PERSON) else title if step is None else f"{title}, wider {step}",
        target_workers=target_workers(config, line),
        max_reserved=queue.ring_at_once if queue else 1,
        lifo=queue is not None and queue.order is Order.LIFO,
        strategy=queue.strategy if queue else Strategy.LONGEST_IDLE,
        skill=queue.skill if queue else "",
        ageing=queue.ageing if queue else 0,
        line=name,
        from_file=True,
    )


def _workflow(config: Config) -> Workflow:
    """The owner's queues as a workflow: a task says in its attribute `queue` which it is for."""
    filters = [_filter(queue) for queue in config.queues.values()]
    people = [
        {
            "filter_friendly_name": f"{agent.name} (asked for)",
            "expression": f"person == {json.dumps(agent.name, ensure_ascii=False)}",
            "targets": [{"queue": person_queue(agent.name), "timeout": _patience(config, agent)}],
        }
        for agent in config.agents.values()
    ]
    first = next(iter(config.queues), None)
    body = {"filters": [*filters, *people], **({"default_filter": {"queue": first}} if first else {})}
    return Workflow(
        sid=WORKFLOW,
        name=config.business,
        configuration=json.dumps({"task_routing": body}, ensure_ascii=False),
        reservation_timeout=config.offers.ring + 2 * config.offers.answer_keys + 5,
        from_file=True,
    )


def _patience(config: Config, agent: Agent) -> int:
    queue = queue_of(config, person_queue(agent.name))
    return queue.escalation[0].after if queue and queue.escalation else 0


def _filter(queue: Queue) -> dict[str, object]:
    """One target for each part of the wait in which somebody else may serve, or the priority is another.

    A workflow knows nothing of steps that hang on more than time.
    """
    targets: list[dict[str, object]] = []
    line, priority, since = queue.name, queue.priority, 0
    for number, step in enumerate(queue.escalation):
        if step.conditional:
            continue
        targets.append({"queue": line, "priority": priority, "timeout": step.after - since})
        line, priority, since = _after(queue, number, step, line), priority + step.raise_by, step.after
        if not line:
            break
    if line:
        targets.append({"queue": line, "priority": priority})
    return {
        "filter_friendly_name": queue.name,
        "expression": f"queue == {json.dumps(queue.name, ensure_ascii=False)}",
        "targets": targets,
    }


def _after(queue: Queue, number: int, step: Escalation, line: str) -> str:
    """The line a step leads to; "" where it leads out of the queues."""
    if step.serves is not None:
        return wider_line(queue.name, number)
    if step.target is None:
        return line
    if step.target.kind is TargetKind.QUEUE:
        return step.target.value
    return person_queue(step.target.value) if step.target.kind is TargetKind.PERSON else ""

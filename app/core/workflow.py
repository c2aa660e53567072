"""Where a task is on its way: the queue it stands in, the escalation steps ahead, and when to look at it again."""

from dataclasses import dataclass, replace

from app.core.config import Config, Escalation, PriorityRule, Queue, Target, TargetKind
from app.core.entities import Call, Task, TaskState
from app.core.skills import person_queue, split_line

DAY_MS = 86_400_000
LONGEST_WAIT = 3600
RECHECK_MS = 60_000


def line_of(target: Target) -> str:
    """The queue a caller stands in for a target of kind queue or person."""
    return target.value if target.kind is TargetKind.QUEUE else person_queue(target.value)


def queue_of(config: Config, name: str) -> Queue | None:
    """The queue of a line; `@agent` is the line of one person, which ends at the owner's fallback."""
    if not name.startswith("@"):
        return config.queues.get(split_line(name)[0])
    agent = config.agents.get(name[1:])
    if agent is None:
        return None
    nobody = config.fallback == Target(TargetKind.PERSON, agent.name)
    patience = config.offers.ring + config.offers.answer_keys + 5
    return Queue(
        name=name,
        title=agent.name,
        serves="",
        music=next((queue.music for queue in config.queues.values() if queue.music), ""),
        escalation=(Escalation(after=patience, target=Target(TargetKind.VOICEMAIL) if nobody else config.fallback),),
    )


@dataclass(frozen=True, slots=True)
class Raise:
    """A priority rule that matched, and the words that explain it."""

    rule: PriorityRule
    reason: str


def raises(call: Call, queue: str, config: Config, now: int) -> tuple[Raise, ...]:
    """The owner's priority rules that apply to this call in this queue, in the file's order."""
    return tuple(
        Raise(rule, f"{rule.name} (+{rule.raise_by})")
        for rule in config.priorities
        if rule.raise_by and _applies(rule, call, queue, now)
    )


def diversion(call: Call, queue: str, config: Config, now: int) -> Target | None:
    """Where the first priority rule that applies and names a target sends this call instead of to the queue."""
    targets = (rule.target for rule in config.priorities if rule.target and _applies(rule, call, queue, now))
    return next(targets, None)


def _applies(rule: PriorityRule, call: Call, queue: str, now: int) -> bool:
    since = now - rule.called_days * DAY_MS
    called = 1 + sum(1 for instant in call.earlier if instant >= since)
    return (
        (not rule.queue or rule.queue == queue)
        and (not rule.vip or call.vip)
        and called >= rule.called_times
        and (not rule.moods or call.mood.value in rule.moods)
    )


def steps(task: Task, config: Config) -> tuple[Escalation, ...]:
    """The escalation steps of the task's path, those already taken included; the last always leads out of the line."""
    queue = queue_of(config, task.path)
    named = queue.escalation if queue else ()
    if any(step.target and step.target.kind not in (TargetKind.QUEUE, TargetKind.PERSON) for step in named):
        return named
    longest = max(LONGEST_WAIT, *(step.after + LONGEST_WAIT for step in named)) if named else LONGEST_WAIT
    return (*named, Escalation(after=longest, target=Target(TargetKind.VOICEMAIL)))


def step_due(task: Task, config: Config, now: int) -> Escalation | None:
    """The next escalation step, if its time has come."""
    ahead = steps(task, config)[task.step : task.step + 1]
    return ahead[0] if ahead and now >= task.entered + ahead[0].after * 1000 else None


def moves(step: Escalation) -> bool:
    """Whether a step takes the caller out of the line they stand in."""
    return step.target is not None or step.serves is not None


def on_path(task: Task, config: Config) -> Task:
    """The task with the instant of its next escalation step."""
    ahead = steps(task, config)[task.step : task.step + 1]
    return replace(task, moves_on=task.entered + ahead[0].after * 1000 if ahead else 0)


def look_again(task: Task, now: int) -> int:
    """When a waiting task needs somebody: its next move, its end, or the end of a decliner's pause.

    A caller on the line is looked at again within a minute whatever happens. A target's time that passes while a
    worker decides is looked at when they have.
    """
    instants = [instant for instant in task.declined.values() if instant > now]
    if task.moves_on and (task.call or task.state is TaskState.PENDING):
        instants.append(max(task.moves_on, now))
    if task.expires:
        instants.append(max(task.expires, now))
    if task.call:
        instants.append(now + RECHECK_MS)
    return min(instants, default=0)


def with_deadline(task: Task, now: int) -> Task:
    """The task with its deadline set for the state it is in."""
    if task.state in (TaskState.PENDING, TaskState.RESERVED):
        margin = 1000 if task.state is TaskState.RESERVED else 0
        return replace(task, deadline=max(look_again(task, now), now + margin))
    return task

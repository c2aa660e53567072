"""Where a task is on its way: the queue it stands in, the escalation steps ahead, and when to look at it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.config import Config, Escalation, PriorityRule, Queue, Target, TargetKind
from app.core.copying import replace
from app.core.entities import Call, Task, TaskState
from app.core.hours import is_open, next_change
from app.core.skills import PERSON, person_queue, split_line, wider_line

DAY_MS = 86_400_000
LONGEST_WAIT = 3600
RECHECK_MS = 60_000


def line_of(target: Target) -> str:
    """The queue a caller stands in for a target of kind queue or person."""
    return target.value if target.kind is TargetKind.QUEUE else person_queue(target.value)


def queue_of(config: Config, name: str) -> Queue | None:
    """The queue of a line; `@agent` is the line of one person, which ends where the owner says, or at the fallback."""
    if not name.startswith("@"):
        return config.queues.get(split_line(name)[0])
    agent = config.agents.get(name[1:])
    if agent is None:
        return None
    nobody = config.fallback == Target(TargetKind.PERSON, agent.name)
    asked = agent.asked_for
    patience = asked.wait if asked else config.offers.ring + config.offers.answer_keys + 5
    otherwise = Target(TargetKind.VOICEMAIL) if nobody else config.fallback
    return Queue(
        name=name,
        title=agent.name,
        serves="",
        music=next((queue.music for queue in config.queues.values() if queue.music), ""),
        escalation=(Escalation(after=patience, target=(asked.then if asked else None) or otherwise),),
    )


@dataclass(frozen=True, slots=True)
class Raise:
    """A priority rule that matched, and the words that explain it."""

    rule: PriorityRule
    reason: str


def raises(call: Call, queue: str, config: Config, now: int) -> tuple[Raise, ...]:
    """The owner's priority rules that apply to this call in this queue, in the file's order."""
    return tuple(
        Raise(rule, f"{rule.name} ({_gain(rule)})")
        for rule in config.priorities
        if _gain(rule) and _applies(rule, call, queue, now)
    )


def _gain(rule: PriorityRule) -> str:
    gains = (
        f"+{rule.raise_by}" if rule.raise_by else "",
        f"{rule.raise_places} places at most" if rule.raise_places else "",
        "ahead of all" if rule.ahead else "",
    )
    return ", ".join(filter(None, gains))


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
    timed = [step for step in named if not step.conditional]
    if any(step.target and step.target.kind not in (TargetKind.QUEUE, TargetKind.PERSON) for step in timed):
        return named
    longest = max(LONGEST_WAIT, *(step.after + LONGEST_WAIT for step in timed)) if timed else LONGEST_WAIT
    return (*named, Escalation(after=longest, target=Target(TargetKind.VOICEMAIL)))


def next_step(task: Task, config: Config) -> tuple[int, Escalation] | None:
    """The next escalation step that comes with time alone, and its number."""
    numbered = enumerate(steps(task, config))
    return next(((at, step) for at, step in numbered if at >= task.step and not step.conditional), None)


def step_due(task: Task, config: Config, now: int) -> Escalation | None:
    """The next escalation step, if its time has come."""
    ahead = next_step(task, config)
    return ahead[1] if ahead and now >= task.entered + ahead[1].after * 1000 else None


def open_conditions(task: Task, config: Config) -> Iterator[tuple[int, Escalation]]:
    """The steps that wait for something to be so, with their numbers; only in the line that they are about."""
    if split_line(task.queue)[0] == task.path:
        numbered = enumerate(steps(task, config))
        yield from ((at, step) for at, step in numbered if step.conditional and at not in task.fired)


def widest_line(task: Task, config: Config) -> str:
    """The line of the task's path with everybody whom the steps taken so far have let serve."""
    numbered = enumerate(steps(task, config))
    taken = (
        at for at, step in numbered if step.serves and (at in task.fired or (at < task.step and not step.conditional))
    )
    widest = max(taken, default=None)
    return task.path if widest is None else wider_line(task.path, widest)


def moves(step: Escalation) -> bool:
    """Whether a step takes the caller out of the line they stand in."""
    return step.target is not None or step.serves is not None


@dataclass(frozen=True, slots=True)
class Patience:
    """Until when a caller waits for one agent alone, and where they go on then (None: they stay, for anybody)."""

    agent: str
    until: int
    then: Target | None = None


def patience(task: Task, config: Config) -> Patience | None:
    """How long the caller still waits for one agent: whoever served them last, or whom they asked for meanwhile.

    Who served them last is not waited for any more once they have passed or missed the call; who was asked for is.
    """
    if task.known:
        queue = queue_of(config, task.queue)
        rule = queue.last_agent if queue else None
        waited_for = rule is not None and task.known not in task.declined
        return Patience(task.known, task.queued + rule.wait * 1000 if rule and waited_for else task.queued)
    name = task.queue.removeprefix(PERSON)
    agent = config.agents.get(name)
    if task.queue in (name, task.path) or agent is None or agent.asked_for is None:
        return None
    back = Target(TargetKind.QUEUE, task.path) if task.path in config.queues else config.fallback
    return Patience(name, task.queued + agent.asked_for.wait * 1000, agent.asked_for.then or back)


def closing(task: Task, config: Config) -> int:
    """The instant at which the task's queue closes for those who wait in it; 0 if it never does."""
    queue = queue_of(config, task.queue)
    return closes_after(config, task.created) if queue and queue.at_closing else 0


def closes_after(config: Config, instant: int) -> int:
    """When the business, open at this instant, closes next; 0 if it is closed then, or never closes."""
    local = datetime.fromtimestamp(instant / 1000, ZoneInfo(config.timezone))
    change = next_change(config.hours, local) if is_open(config.hours, local) else None
    return int(change.timestamp() * 1000) if change else 0


def on_path(task: Task, config: Config) -> Task:
    """The task with the instant at which it moves next, if nobody takes it."""
    ahead, alone = next_step(task, config), patience(task, config)
    instants = (
        task.entered + ahead[1].after * 1000 if ahead else 0,
        alone.until if alone else 0,
        closing(task, config),
    )
    return replace(task, moves_on=min(filter(None, instants), default=0))


def leaves(task: Task, config: Config, now: int) -> bool:
    """Whether the task is about to leave the line it stands in, so that nobody more is to be rung for it there."""
    step, alone = step_due(task, config, now), patience(task, config)
    due = (alone.until if alone else 0, closing(task, config))
    return (step is not None and moves(step)) or any(0 < instant <= now for instant in due)


def look_again(task: Task, now: int) -> int:
    """When a waiting task needs somebody: its next move, its end, or the end of a decliner's pause.

    A caller on the line is looked at again within a minute whatever happens. A target's time that passes while a
    worker decides is looked at when they have.
    """
    instants = [instant for instant in task.declined.values() if instant > now]
    if task.call and task.known in task.declined:
        instants.append(now)
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

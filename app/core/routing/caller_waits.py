"""What happens to a caller in a line whom nobody takes: step after step, as the owner's file says, to where they go."""

from dataclasses import dataclass, field

from app.core.config import Agent, Config, Escalation, Target, TargetKind
from app.core.entities import Task
from app.core.expressions import ExpressionError
from app.core.skills import PERSON, serving, split_line, wider_line
from app.core.workflow import line_of, queue_of, steps

Where = tuple[str | int, ...]
"""A place in the owner's file, key by key."""

QUEUED = frozenset({TargetKind.QUEUE, TargetKind.PERSON})


@dataclass(frozen=True, slots=True)
class Stay:
    """A part of the wait: the line that the caller stands in, since when, and who may ever serve it."""

    line: str
    since: int
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait in a line, and where it leads `after` so many seconds; `where` in the file says so.

    `last_resort`: no step of the file leads out of it.
    """

    stays: tuple[Stay, ...]
    then: Target
    after: int
    where: Where
    last_resort: bool

    @property
    def served(self) -> bool:
        """Whether there is anybody who may ever take the caller."""
        return any(stay.agents for stay in self.stays)


def wait(config: Config, target: Target) -> Wait | None:
    """The whole wait in a line; None for a line that does not exist. Steps that time alone does not bring are left out.

    A queue with steps of its own starts them for whoever is moved there; any other line leaves the old steps running.
    """
    path = line_of(target)
    queue = queue_of(config, path)
    if queue is None:
        return None
    waiting = _Waiting(config, target, path, [Stay(path, 0, _agents(config, path))])
    own = len(queue.escalation)
    for number, step in enumerate(steps(Task(sid="", config="", path=path), config)):
        if step.conditional:
            continue
        done = waiting.until(step.after)
        if done is None:
            done = waiting.step(step, number, last_resort=number >= own)
        if done is not None:
            return done
    raise AssertionError("the last step leads out of every line")


@dataclass(slots=True)
class _Waiting:
    """One caller's wait as it unfolds. `alone`: who is asked for, until when, and where the caller goes then."""

    config: Config
    target: Target
    path: str
    stays: list[Stay]
    alone: tuple[int, Target, Where] | None = field(default=None)

    def until(self, instant: int) -> Wait | None:
        """Whatever happens before the next step because somebody who was asked for did not come."""
        while self.alone and self.alone[0] < instant:
            since, then, where = self.alone
            self.alone = None
            done = self._go(then, since, where)
            if done is not None:
                return done
        return None

    def step(self, step: Escalation, number: int, *, last_resort: bool) -> Wait | None:
        """The next escalation step; the wait if it ends with that."""
        if step.target is None:
            line = wider_line(self.path, number) if step.serves else self.stays[-1].line
            self._stand(line, step.after)
            return None
        where = _of_step(self.config, self.target, number, last_resort=last_resort)
        return self._go(step.target, step.after, where, last_resort=last_resort)

    def _go(self, target: Target, since: int, where: Where, *, last_resort: bool = False) -> Wait | None:
        back = target == Target(TargetKind.QUEUE, self.path)
        elsewhere = split_line(self.stays[-1].line)[0] != self.path
        if target.kind not in QUEUED or (restarts(self.config, target) and not (back and elsewhere)):
            return Wait(tuple(self.stays), target, since, where, last_resort)
        self._stand(line_of(target), since)
        agent = self.config.agents.get(target.value) if target.kind is TargetKind.PERSON else None
        if agent and agent.asked_for and line_of(target) != self.path:
            returns = Target(TargetKind.QUEUE, self.path) if self.path in self.config.queues else self.config.fallback
            told = ("agents", agent.name, "asked for")
            self.alone = (since + agent.asked_for.wait, agent.asked_for.then or returns, told)
        return None

    def _stand(self, line: str, since: int) -> None:
        self.stays.append(Stay(line, since, _agents(self.config, line)))
        if not line.startswith(PERSON):
            self.alone = None


def on_duty_ever(agent: Agent) -> bool:
    """Whether there is any time at which an agent's shifts let them work."""
    return agent.shifts is None or bool(agent.shifts.slots) or any(agent.shifts.holidays.values())


def restarts(config: Config, target: Target) -> bool:
    """Whether who is moved there starts on steps of that queue's own."""
    queue = config.queues.get(target.value) if target.kind is TargetKind.QUEUE else None
    return queue is not None and bool(queue.escalation)


def _of_step(config: Config, target: Target, number: int, *, last_resort: bool) -> Where:
    """What in the file says where a step leads, or the line itself if the file has no such step."""
    if target.kind is TargetKind.PERSON:
        agent = config.agents[target.value]
        says = ("agents", agent.name, "asked for") if agent.asked_for else ("otherwise",)
        return ("agents", agent.name) if last_resort else says
    return ("queues", target.value) if last_resort else ("queues", target.value, "escalation", number, "to")


def _agents(config: Config, line: str) -> tuple[str, ...]:
    """Who may ever serve a line; a rule that cannot be read is somebody else's to report, and may be meant for all."""
    try:
        found = serving(config, line)
    except ExpressionError:
        return tuple(sorted(config.agents))
    return tuple(name for name in found if on_duty_ever(config.agents[name]))

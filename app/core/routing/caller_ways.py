"""Every way a caller can take through the owner's rules: from the greeting to a place, and from there onwards.

A step of an escalation happens to the caller; keys, words and silence are theirs to choose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.config import Agent, Config, Target, TargetKind
from app.core.dialogue import person_target
from app.core.entities import Call, Task
from app.core.expressions import ExpressionError
from app.core.skills import serving, wider_line
from app.core.workflow import line_of, queue_of, steps

Where = tuple[str | int, ...]
"""A place in the owner's file, key by key."""

QUEUED = frozenset({TargetKind.QUEUE, TargetKind.PERSON})
_NOUN = {TargetKind.PERSON: "agent", TargetKind.HANG_UP: "hang up"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a caller can be: the greeting or the closed sign (`target` None), or at a target."""

    name: str
    target: Target | None = None

    @property
    def ends(self) -> bool:
        """Whether the call ends well here: only lines and menus lead on."""
        return self.target is not None and self.target.kind not in (*QUEUED, TargetKind.MENU)


@dataclass(frozen=True, slots=True)
class Move:
    """One way on. `how` is what leads there; `where` is what in the owner's file says so."""

    how: str
    to: Spot
    where: Where


@dataclass(frozen=True, slots=True)
class Stay:
    """A part of the wait: the line that the caller stands in, since when, and who may ever serve it."""

    line: str
    since: int
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """What happens to a caller in a line whom nobody takes. `last_resort`: no step of the file leads out of it."""

    stays: tuple[Stay, ...]
    then: Move
    after: int
    last_resort: bool

    @property
    def served(self) -> bool:
        """Whether there is anybody who may ever take the caller."""
        return any(stay.agents for stay in self.stays)


GREETING = Spot("greeting")
CLOSED = Spot("closed")


def spot(target: Target) -> Spot:
    """Where a target leads."""
    noun = _NOUN.get(target.kind, target.kind.value)
    named = target.kind in (*QUEUED, TargetKind.MENU)
    return Spot(f"{noun} {target.value}" if named else noun, target)


def starts(config: Config) -> tuple[Spot, ...]:
    """Where calls begin."""
    return (GREETING, CLOSED) if config.hours else (GREETING,)


def moves(config: Config, here: Spot) -> tuple[Move, ...]:
    """Every way on from here; none where the call ends, or where the file names something that is not there."""
    if here == GREETING:
        return tuple(_from_greeting(config))
    if here == CLOSED:
        return (Move("", spot(config.closed), ("closed", "then")),)
    target = here.target
    if target is None or here.ends:
        return ()
    if target.kind is TargetKind.MENU:
        return tuple(_from_menu(config, target.value))
    waited = wait(config, target)
    return () if waited is None else (waited.then, *_asked(config, target))


def wait(config: Config, target: Target) -> Wait | None:
    """The whole wait in a line, as it goes if nobody answers; None for a line that does not exist.

    A queue with steps of its own starts them for whoever is moved there; any other line leaves the old steps running.
    """
    path = line_of(target)
    queue = queue_of(config, path)
    if queue is None:
        return None
    stays, own = [Stay(path, 0, _agents(config, path))], len(queue.escalation)
    for number, step in enumerate(steps(Task(sid="", config="", path=path), config)):
        where = _of_step(target, number, own)
        if step.target is None:
            line = wider_line(path, number) if step.serves else stays[-1].line
            stays.append(Stay(line, step.after, _agents(config, line)))
        elif step.target.kind in QUEUED and not _restarts(config, step.target):
            line = line_of(step.target)
            stays.append(Stay(line, step.after, _agents(config, line)))
        else:
            move = Move(f"after {length(step.after)}", spot(step.target), where)
            return Wait(tuple(stays), move, step.after, number >= own)
    raise AssertionError("the last step leads out of every line")


def _of_step(target: Target, number: int, own: int) -> Where:
    """What in the file says where a step leads, or the line itself if the file has no such step."""
    if target.kind is TargetKind.PERSON:
        return ("otherwise",) if number < own else ("agents", target.value)
    return ("queues", target.value, "escalation", number, "to") if number < own else ("queues", target.value)


def length(seconds: int) -> str:
    """A length of time as people say it."""
    if seconds % 3600 == 0 and seconds:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 and seconds else f"{seconds} s"


def on_duty_ever(agent: Agent) -> bool:
    """Whether there is any time at which an agent's shifts let them work."""
    return agent.shifts is None or bool(agent.shifts.slots) or any(agent.shifts.holidays.values())


def _from_greeting(config: Config) -> Iterator[Move]:
    for route in config.routes.values():
        yield Move(f"route {route.name}", spot(route.target), ("routes", route.name, "to"))
    for index, rule in enumerate(config.priorities):
        if rule.target:
            yield Move(f"priority rule {rule.name!r}", spot(rule.target), ("priorities", index, "to"))
    if config.turns.menu:
        yield Move("not understood", spot(Target(TargetKind.MENU, config.turns.menu)), ("turns", "menu"))
    yield Move("a person asked for, or nothing understood", spot(_person(config)), ("otherwise",))
    yield Move("too many turns", spot(config.fallback), ("otherwise",))


def _from_menu(config: Config, name: str) -> Iterator[Move]:
    menu = config.menus.get(name)
    if menu is None:
        return
    for choice in menu.choices:
        yield Move(f"key {choice.keys}", spot(choice.target), ("menus", name, "keys", choice.keys, "to"))
    yield Move("key 0, or silence", spot(_person(config)), ("otherwise",))


def _asked(config: Config, target: Target) -> Iterator[Move]:
    """Where 0 leads from a line; nowhere if the caller is there already."""
    asked = _person(config, target)
    if asked != target:
        where: Where = ("queues", target.value, "person") if target.kind is TargetKind.QUEUE else ("otherwise",)
        yield Move("key 0", spot(asked), where)


def _person(config: Config, here: Target | None = None) -> Target:
    return person_target(Call(sid="", config="", destination=here), config)


def _restarts(config: Config, target: Target) -> bool:
    queue = config.queues.get(target.value) if target.kind is TargetKind.QUEUE else None
    return queue is not None and bool(queue.escalation)


def _agents(config: Config, line: str) -> tuple[str, ...]:
    """Who may ever serve a line; a rule that cannot be read is somebody else's to report, and may be meant for all."""
    try:
        found = serving(config, line)
    except ExpressionError:
        return tuple(sorted(config.agents))
    return tuple(name for name in found if on_duty_ever(config.agents[name]))

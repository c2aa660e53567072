"""Every way a caller can take through the owner's rules: from the greeting to a place, and from there onwards.

A step of an escalation happens to the caller; keys, words and silence are theirs to choose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.config import Config, Target, TargetKind
from app.core.dialogue import person_target
from app.core.entities import Call
from app.core.routing.caller_waits import QUEUED, Where, restarts, wait
from app.core.workflow import line_of, queue_of

_NOUN = {TargetKind.PERSON: "agent", TargetKind.HANG_UP: "hang up"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a caller can be: the greeting or the closed sign (`target` None), or at a target."""

    name: str
    target: Target | None = None

    @property
    def line(self) -> Target | None:
        """The target, if callers wait there in a line."""
        return self.target if self.target and self.target.kind in QUEUED else None

    @property
    def ends(self) -> bool:
        """Whether the call ends well here: only lines and menus lead on."""
        return self.target is not None and self.target.kind not in (*QUEUED, TargetKind.MENU)


@dataclass(frozen=True, slots=True)
class Move:
    """One way on. `how` is what leads there; `where` is what in the owner's file says so.

    `counts`: it is a way out. Keys count in a menu, which asks for them; whoever only waits has to get out as well.
    """

    how: str
    to: Spot
    where: Where
    counts: bool = True


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
    if here.target and here.target.kind is TargetKind.MENU:
        return tuple(_from_menu(config, here.target.value))
    return tuple(_from_line(config, here.line)) if here.line else ()


def length(seconds: int) -> str:
    """A length of time as people say it."""
    if seconds % 3600 == 0 and seconds:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 and seconds else f"{seconds} s"


def person(config: Config, here: Target | None = None) -> Target:
    """Where "agent", 0 and silence lead a caller, from a line if they stand in one."""
    return person_target(Call(sid="", config="", destination=here), config)


def _from_greeting(config: Config) -> Iterator[Move]:
    for route in config.routes.values():
        yield Move(f"route {route.name}", spot(route.target), ("routes", route.name, "to"))
    for index, rule in enumerate(config.priorities):
        if rule.target:
            yield Move(f"priority rule {rule.name!r}", spot(rule.target), ("priorities", index, "to"))
    if config.turns.menu:
        yield Move("not understood", spot(Target(TargetKind.MENU, config.turns.menu)), ("turns", "menu"))
    yield Move("a person asked for, or nothing understood", spot(person(config)), ("otherwise",))
    yield Move("too many turns", spot(config.fallback), ("otherwise",))


def _from_menu(config: Config, name: str) -> Iterator[Move]:
    menu = config.menus.get(name)
    if menu is None:
        return
    for choice in menu.choices:
        yield Move(f"key {choice.keys}", spot(choice.target), ("menus", name, "keys", choice.keys, "to"))
    yield Move("key 0, or silence", spot(person(config)), ("otherwise",))


def _from_line(config: Config, target: Target) -> Iterator[Move]:
    """First what happens to everybody, then what may happen."""
    waited, queue = wait(config, target), queue_of(config, line_of(target))
    if waited is None or queue is None:
        return
    yield Move(f"after {length(waited.after)}", spot(waited.then), waited.where)
    if queue.at_closing:
        yield Move("at closing time", spot(queue.at_closing), ("queues", target.value, "at closing"))
    for number, step in enumerate(queue.escalation):
        onward = _elsewhere(config, step.target) if step.conditional and step.target else None
        if onward:
            why = f"once more than {step.when_waiting} wait" if step.when_waiting else "once answers come too late"
            yield Move(why, spot(onward), ("queues", target.value, "escalation", number, "to"), counts=False)
    asked = person(config, target)
    if asked != target:
        where: Where = ("queues", target.value, "person") if target.kind is TargetKind.QUEUE else ("otherwise",)
        yield Move("key 0", spot(asked), where, counts=False)


def _elsewhere(config: Config, target: Target) -> Target | None:
    """Where a step leads off its queue's path, which goes on while the caller stands in a line without steps."""
    agent = config.agents.get(target.value) if target.kind is TargetKind.PERSON else None
    if agent:
        return agent.asked_for.then if agent.asked_for else None
    return target if target.kind not in QUEUED or restarts(config, target) else None

"""Proves of the owner's rules that every caller gets somewhere, or shows the way on which one does not."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.config import Config, TargetKind
from app.core.routing.caller_waits import Stay, Wait, Where, wait
from app.core.routing.caller_ways import Move, Spot, length, moves, starts
from app.core.skills import PERSON, split_line

_FROM = Mapping[Spot, tuple[Spot, Move] | None]
"""How each spot was first reached: from which other, by which move."""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A way that ends in nothing, told from the greeting on; `where` in the owner's file it can be mended.

    `unserved`: because nobody can ever serve the line at its end.
    """

    way: str
    message: str
    hint: str
    where: Where
    unserved: bool = False


def dead_ends(config: Config) -> tuple[DeadEnd, ...]:
    """Every place from which no caller gets out whom nobody answers, each once, with the shortest way there."""
    found = _reached(config)
    told: set[Spot] = set()
    ends: list[DeadEnd] = []
    for here in _stuck(config, found):
        end, passed = _told(config, found, here)
        if not told & passed:
            ends.append(end)
        told |= passed
    return tuple(ends)


def last_resorts(config: Config) -> tuple[DeadEnd, ...]:
    """The lines that a caller can come to and that no step leads out of: voicemail after an hour is all they have."""
    found = _reached(config)
    relying = []
    for here in found:
        waited = _wait(config, here)
        if waited and waited.last_resort and waited.served:
            hint = "add an escalation step that leads to voicemail, a message or a number"
            message = f"nothing in the file leads out of {here.name}; callers whom nobody answers stay for "
            message += f"{length(waited.after)}, then reach voicemail"
            relying.append(DeadEnd(_way(config, found, here), message, hint, waited.where))
    return tuple(relying)


def unreached(config: Config) -> tuple[str, ...]:
    """The queues to which nothing in the file leads."""
    known = {here.target.value for here in _reached(config) if here.target and here.target.kind is TargetKind.QUEUE}
    stood_in = {stay.line for here in _reached(config) if (waited := _wait(config, here)) for stay in waited.stays}
    return tuple(name for name in config.queues if name not in known | stood_in)


def _wait(config: Config, here: Spot) -> Wait | None:
    return wait(config, here.line) if here.line else None


def _reached(config: Config) -> _FROM:
    """Every spot that a caller can come to, nearest first."""
    found: dict[Spot, tuple[Spot, Move] | None] = dict.fromkeys(starts(config))
    ahead = deque(found)
    while ahead:
        here = ahead.popleft()
        for move in moves(config, here):
            if move.to not in found:
                found[move.to] = (here, move)
                ahead.append(move.to)
    return found


def _stuck(config: Config, found: _FROM) -> Iterator[Spot]:
    """Spots from which no end can be reached, and lines that only the last resort ends and that nobody can serve."""
    onward = {here: [move.to for move in moves(config, here) if move.counts] for here in found}
    hopeless = {here for here in found if _hopeless(config, here)}
    # What the file does not define is reported as such; nothing is known of where it leads.
    ending = {here for here, ways in onward.items() if not ways}
    grown = True
    while grown:
        more = {here for here, ways in onward.items() if here not in hopeless | ending and ending.intersection(ways)}
        ending |= more
        grown = bool(more)
    lines_first = sorted(found, key=lambda here: here.line is None)
    yield from (here for here in lines_first if here in hopeless)
    yield from (here for here in lines_first if here not in ending | hopeless and not _leads_to(onward, here, hopeless))


def _leads_to(onward: Mapping[Spot, list[Spot]], here: Spot, goal: set[Spot]) -> bool:
    seen, ahead = {here}, [here]
    while ahead:
        for spot in onward[ahead.pop()]:
            if spot in goal:
                return True
            if spot not in seen:
                seen.add(spot)
                ahead.append(spot)
    return False


def _hopeless(config: Config, here: Spot) -> bool:
    waited = _wait(config, here)
    return waited is not None and waited.last_resort and not waited.served


def _told(config: Config, found: _FROM, here: Spot) -> tuple[DeadEnd, set[Spot]]:
    """The dead end that a spot is in, and all spots that its story passes."""
    way, passed, move = [_way(config, found, here)], [here], _onward(config, here)
    waited = _wait(config, here)
    if waited is not None and waited.last_resort:
        message = f"a caller in {here.name} waits for ever, as nobody can answer and no step leads out"
        hint = "let an agent serve it, or add an escalation step that leads to voicemail"
        return DeadEnd(f"{way[0]} -> nothing more", message, hint, waited.where, unserved=True), {here}
    while move.to not in passed:
        passed.append(move.to)
        way.append(f"{_by(move)}{_name(config, move.to)}")
        move = _onward(config, move.to)
    way.append(f"{_by(move)}{move.to.name} again, for ever")
    message = f"a caller in {here.name} whom nobody answers is sent round in a circle for ever"
    hint = "let one of its steps lead to voicemail, a message or a number"
    return DeadEnd(" -> ".join(way), message, hint, move.where), set(passed)


def _onward(config: Config, here: Spot) -> Move:
    return moves(config, here)[0]


def _way(config: Config, found: _FROM, here: Spot) -> str:
    """The way from where calls begin to here, with all that happens here."""
    told = [_name(config, here)]
    step = found[here]
    while step is not None:
        before, move = step
        told[-1] = f"{_by(move)}{told[-1]}"
        told.append(before.name)
        step = found[before]
    return " -> ".join(reversed(told))


def _by(move: Move) -> str:
    return f"{move.how}: " if move.how else ""


def _name(config: Config, here: Spot) -> str:
    """A spot, and for a line who is asked there and when."""
    waited = _wait(config, here)
    return here.name if waited is None else _stays(here, waited)


def _stays(here: Spot, waited: Wait) -> str:
    told = [f"{here.name}{_nobody(waited.stays[0])}"]
    for before, stay in zip(waited.stays, waited.stays[1:], strict=False):
        if stay.line != before.line:
            told.append(f"after {length(stay.since)}: {_line(stay.line)}{_nobody(stay)}")
    return " -> ".join(told)


def _line(line: str) -> str:
    if line.startswith(PERSON):
        return f"agent {line.removeprefix(PERSON)}"
    name, step = split_line(line)
    return f"queue {name}" if step is None else f"queue {name}, more agents"


def _nobody(stay: Stay) -> str:
    return "" if stay.agents else " (nobody can serve it)"

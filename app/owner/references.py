"""Checks that every place a call can go exists, and that a caller can get out of every menu."""

from collections.abc import Iterator

from app.core.config import Limits, Target, TargetKind
from app.owner.look import Look
from app.owner.notation import country
from app.owner.problems import Problem, did_you_mean
from app.owner.schema import OwnerFile

Path = tuple[str | int, ...]

_SECTION_OF = {TargetKind.QUEUE: "queues", TargetKind.PERSON: "agents", TargetKind.MENU: "menus"}


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Unknown queues, agents and menus; numbers that may not be dialled; menus without a way out."""
    for path, target in targets(file):
        yield from _leads_somewhere(file, look, path, target)
    for index, rule in enumerate(file.priorities):
        if rule.queue is not None and rule.queue not in look.names["queues"]:
            yield _unknown(look, ("priorities", index, "queue"), "queue", rule.queue)
        if not look.wrote(("priorities", index)) & {"raise by", "raise places", "ahead", "to"}:
            hint = "add `raise by: 5`, `raise places: 3`, `ahead: yes`, or `to:` and a place to go"
            yield look.at_value(("priorities", index), f'the rule "{rule.name}" changes nothing', hint)
    if file.turns.menu is not None and file.turns.menu not in look.names["menus"]:
        yield _unknown(look, ("turns", "menu"), "menu", file.turns.menu)
    yield from _menus_without_a_way_out(file, look)


def targets(file: OwnerFile) -> Iterator[tuple[Path, Target]]:
    """Every place to go in the file, with its path."""
    candidates: list[tuple[Path, Target | None]] = [
        (("closed", "then"), file.closed.then),
        (("otherwise",), file.otherwise),
    ]
    for name, queue in file.queues.items():
        candidates.append((("queues", name, "person"), queue.person))
        candidates.append((("queues", name, "at closing"), queue.at_closing))
        steps = enumerate(queue.escalation)
        candidates += [(("queues", name, "escalation", index, "to"), step.to) for index, step in steps]
    asked = ((name, agent.asked_for) for name, agent in file.agents.items() if agent.asked_for)
    candidates += [(("agents", name, "asked for", "then"), sheet.then) for name, sheet in asked]
    candidates += [(("routes", name, "to"), route.to) for name, route in file.routes.items()]
    for name, menu in file.menus.items():
        candidates += [(("menus", name, "keys", key, "to"), choice.to) for key, choice in menu.keys.items()]
    candidates += [(("priorities", index, "to"), rule.to) for index, rule in enumerate(file.priorities)]
    return ((path, target) for path, target in candidates if target is not None)


def _leads_somewhere(file: OwnerFile, look: Look, path: Path, target: Target) -> Iterator[Problem]:
    section = _SECTION_OF.get(target.kind)
    if section and target.value not in look.names[section]:
        yield _unknown(look, (*path, target.kind.value), target.kind.value, target.value)
    if target.kind is TargetKind.NUMBER:
        yield from may_dial(file, look, (*path, "number"), target.value)
        if target.value == file.number:
            hint = "name another number, or a queue"
            yield look.at_value((*path, "number"), "this is your own number; the call would go in a circle", hint)


def may_dial(file: OwnerFile, look: Look, path: Path, number: str) -> Iterator[Problem]:
    """Numbers in countries that `limits` does not name are never dialled."""
    allowed = file.limits.countries or list(Limits().countries)
    where = country(number)
    if where not in allowed:
        hint = f"if you mean it, write {where} under limits, countries"
        yield look.at_value(path, f'"{number}" is in {where}, where the server may not dial', hint)


def _unknown(look: Look, path: Path, kind: str, name: str) -> Problem:
    section = {"queue": "queues", "person": "agents", "menu": "menus"}[kind]
    word = "agent" if kind == "person" else kind
    hint = did_you_mean(name, look.names[section], f"add it under `{section}`")
    return look.at_value(path, f'there is no {word} "{name}"', hint)


def _menus_without_a_way_out(file: OwnerFile, look: Look) -> Iterator[Problem]:
    inner = {
        name: {choice.to.value for choice in menu.keys.values() if choice.to.kind is TargetKind.MENU}
        for name, menu in file.menus.items()
    }
    leaving = {
        name
        for name, menu in file.menus.items()
        if any(choice.to.kind is not TargetKind.MENU for choice in menu.keys.values())
    }
    leaving |= set(look.names["menus"]) - set(file.menus)  # already reported; nothing is known of these
    leaving |= {name for name, next_ in inner.items() if next_ - set(look.names["menus"])}
    while more := {name for name in inner if name not in leaving and inner[name] & leaving}:
        leaving |= more
    for name in inner:
        if name not in leaving:
            hint = "let one of its keys lead to a queue, a person or voicemail"
            yield look.at_key(("menus", name), f'nobody gets out of the menu "{name}"', hint)

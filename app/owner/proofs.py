"""What is proven of an owner's file that can be used: ways that rely on the last resort, rules that cannot be meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.config import Config, TargetKind
from app.core.routing.caller_waits import Where
from app.core.routing.caller_ways import person
from app.core.routing.dead_ends import last_resorts, unreached
from app.core.routing.findings import Severity
from app.core.routing.types_check import types_check
from app.core.routing.vocabulary import Vocabulary
from app.core.skills import serving, worker_attributes
from app.owner.problems import Place
from app.owner.reader import read_source, read_tree
from app.owner.tree import Branch, Leaf, key_place, node_at, overlaid, value_place


@dataclass(frozen=True, slots=True)
class Proven:
    """One thing that a file does which its owner may not have meant. `way`: the way of a caller on which it shows."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str
    hint: str
    way: str = ""

    def __str__(self) -> str:
        way = f": {self.way}" if self.way else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{way} ({self.hint})"


def proofs(config: Config, path: Path, overlay: Path | None = None) -> tuple[Proven, ...]:
    """Everything proven of a file, in its order; `config` is what it says."""
    tree = _tree(path, overlay)
    found = [*_rules(config, tree), *_relying(config, tree), *_idle(config, tree), *_silent(config, tree)]
    return tuple(sorted(found, key=lambda each: (each.file, each.line, each.column)))


def _tree(path: Path, overlay: Path | None) -> Branch:
    tree = read_tree(read_source(path))[0]
    return tree if overlay is None else overlaid(tree, read_tree(read_source(overlay))[0])


def _rules(config: Config, tree: Branch) -> Iterator[Proven]:
    """Rules over agents that compare what can never meet; all that agents have is known."""
    known = Vocabulary.of((worker_attributes(agent) for agent in config.agents.values()), closed=True)
    for where, rule in _serving(config):
        node = node_at(tree, where)
        for found in types_check(rule, known):
            place = node.at(found.column) if isinstance(node, Leaf) else value_place(tree, where)
            yield _proven(place, found.severity, found.message, found.hint)


def _serving(config: Config) -> Iterator[tuple[Where, str]]:
    for queue in config.queues.values():
        yield ("queues", queue.name, "serves"), queue.serves
        for number, step in enumerate(queue.escalation):
            if step.serves is not None:
                yield ("queues", queue.name, "escalation", number, "serves"), step.serves


def _relying(config: Config, tree: Branch) -> Iterator[Proven]:
    for end in last_resorts(config):
        place = key_place(tree, end.where) if len(end.where) == 2 else value_place(tree, end.where)
        yield _proven(place, "warning", end.message, end.hint, end.way)


def _idle(config: Config, tree: Branch) -> Iterator[Proven]:
    """Queues to which no way leads, and those whose agents all begin off duty."""
    for name in unreached(config):
        message = f'no route, key, rule or step leads to the queue "{name}"'
        yield _proven(key_place(tree, ("queues", name)), "warning", message, "lead callers there, or remove it")
    for name in config.queues:
        agents = serving(config, name)
        if agents and not any(config.agents[agent].starts_available for agent in agents):
            message = f'nobody serves the queue "{name}" until one of them goes on duty: {", ".join(agents)}'
            yield _proven(
                key_place(tree, ("queues", name)), "warning", message, "remove `starts: off` from one of them"
            )


def _silent(config: Config, tree: Branch) -> Iterator[Proven]:
    target = person(config)
    if target.kind is TargetKind.MENU:
        message = f'a caller who says nothing and presses nothing hears the menu "{target.value}" again and again'
        hint = "let `otherwise` lead to a queue, a person or voicemail"
        yield _proven(value_place(tree, ("otherwise",)), "warning", message, hint)


def _proven(place: Place, severity: Severity, message: str, hint: str, way: str = "") -> Proven:
    return Proven(place.file, place.line, place.column, severity, message, hint, way)

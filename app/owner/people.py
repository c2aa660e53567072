"""Checks agents, their telephones, and the rules that say who serves which queue."""

from collections.abc import Iterator

from app.core.config import Agent
from app.core.expression_tree import Constant
from app.core.expression_tree import Path as Attribute
from app.core.expressions import Expression, ExpressionError, parse
from app.core.skills import ATTRIBUTES, may_serve
from app.owner.look import Look
from app.owner.problems import Problem, did_you_mean
from app.owner.references import Path, may_dial
from app.owner.schema import OwnerFile


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Telephones shared, forbidden or circular; rules that cannot be read, name nothing or fit nobody."""
    yield from _phones(file, look)
    agents = [
        Agent(
            name=name,
            phone=sheet.phone,
            skills=sheet.skills,
            languages=tuple(sheet.languages or Agent(name="", phone="").languages),
            escalation_only=bool(sheet.escalation_only),
        )
        for name, sheet in file.agents.items()
    ]
    for name, queue in file.queues.items():
        yield from _rule(look, agents, ("queues", name, "serves"), queue.serves)
        for index, step in enumerate(queue.escalation):
            if step.serves is not None:
                yield from _rule(look, agents, ("queues", name, "escalation", index, "serves"), step.serves)


def _phones(file: OwnerFile, look: Look) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, agent in file.agents.items():
        path = ("agents", name, "phone")
        yield from may_dial(file, look, path, agent.phone)
        if agent.phone == file.number:
            hint = "an agent needs a telephone of their own"
            yield look.at_value(path, "this is the number that callers dial", hint)
        other = owners.setdefault(agent.phone, name)
        if other != name:
            yield look.at_value(path, f'"{other}" has the same telephone', "each agent needs their own")
    for index, number in enumerate(file.blocked):
        if number in file.vips:
            yield look.at_value(("blocked", index), f'"{number}" is also under vips', "remove one of the two")


def _rule(look: Look, agents: list[Agent], path: Path, text: str) -> Iterator[Problem]:
    try:
        rule = parse(text)
    except ExpressionError as error:
        yield look.in_text(path, error.column, error.message, error.hint)
        return
    strange = [*_strange_names(look, path, rule), *_strange_values(look, agents, path, rule)]
    yield from strange
    if not strange and look.agents_complete and not any(may_serve(agent, text) for agent in agents):
        what = f'the queue "{path[1]}"' if len(path) == 3 else "this step"
        hint = "give an agent what the rule asks for, or change the rule"
        if any(agent.escalation_only for agent in agents):
            hint += "; agents with `escalation only` do not count"
        yield look.at_value(path, f"no agent can serve {what}", hint)


def _strange_names(look: Look, path: Path, rule: Expression) -> Iterator[Problem]:
    for name in sorted(rule.names()):
        root = name.partition(".")[0].partition("[")[0]
        if root not in ATTRIBUTES:
            hint = did_you_mean(root, ATTRIBUTES)
            yield look.in_text(path, _column(rule, name), f'agents have no "{root}"', hint)


def _strange_values(look: Look, agents: list[Agent], path: Path, rule: Expression) -> Iterator[Problem]:
    """A skill or language that nobody has is a slip of the pen, even where another half of the rule still fits."""
    if not look.agents_complete:
        return
    has = {"skill": {skill for agent in agents for skill in agent.skills}}
    has["language"] = {language for agent in agents for language in agent.languages}
    for kind, word in _asked_for(rule):
        if word not in has[kind]:
            hint = did_you_mean(word, has[kind], "give it to an agent")
            yield look.in_text(path, _column(rule, word), f'no agent has the {kind} "{word}"', hint)


def _asked_for(rule: Expression) -> Iterator[tuple[str, str]]:
    for test in rule.comparisons():
        sides = (test.left, test.right) if test.operator == "HAS" else (test.right, test.left)
        if test.operator in ("HAS", "IN") and isinstance(sides[0], Attribute) and isinstance(sides[1], Constant):
            kind = {"skills": "skill", "languages": "language"}.get(str(sides[0]))
            if kind and isinstance(sides[1].value, str):
                yield kind, sides[1].value
        for side in (test.left, test.right):
            if isinstance(side, Attribute) and len(side.parts) == 2 and side.parts[0] == "levels":
                yield "skill", str(side.parts[1])


def _column(rule: Expression, word: str) -> int:
    return max(rule.text.find(word), 0) + 1

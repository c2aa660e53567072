"""Writes a first owner's file from the answers to a few questions, with comments that say how to go on."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from app.owner.notation import country, phone


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """One reason to call, and the words that callers use for it."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `switchboard init` asks; `hours` maps days to times (`mon-fri` → `9:00-17:00`), empty: always open."""

    business: str
    number: str
    owner: str
    cell: str
    time_zone: str
    hours: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[RouteAnswer, ...] = ()


def write_owner_file(answers: Answers) -> str:
    """The text of the file. It passes `load` if each answer is right by itself; `load` says which is not."""
    routes = [(_plain_name(route.name), route) for route in answers.routes]
    owner = _plain_name(answers.owner) or "owner"
    parts = (
        _head(answers),
        _hours(answers.hours),
        _agents(owner, answers.cell, [name for name, _ in routes]),
        _queues([(name, route.name) for name, route in routes]),
        _routes(routes),
        _rest(answers),
    )
    return "\n".join(part for part in parts if part)


def _head(answers: Answers) -> str:
    names = ", or ".join(_clean(route.name) for route in answers.routes)
    ask = f"Tell me what I can do for you: {names}." if names else "How can I help you?"
    greeting = f"Thank you for calling {_clean(answers.business)}. {ask}"
    return f"""\
# What your telephone does. After each change: `switchboard check FILE` (a running server reads it again by itself).
# For editors that complete and check as you type: `switchboard schema > owner-file.schema.json`
# yaml-language-server: $schema=./owner-file.schema.json

business: {_quoted(answers.business)}
number: {_quoted(answers.number)}      # the number that callers dial
time zone: {_quoted(answers.time_zone)}

greeting: {_quoted(greeting)}
"""


def _hours(hours: Mapping[str, str]) -> str:
    if not hours:
        return """\
# Always open. To change that, remove the # signs:
# hours:
#   mon-fri: "9:00-12:30, 13:30-18:00"
#   holidays: {2026-12-25: closed}
"""
    lines = "".join(f"  {_quoted(days)}: {_quoted(times)}\n" for days, times in hours.items())
    return f"""\
hours:                          # days that are not named are closed
{lines}  holidays:
    2026-12-25: closed          # one line for each day that differs

closed:
  say: We are closed right now.
  then: voicemail
"""


def _agents(owner: str, cell: str, skills: list[str]) -> str:
    return f"""\
agents:                         # whoever takes calls needs nothing but a telephone
  {_bare(owner)}:
    phone: {_quoted(cell)}
    skills: [{", ".join(_bare(skill) for skill in ["calls", *skills])}]
"""


def _queues(queues: list[tuple[str, str]]) -> str:
    lines = "".join(
        f"""\
  {_bare(name)}:
    title: {_quoted(title)}
    serves: {_quoted(f"skills HAS '{name}'")}
    escalation: [{{after: 3 min, to: voicemail}}]
"""
        for name, title in [("calls", "the next free person"), *queues]
    )
    return f"""\
queues:                         # where callers wait; `serves` says which agents may take them
{lines}
otherwise: {{queue: calls}}       # where callers go who were not understood
"""


def _routes(routes: list[tuple[str, RouteAnswer]]) -> str:
    if not routes:
        return ""
    lines = ""
    for key, (name, route) in enumerate(routes, start=1):
        words = ", ".join(_quoted(word) for word in route.words or (route.name,))
        lines += f"  {_bare(name)}:\n    title: {_quoted(route.name)}\n    words: [{words}]\n"
        lines += f"    key: {key}\n" if key <= 9 else ""
        lines += f"    to: {{queue: {_bare(name)}}}\n"
    return f"routes:                         # what callers say, and where it leads\n{lines}"


def _rest(answers: Answers) -> str:
    countries = _countries(answers.number, answers.cell)
    return f"""\
limits:                         # keep thieves from dialling at your expense
  countries: [{", ".join(countries)}]
"""


def _countries(*numbers: str) -> list[str]:
    """The countries of the numbers that are right; `load` complains about the others."""
    found = set()
    for number in numbers:
        with suppress(ValueError):
            found.add(country(phone(number)))
    return sorted(found) or ["US"]


def _clean(text: str) -> str:
    """What can be printed on one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _quoted(text: str) -> str:
    escaped = _clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bare(name: str) -> str:
    """A plain name needs no quotes, unless YAML takes it for something else."""
    return _quoted(name) if name in ("", "null", "true", "false") else name


def _plain_name(text: str) -> str:
    """A name that can stand in a rule: letters, digits and _."""
    name = re.sub(r"\W+", "_", text.lower()).strip("_")
    return name if not name or name[0].isalpha() else f"route_{name}"

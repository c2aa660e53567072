"""The owner's rules as frozen values: what the YAML file says once `app.owner` has read and checked it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from app.core.routing.definitions import Strategy
from app.core.waiting_rules import AskedFor, LastAgent, ServiceLevel


class TargetKind(StrEnum):
    """Where a caller can be sent."""

    QUEUE = "queue"
    PERSON = "person"
    MENU = "menu"
    MESSAGE = "message"
    NUMBER = "number"
    VOICEMAIL = "voicemail"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Target:
    """One place a call can go; `value` names the queue, agent, menu or number, or is the text of a message."""

    kind: TargetKind
    value: str = ""


class Listening(StrEnum):
    """How callers are heard (DESIGN.md section 4)."""

    LIVE = "live"
    RECORD = "record"
    CARRIER = "carrier"


class Order(StrEnum):
    """Which of two equally important tasks is served first."""

    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One slot of opening or working hours, local time; `weekday` counts from Monday = 0; `closes` is exclusive."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours: weekly slots, with whole days replaced by `holidays` (an empty tuple: closed all day)."""

    slots: tuple[Shift, ...] = ()
    holidays: Mapping[date, tuple[tuple[time, time], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who takes calls; `skills` maps a skill to its level. `escalation_only`: serves no queue by rule."""

    name: str
    phone: str
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    shifts: Hours | None = None
    starts_available: bool = True
    escalation_only: bool = False
    weight: int = 1
    asked_for: AskedFor | None = None


class Miss(StrEnum):
    """Why an offer came to nothing on the agent's side."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissRule:
    """What one kind of miss means: `limit` in a row end an agent's duty (0: never), `pause` seconds follow each.

    None: what `Offers` says for all. A kind with a limit of its own is counted by itself.
    """

    limit: int | None = None
    pause: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWatch:
    """When our own line is suspected: nobody answers any of the last `of` offers, and `failed` of them fail.

    They must be of the last `within` seconds and of so many different `agents`. While the line is suspected, somebody
    is rung every `pace` seconds.
    """

    failed: int = 4
    of: int = 6
    within: int = 180
    agents: int = 2
    pace: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What happens `after` seconds in a queue: move to `target`, raise the priority, and/or widen who `serves`.

    It may also need more than `when_waiting` callers in line, or too few answered in time (`when_at_risk`).
    """

    after: int
    target: Target | None = None
    raise_by: int = 0
    serves: str | None = None
    say: str = ""
    when_waiting: int = 0
    when_at_risk: bool = False

    @property
    def conditional(self) -> bool:
        """Whether something else than time has to be so."""
        return self.when_waiting > 0 or self.when_at_risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A line of callers. `serves` is an expression over worker attributes; `person` is where "agent" or 0 leads.

    `ageing` seconds of waiting are worth one point of priority (0: priority is strict). `skill` is the one whose level
    counts where the `strategy` is skill level; `missed` goes before what `Offers` says of it. `at_closing` is where
    those go who wait when the business closes (None: they stay).
    """

    name: str
    title: str
    serves: str
    music: str = ""
    announcements: tuple[str, ...] = ()
    announce_every: int = 30
    order: Order = Order.FIFO
    ring_at_once: int = 1
    priority: int = 0
    wrap_up: int = 10
    escalation: tuple[Escalation, ...] = ()
    person: Target | None = None
    ageing: int = 0
    strategy: Strategy = Strategy.LONGEST_IDLE
    skill: str = ""
    missed: Mapping[Miss, MissRule] = field(default_factory=dict)
    last_agent: LastAgent | None = None
    service_level: ServiceLevel | None = None
    at_closing: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Words and example sentences that lead to a target. A `hidden` route is never read out or offered by key."""

    name: str
    title: str
    keywords: tuple[str, ...]
    examples: tuple[str, ...]
    target: Target
    key: str = ""
    hidden: bool = False
    say: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One key of a menu (one or more digits, * or #), the words that mean the same, and where it leads.

    `route` names the route it stands for, if it stands for one.
    """

    keys: str
    target: Target
    words: tuple[str, ...] = ()
    hidden: bool = False
    route: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A keypad menu: what is said and where its choices lead."""

    name: str
    say: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRule:
    """Raises a call that matches every condition given, or sends it to `target`; empty conditions always match.

    `raise_by` counts in priority, `raise_places` in places of its own queue; `ahead` passes all who wait there.
    """

    name: str
    raise_by: int = 0
    raise_places: int = 0
    ahead: bool = False
    queue: str = ""
    vip: bool = False
    called_times: int = 0
    called_days: int = 7
    moods: frozenset[str] = frozenset()
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """What is said before the beep, how long a message may be, and what is said after it."""

    say: str = "Please leave a message after the tone."
    max_seconds: int = 120
    thanks: str = "Thank you. We will call you back. Goodbye."


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The numbers of the conversation; `*_below` are confidences 0..1, the others seconds or counts."""

    confirm_below: float = 0.6
    ignore_below: float = 0.3
    reprompts: int = 2
    silence: int = 5
    say_again: str = "Sorry, I did not catch that."
    confirm: str = "Did you want {title}?"
    connecting: str = "One moment, please."
    person: str = "I will get you a person. You keep your place."
    what: str = "How can I help?"
    goodbye: str = "Thank you for calling. Goodbye."
    menu: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """How agents are rung; seconds, and counts. `missed_limit` misses in a row take an agent off duty."""

    ring: int = 20
    answer_keys: int = 6
    retry_after: int = 15
    missed_limit: int = 3
    accept_key: str = "1"
    decline_key: str = "2"
    off_duty_key: str = "9"
    missed: Mapping[Miss, MissRule] = field(default_factory=dict)
    suspect_link: LinkWatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Toll-fraud limits: where the server may dial, and how much of it."""

    countries: tuple[str, ...] = ("US", "CA")
    concurrent: int = 20
    hourly: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything one owner's file says. `version` identifies its content; calls keep the version they started with."""

    version: str
    business: str
    number: str = ""
    timezone: str = "UTC"
    language: str = "en-US"
    voice: str = ""
    greeting: str = ""
    listening: Listening = Listening.LIVE
    hours: Hours | None = None
    closed_say: str = ""
    closed: Target = Target(TargetKind.VOICEMAIL)
    fallback: Target = Target(TargetKind.VOICEMAIL)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    menus: Mapping[str, Menu] = field(default_factory=dict)
    priorities: tuple[PriorityRule, ...] = ()
    person: Target | None = None
    vips: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    person_words: tuple[str, ...] = ("agent", "operator", "representative", "human", "person", "someone")
    voicemail: Voicemail = Voicemail()
    turns: Turns = Turns()
    offers: Offers = Offers()
    limits: Limits = Limits()

"""The shape of the owner's file, key by key, in the owner's words (`time_zone` here is `time zone` there)."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.core.config import Listening
from app.core.entities import Mood
from app.core.indexes import AGEING_LIMIT
from app.owner.notation import (
    Country,
    Day,
    Keys,
    Name,
    Phone,
    Phrases,
    Seconds,
    Share,
    Skills,
    Slots,
    Text,
    Texts,
    To,
    YesNo,
    Zone,
)
from app.owner.sheet import Sheet
from app.owner.waiting_sheets import AskedForSheet, AtClosing, EscalationSheet, LastAgentSheet, ServiceLevelSheet

AskedFirst = Literal[
    "longest idle", "round robin", "fewest calls", "least talk time", "skill level", "ring all", "weighted random",
    "sequential",
]  # fmt: skip


class HoursSheet(Sheet):
    """Opening hours: days (`mon`, `mon-fri`, `sat, sun`) with their hours; `holidays` replace whole days."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Slots]

    holidays: dict[Day, Slots] = Field(default={}, description="Dates with other hours: `2026-12-25: closed`.")


class ClosedSheet(Sheet):
    """What a caller gets outside the opening hours."""

    say: Text | None = Field(default=None, description="What a caller hears when you are closed.")
    then: To | None = Field(default=None, description="Where the caller goes after that; usually voicemail.")


class AgentSheet(Sheet):
    """Somebody who takes calls."""

    phone: Phone = Field(description="The telephone that rings, with + and country code.")
    skills: Skills = Field(default={}, description="What they can do: [orders], or with levels {orders: 3}.")
    languages: list[Text] | None = Field(default=None, description="Languages they speak, like [en, es].")
    shifts: HoursSheet | None = Field(default=None, description="When they work, written like `hours`.")
    starts: YesNo | None = Field(default=None, description="`off`: not on duty until they say so.")
    escalation_only: YesNo | None = Field(default=None, description="`yes`: rung only where a rule names them.")
    weight: int | None = Field(default=None, ge=0, le=1000, description="Share of calls in a weighted draw; usually 1.")
    asked_for: AskedForSheet | None = Field(default=None, description="How long callers wait who ask for this agent.")


class MissSheet(Sheet):
    """What one kind of missed offer means."""

    limit: int | None = Field(default=None, ge=0, le=100, description="So many in a row end their duty; 0: never.")
    pause: Seconds | None = Field(default=None, description="Pause before they are rung for the same call again.")


class MissedSheet(Sheet):
    """Missed offers by reason; a reason with a limit is counted by itself."""

    no_answer: MissSheet | None = Field(default=None, description="It rang, and nobody took the call.")
    busy: MissSheet | None = Field(default=None, description="The telephone was busy.")
    declined: MissSheet | None = Field(default=None, description="They pressed the key that declines.")
    voicemail: MissSheet | None = Field(default=None, description="A machine answered.")
    unreachable: MissSheet | None = Field(default=None, description="The carrier could not reach the telephone.")


class QueueSheet(Sheet):
    """A line of callers."""

    title: Text | None = Field(default=None, description="What callers hear it called; its name if left out.")
    serves: Text = Field(description="Who may serve: a rule over agents, like `skills HAS 'orders'`.")
    music: Text | None = Field(default=None, description="A WAV file beside this one, an https URL, or one of ours.")
    announcements: Texts | None = Field(default=None, description="Said in turn while callers wait.")
    announce_every: Seconds | None = Field(default=None, ge=10, description="How often position and wait are said.")
    order: Literal["oldest first", "newest first"] | None = Field(default=None, description="Who is served next.")
    ring_at_once: int | None = Field(default=None, ge=1, le=50, description="How many agents ring for one call.")
    priority: int | None = Field(default=None, ge=0, le=1000, description="Larger is served before smaller.")
    wrap_up: Seconds | None = Field(default=None, description="How long an agent is left alone after a call.")
    escalation: list[EscalationSheet] = Field(default=[], description="Steps by waiting time, earliest first.")
    person: To | None = Field(default=None, description='Where "agent" or 0 leads a caller who waits here.')
    ageing: Seconds | None = Field(default=None, ge=1, le=AGEING_LIMIT, description="Wait that is worth 1 of priority.")
    strategy: AskedFirst | None = Field(default=None, description="Which of the free agents is rung first.")
    skill: Text | None = Field(default=None, description="The skill whose level counts, with `skill level`.")
    missed: MissedSheet | None = Field(default=None, description="As in `offers`, for calls in this queue.")
    last_agent: LastAgentSheet | None = Field(default=None, description="Wait for whoever served this number last.")
    service_level: ServiceLevelSheet | None = Field(default=None, description="How many calls are answered in time.")
    at_closing: AtClosing | None = Field(default=None, description="Where those go who wait when you close; or `keep`.")


class RouteSheet(Sheet):
    """Words that lead somewhere."""

    title: Text | None = Field(default=None, description='What callers hear it called: "Did you want {title}?"')
    words: Phrases = Field(default=[], description="Words or phrases; one of them is enough.")
    examples: Texts = Field(default=[], description="Whole sentences that callers say; what sounds alike counts too.")
    to: To = Field(description="Where the caller goes.")
    key: Keys | None = Field(default=None, description="The key that means the same.")
    hidden: YesNo | None = Field(default=None, description="`yes`: works, but is never announced.")
    say: Text | None = Field(default=None, description="What the caller is told on the way.")


class ChoiceSheet(Sheet):
    """One key of a menu."""

    to: To = Field(description="Where the key leads.")
    words: Phrases = Field(default=[], description="Words that mean the same as the key.")
    hidden: YesNo | None = Field(default=None, description="`yes`: works, but is never announced.")


class MenuSheet(Sheet):
    """A keypad menu."""

    say: Text = Field(description="What the caller hears, naming the keys.")
    keys: dict[Keys, ChoiceSheet] = Field(description="The keys and where they lead.", min_length=1)


class CalledSheet(Sheet):
    """How often somebody has called."""

    times: int = Field(ge=1, le=1000, description="This call and those before it.")
    in_days: int | None = Field(default=None, ge=1, le=90, description="Within so many days; 7 if left out.")


class PrioritySheet(Sheet):
    """A call that meets every condition given is more important, or goes elsewhere."""

    name: Text = Field(description="What this rule is called, in reports and explanations.")
    queue: Text | None = Field(default=None, description="Only calls in this queue.")
    vip: YesNo | None = Field(default=None, description="`yes`: only callers listed under `vips`.")
    called: CalledSheet | None = Field(default=None, description="Only callers who called so often.")
    moods: list[Mood] | None = Field(default=None, description="Only callers who sound like one of these.")
    raise_by: int | None = Field(default=None, ge=1, le=1000, description="How much more important the call is.")
    raise_places: int | None = Field(default=None, ge=1, le=1000, description="Places it gains in its queue, at most.")
    ahead: YesNo | None = Field(default=None, description="`yes`: goes before all others of its queue.")
    to: To | None = Field(default=None, description="Where the call goes instead.")


class VoicemailSheet(Sheet):
    """Messages that callers leave."""

    say: Text | None = Field(default=None, description="What is said before the tone.")
    longest: Seconds | None = Field(default=None, ge=5, le=3600, description="How long a message may be.")
    thanks: Text | None = Field(default=None, description="What is said after it.")


class TurnsSheet(Sheet):
    """The conversation. Confidence runs from 0 (a guess) to 1 (certain)."""

    confirm_below: Share | None = Field(default=None, description="Less sure than this: ask back.")
    ignore_below: Share | None = Field(default=None, description="Less sure than this: as if nothing was said.")
    reprompts: int | None = Field(default=None, ge=0, le=5, description="How often to ask again before the keypad.")
    silence: Seconds | None = Field(default=None, ge=1, le=60, description="How long to wait for a caller to speak.")
    say_again: Text | None = Field(default=None, description="Said when nothing was understood.")
    confirm: Text | None = Field(default=None, description='Asked when unsure; must hold "{title}".')
    connecting: Text | None = Field(default=None, description="Said before a caller is put through.")
    person: Text | None = Field(default=None, description="Said to a waiting caller who asks for a person.")
    what: Text | None = Field(default=None, description="Asked when the caller is to say more.")
    goodbye: Text | None = Field(default=None, description="Said at the end.")
    menu: Text | None = Field(default=None, description="The menu for callers who are not understood.")


class LinkSheet(Sheet):
    """When our own line is suspected: most offers fail together, and nobody answers any. {} for the usual numbers."""

    failed: int | None = Field(default=None, ge=2, le=50, description="So many offers have failed; 4 if left out.")
    of: int | None = Field(default=None, ge=2, le=50, description="Of so many that were made last; 6 if left out.")
    within: Seconds | None = Field(default=None, ge=10, le=3600, description="In so long a time; 3 min if left out.")
    agents: int | None = Field(default=None, ge=2, le=50, description="To so many agents; 2 if left out.")
    pace: Seconds | None = Field(
        default=None, ge=1, le=600, description="Then one is tried so often; 15 s if left out."
    )


class OffersSheet(Sheet):
    """How agents are rung."""

    ring: Seconds | None = Field(default=None, ge=1, le=600, description="How long an agent's telephone rings.")
    wait_for_key: Seconds | None = Field(default=None, ge=1, le=60, description="How long they have to press a key.")
    retry_after: Seconds | None = Field(default=None, description="Pause before a missed agent is rung again.")
    missed_limit: int | None = Field(default=None, ge=1, le=100, description="Misses in a row that end their duty.")
    accept_key: Keys | None = Field(default=None, description="Takes the call.")
    decline_key: Keys | None = Field(default=None, description="Declines it.")
    off_duty_key: Keys | None = Field(default=None, description="Declines it and goes off duty.")
    missed: MissedSheet | None = Field(default=None, description="What a missed offer means, by reason.")
    suspect_link: LinkSheet | None = Field(default=None, description="When offers fail together, our line is at fault.")


class LimitsSheet(Sheet):
    """Limits that keep thieves from dialling at your expense."""

    countries: list[Country] | None = Field(default=None, description="Where the server may dial, like [US, CA].")
    calls_at_once: int | None = Field(default=None, ge=1, le=10000, description="Outgoing calls at the same time.")
    calls_an_hour: int | None = Field(default=None, ge=1, le=100000, description="Outgoing calls in one hour.")


class OwnerFile(Sheet):
    """The whole file."""

    business: Text = Field(description="The name of your business.")
    number: Phone | None = Field(default=None, description="The number that callers dial.")
    time_zone: Zone = Field(description="Where your clock is, like America/New_York.")
    language: Annotated[Text, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = Field(
        default=None, description="What callers speak and hear, like en-US."
    )
    voice: Text | None = Field(default=None, description="The carrier's voice that speaks for you, like Polly.Joanna.")
    greeting: Text | None = Field(default=None, description="What every caller hears first.")
    listening: Listening | None = Field(default=None, description="How callers are heard: live, record or carrier.")
    hours: HoursSheet | None = Field(default=None, description="When you are open; always if left out.")
    closed: ClosedSheet = Field(default=ClosedSheet(), description="What happens when you are not.")
    otherwise: To | None = Field(default=None, description="Where a caller goes who was never understood.")
    agents: dict[Name, AgentSheet] = Field(default={}, description="Who takes calls.")
    queues: dict[Name, QueueSheet] = Field(default={}, description="The lines in which callers wait.")
    routes: dict[Name, RouteSheet] = Field(default={}, description="What callers say, and where that leads.")
    menus: dict[Name, MenuSheet] = Field(default={}, description="Keypad menus.")
    priorities: list[PrioritySheet] = Field(default=[], description="Which calls matter more; all that fit are added.")
    vips: list[Phone] = Field(default=[], description="Numbers of your most important callers.")
    blocked: list[Phone] = Field(default=[], description="Numbers that are turned away.")
    person_words: Phrases | None = Field(default=None, description="Words that ask for a person.")
    voicemail: VoicemailSheet = Field(default=VoicemailSheet(), description="What callers hear who leave a message.")
    turns: TurnsSheet = Field(default=TurnsSheet(), description="The conversation.")
    offers: OffersSheet = Field(default=OffersSheet(), description="How agents are rung, and their keys.")
    limits: LimitsSheet = Field(default=LimitsSheet(), description="Limits on outgoing calls.")


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    drawn = OwnerFile.model_json_schema(by_alias=True, mode="validation")
    title = "Switchboard: the owner's file"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_trimmed(drawn), "title": title}


def _trimmed(drawn: dict[str, Any]) -> dict[str, Any]:
    """Without pydantic's titles and defaults, which editors would show or even write into the file."""
    return {key: _trimmed_value(key, value) for key, value in drawn.items() if key not in ("title", "default")}


def _trimmed_value(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_trimmed(item) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, dict):
        return value
    named = key in ("properties", "patternProperties", "$defs")
    return {name: _trimmed(inner) for name, inner in value.items()} if named else _trimmed(value)

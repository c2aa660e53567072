"""Turns the owner's sheets into the core's frozen values; what the owner left out keeps the core's defaults."""

from collections.abc import Callable
from typing import Any

from app.core.config import (
    Agent,
    Choice,
    Config,
    Escalation,
    Hours,
    Limits,
    LinkWatch,
    Menu,
    Miss,
    MissRule,
    Offers,
    Order,
    PriorityRule,
    Queue,
    Route,
    Shift,
    Target,
    TargetKind,
    Turns,
    Voicemail,
)
from app.core.routing.definitions import Strategy
from app.core.waiting_rules import AskedFor, LastAgent, ServiceLevel
from app.owner.notation import days
from app.owner.schema import (
    AgentSheet,
    HoursSheet,
    LinkSheet,
    MenuSheet,
    MissedSheet,
    OwnerFile,
    PrioritySheet,
    QueueSheet,
    RouteSheet,
)
from app.owner.waiting_sheets import EscalationSheet


def config(file: OwnerFile, version: str, music: Callable[[str], str]) -> Config:
    """The whole file; `music` turns what the owner wrote for music into what the server plays."""
    return Config(
        version=version,
        business=file.business,
        timezone=file.time_zone,
        agents={name: _agent(name, sheet) for name, sheet in file.agents.items()},
        queues={name: _queue(name, sheet, music) for name, sheet in file.queues.items()},
        routes={name: _route(name, sheet) for name, sheet in file.routes.items()},
        menus={name: _menu(name, sheet) for name, sheet in file.menus.items()},
        priorities=tuple(_priority(sheet) for sheet in file.priorities),
        vips=frozenset(file.vips),
        blocked=frozenset(file.blocked),
        voicemail=_voicemail(file),
        turns=_turns(file),
        offers=_offers(file),
        limits=_limits(file),
        **_given(
            number=file.number,
            language=file.language,
            voice=file.voice,
            greeting=file.greeting,
            listening=file.listening,
            hours=hours(file.hours),
            closed_say=file.closed.say,
            closed=file.closed.then,
            fallback=file.otherwise,
            person=_person(file.otherwise),
            person_words=_tuple(file.person_words),
        ),
    )


def _person(otherwise: Target | None) -> Target | None:
    """Where "agent" or 0 leads outside of queues: to where the misunderstood go, if somebody is there."""
    return otherwise if otherwise and otherwise.kind in (TargetKind.QUEUE, TargetKind.PERSON) else None


def hours(sheet: HoursSheet | None) -> Hours | None:
    """Opening or working hours; None means always."""
    if sheet is None:
        return None
    weekly = sorted(
        (day, opens, closes)
        for key, slots in sheet.__pydantic_extra__.items()
        for day in days(key) or ()
        for opens, closes in slots
    )
    shifts = tuple(Shift(weekday=day, opens=opens, closes=closes) for day, opens, closes in weekly)
    return Hours(slots=shifts, holidays=dict(sheet.holidays))


def _given(**values: Any) -> dict[str, Any]:
    """Only what the owner wrote."""
    return {name: value for name, value in values.items() if value is not None}


def _tuple(items: list[str] | None) -> tuple[str, ...] | None:
    return None if items is None else tuple(items)


def _agent(name: str, sheet: AgentSheet) -> Agent:
    return Agent(
        name=name,
        phone=sheet.phone,
        skills=dict(sheet.skills),
        **_given(
            languages=_tuple(sheet.languages),
            shifts=hours(sheet.shifts),
            starts_available=sheet.starts,
            escalation_only=sheet.escalation_only,
            weight=sheet.weight,
            asked_for=AskedFor(wait=sheet.asked_for.wait, then=sheet.asked_for.then) if sheet.asked_for else None,
        ),
    )


def _queue(name: str, sheet: QueueSheet, music: Callable[[str], str]) -> Queue:
    orders = {"oldest first": Order.FIFO, "newest first": Order.LIFO}
    return Queue(
        name=name,
        title=sheet.title or name,
        serves=sheet.serves,
        escalation=tuple(_step(step) for step in sheet.escalation),
        **_given(
            music=music(sheet.music) if sheet.music else None,
            announcements=_tuple(sheet.announcements),
            announce_every=sheet.announce_every,
            order=orders[sheet.order] if sheet.order else None,
            ring_at_once=sheet.ring_at_once,
            priority=sheet.priority,
            wrap_up=sheet.wrap_up,
            person=sheet.person,
            ageing=sheet.ageing,
            strategy=Strategy(sheet.strategy.replace(" ", "_")) if sheet.strategy else None,
            skill=sheet.skill,
            missed=_missed(sheet.missed),
            last_agent=LastAgent(**_given(**sheet.last_agent.model_dump())) if sheet.last_agent else None,
            service_level=ServiceLevel(**sheet.service_level.model_dump()) if sheet.service_level else None,
            at_closing=sheet.at_closing,
        ),
    )


def _step(sheet: EscalationSheet) -> Escalation:
    return Escalation(
        after=sheet.after or 0,
        target=sheet.to,
        serves=sheet.serves,
        **_given(
            raise_by=sheet.raise_by, say=sheet.say, when_waiting=sheet.when_waiting, when_at_risk=sheet.when_at_risk
        ),
    )


def _route(name: str, sheet: RouteSheet) -> Route:
    return Route(
        name=name,
        title=sheet.title or name,
        keywords=tuple(sheet.words),
        examples=tuple(sheet.examples),
        target=sheet.to,
        **_given(key=sheet.key, hidden=sheet.hidden, say=sheet.say),
    )


def _menu(name: str, sheet: MenuSheet) -> Menu:
    choices = tuple(
        Choice(keys=key, target=choice.to, words=tuple(choice.words), **_given(hidden=choice.hidden))
        for key, choice in sheet.keys.items()
    )
    return Menu(name=name, say=sheet.say, choices=choices)


def _priority(sheet: PrioritySheet) -> PriorityRule:
    called = sheet.called
    return PriorityRule(
        name=sheet.name,
        raise_by=sheet.raise_by or 0,
        raise_places=sheet.raise_places or 0,
        ahead=bool(sheet.ahead),
        target=sheet.to,
        moods=frozenset(mood.value for mood in sheet.moods or ()),
        **_given(
            queue=sheet.queue,
            vip=sheet.vip,
            called_times=called.times if called else None,
            called_days=called.in_days if called else None,
        ),
    )


def _voicemail(file: OwnerFile) -> Voicemail:
    sheet = file.voicemail
    return Voicemail(**_given(say=sheet.say, max_seconds=sheet.longest, thanks=sheet.thanks))


def _turns(file: OwnerFile) -> Turns:
    return Turns(**_given(**{name: getattr(file.turns, name) for name in type(file.turns).model_fields}))


def _offers(file: OwnerFile) -> Offers:
    sheet = file.offers
    return Offers(
        **_given(
            ring=sheet.ring,
            answer_keys=sheet.wait_for_key,
            retry_after=sheet.retry_after,
            missed_limit=sheet.missed_limit,
            accept_key=sheet.accept_key,
            decline_key=sheet.decline_key,
            off_duty_key=sheet.off_duty_key,
            missed=_missed(sheet.missed),
            suspect_link=_link(sheet.suspect_link),
        )
    )


def _missed(sheet: MissedSheet | None) -> dict[Miss, MissRule] | None:
    """What the owner wrote of each reason; None if nothing."""
    if sheet is None:
        return None
    written = {miss: getattr(sheet, miss.value) for miss in Miss}
    return {miss: MissRule(limit=one.limit, pause=one.pause) for miss, one in written.items() if one is not None}


def _link(sheet: LinkSheet | None) -> LinkWatch | None:
    return None if sheet is None else LinkWatch(**_given(**sheet.model_dump()))


def _limits(file: OwnerFile) -> Limits:
    sheet = file.limits
    return Limits(
        **_given(countries=_tuple(sheet.countries), concurrent=sheet.calls_at_once, hourly=sheet.calls_an_hour)
    )

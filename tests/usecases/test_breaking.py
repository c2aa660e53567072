"""When our own line breaks, no agent is set off duty; when an agent does not answer, they are."""

from dataclasses import replace

import pytest

from app.core.config import Agent, Config, Hours, LinkWatch, Offers, Queue
from app.core.entities import Activity, Reservation
from app.core.events import EventType
from app.followers.dispatcher import Dispatcher
from app.ports.telephony import Outcome, Sent
from app.usecases.link import is_suspected, suspected_since
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config

NAMES = ("anna", "ben", "cleo", "dora")
ALERTS = (EventType.ALERT_LINK_SUSPECTED, EventType.ALERT_LINK_RESTORED)


def a_centre(watch: LinkWatch | None = None, **offers: object) -> Config:
    """Four agents, one queue that waits for ever, and a watch on our own line."""
    agents = {name: Agent(name=name, phone=f"+1202555012{n}") for n, name in enumerate(NAMES)}
    queue = Queue(name="sales", title="orders", serves="1 == 1", wrap_up=0)
    set_of = Offers(suspect_link=watch or LinkWatch(), **offers)  # type: ignore[arg-type]
    return replace(a_config(), agents=agents, queues={"sales": queue}, priorities=(), offers=set_of)


class Centre:
    """A shop whose telephones can be cut off."""

    def __init__(self, config: Config, callers: int = 4) -> None:
        self.shop = Shop(config)
        self.dispatcher = Dispatcher(self.shop.context, "one")
        for number in range(callers):
            self.shop.waits_in(call=f"CA{number}")

    def works(self) -> list[Reservation]:
        """The dispatcher does all that there is to do; the offers open then."""
        for _ in range(4):
            self.dispatcher.step()
        return self.shop.offers()

    def fails(self, offer: Reservation, status: str = "no-answer") -> None:
        """The carrier says that a phone was not reached."""
        self.shop.desk.offer_ended(offer.sid, offer.leg or "CAleg", status)

    def cut_off(self, rounds: int, status: str = "no-answer") -> int:
        """Whoever is rung is not reached, for so many rounds of 10 s; how many were rung."""
        rung = 0
        for _ in range(rounds):
            for offer in self.works():
                rung += 1
                self.fails(offer, status)
            self.works()
            self.shop.clock.advance_seconds(10)
        return rung

    @property
    def off_duty(self) -> set[str]:
        """Who is off duty."""
        return {name for name in NAMES if self.shop.worker(name).activity == Activity.OFF}

    def alerts(self) -> list[EventType]:
        """What was told of our line."""
        return [event.type for event in self.shop.events(*ALERTS)]


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_when_all_agents_are_cut_off_nobody_is_set_off_duty(limit: int, status: str) -> None:
    centre = Centre(a_centre(missed_limit=limit))

    centre.cut_off(30, status)

    assert centre.off_duty == set()
    assert [dict(centre.shop.worker(name).missed) for name in NAMES] == [{}] * 4
    assert centre.alerts() == [EventType.ALERT_LINK_SUSPECTED]
    assert is_suspected(centre.shop.context)


def test_without_the_watch_they_are_set_off_duty_one_after_the_other() -> None:
    config = a_centre()
    centre = Centre(replace(config, offers=replace(config.offers, suspect_link=None, missed_limit=2)))

    centre.cut_off(30)

    assert centre.off_duty == set(NAMES)
    assert centre.alerts() == []


def test_offers_that_nobody_hears_of_again_count_as_much() -> None:
    centre = Centre(a_centre(missed_limit=1))

    for _ in range(12):
        centre.works()
        centre.shop.clock.advance_seconds(38)

    assert centre.off_duty == set()
    assert centre.alerts() == [EventType.ALERT_LINK_SUSPECTED]


def test_phones_that_the_carrier_refuses_to_ring_count_as_much() -> None:
    centre = Centre(a_centre(missed_limit=1))

    for _ in range(9):
        for offer in centre.works():
            centre.shop.switchboard.placed(offer.sid, Outcome(Sent.REFUSED, why="no trunk"))
        centre.shop.clock.advance_seconds(10)

    assert centre.off_duty == set()
    assert centre.alerts() == [EventType.ALERT_LINK_SUSPECTED]


def test_one_agent_alone_who_does_not_answer_is_set_off_duty() -> None:
    centre = Centre(a_centre(missed_limit=3))

    for _ in range(12):
        for offer in centre.works():
            if offer.worker == "anna":
                centre.fails(offer)
            else:
                centre.shop.agent_takes(offer, f"CA-{offer.sid}")
                centre.shop.clock.advance_seconds(5)
                centre.shop.desk.ended(offer.call, "completed")
                centre.shop.waits_in(call=f"{offer.call}x")
        centre.shop.clock.advance_seconds(16)

    assert centre.off_duty == {"anna"}
    assert centre.alerts() == []


def test_the_only_agent_on_duty_who_does_not_answer_is_set_off_duty() -> None:
    centre = Centre(a_centre(missed_limit=3))
    for name in NAMES[1:]:
        set_activity(centre.shop.context, name, Activity.OFF)

    centre.cut_off(12)

    assert "anna" in centre.off_duty
    assert centre.alerts() == []


def test_while_suspected_one_phone_is_tried_at_each_pace() -> None:
    centre = Centre(a_centre(LinkWatch(pace=60)))
    before = centre.cut_off(2)
    assert before > 4
    assert is_suspected(centre.shop.context)

    rung = centre.cut_off(60)

    assert 8 <= rung <= 11, "ten minutes, one each"


def test_the_first_agent_who_answers_clears_the_line_and_everybody_is_rung_again() -> None:
    centre = Centre(a_centre(LinkWatch(pace=30)))
    centre.cut_off(2)
    offers: list[Reservation] = []
    while not offers:
        centre.shop.clock.advance_seconds(5)
        offers = centre.works()
    (tried,) = offers

    centre.shop.agent_takes(tried)
    offers = centre.works()

    assert centre.alerts() == list(ALERTS)
    assert not is_suspected(centre.shop.context)
    assert len(offers) == 3, "the other three agents ring for the other three callers"
    centre.works()
    assert centre.alerts() == list(ALERTS)


def test_a_second_cascade_is_told_again() -> None:
    centre = Centre(a_centre(LinkWatch(pace=5)), callers=6)
    centre.cut_off(3)
    (tried,) = centre.works() or [None]
    assert tried
    centre.shop.desk.offer_key(tried.sid, "CAleg", "2")
    centre.works()
    assert not is_suspected(centre.shop.context)

    centre.shop.clock.advance_seconds(60)
    centre.cut_off(6)

    assert centre.alerts() == [*ALERTS, EventType.ALERT_LINK_SUSPECTED]


def test_whoever_was_set_off_duty_is_told_that_they_are_back() -> None:
    centre = Centre(a_centre(missed_limit=1))

    centre.cut_off(3)

    told = [str(event.data["text"]) for event in centre.shop.events(EventType.INTENT_TELL)]
    assert any("taken you off duty" in text for text in told)
    assert any("You are on duty again" in text for text in told)
    assert centre.off_duty == set()


def test_whoever_left_by_themselves_stays_away() -> None:
    centre = Centre(a_centre(missed_limit=9))
    offers = centre.works()
    for offer in offers[:3]:
        centre.fails(offer)
    centre.works()
    centre.shop.clock.advance_seconds(1)
    set_activity(centre.shop.context, offers[0].worker, Activity.OFF)

    for offer in centre.works():
        centre.fails(offer)
    centre.works()

    assert is_suspected(centre.shop.context)
    assert centre.off_duty == {offers[0].worker}


def test_nobody_is_put_back_on_duty_after_their_shift() -> None:
    config = a_centre(missed_limit=1)
    centre = Centre(config)
    for offer in centre.works()[:3]:
        centre.fails(offer)
    centre.dispatcher.step()
    closed = {name: replace(agent, shifts=Hours()) for name, agent in config.agents.items()}
    centre.shop.configs.config = replace(config, agents=closed)

    centre.cut_off(1)

    assert is_suspected(centre.shop.context)
    assert centre.off_duty


def test_several_dispatchers_tell_of_it_once() -> None:
    centre = Centre(a_centre())
    others = [Dispatcher(centre.shop.context, f"other{n}") for n in range(3)]

    for _ in range(6):
        for offer in centre.shop.dispatches():
            centre.fails(offer)
        for dispatcher in others:
            dispatcher.step()
        centre.shop.clock.advance_seconds(16)

    assert centre.alerts() == [EventType.ALERT_LINK_SUSPECTED]
    assert suspected_since(centre.shop.context.store) > 0

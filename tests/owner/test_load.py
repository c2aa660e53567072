"""What an owner writes becomes the core's rules."""

from datetime import date, time
from pathlib import Path

import pytest

from app.core.config import (
    Choice,
    Config,
    Escalation,
    Limits,
    LinkWatch,
    Listening,
    Miss,
    MissRule,
    Offers,
    Order,
    Shift,
    Target,
    TargetKind,
)
from app.core.routing.definitions import Strategy
from app.owner import load
from app.owner.notation import END_OF_DAY

SHOP = Path(__file__).with_name("shop.yaml")


@pytest.fixture(name="shop", scope="module")
def _shop() -> Config:
    return load(SHOP)


def test_the_business_speaks_and_listens_as_written(shop: Config) -> None:
    assert (shop.business, shop.number, shop.timezone) == ("Unicone", "+12025550100", "America/New_York")
    assert (shop.language, shop.voice, shop.listening) == ("en-GB", "Polly.Amy", Listening.RECORD)
    assert shop.greeting == "Hello and welcome."
    assert (shop.closed_say, shop.closed) == ("We are closed.", Target(TargetKind.HANG_UP))
    assert shop.fallback == Target(TargetKind.QUEUE, "sales")


def test_hours_have_several_slots_and_days_that_differ(shop: Config) -> None:
    assert shop.hours is not None
    monday = [slot for slot in shop.hours.slots if slot.weekday == 0]
    assert monday == [
        Shift(weekday=0, opens=time(9), closes=time(12, 30)),
        Shift(weekday=0, opens=time(13, 30), closes=time(18)),
    ]
    assert {slot.weekday for slot in shop.hours.slots} == {0, 1, 2, 3, 4, 6}
    assert [slot for slot in shop.hours.slots if slot.weekday == 6] == [
        Shift(weekday=6, opens=time(20), closes=END_OF_DAY)
    ]
    assert shop.hours.holidays == {
        date(2026, 12, 25): (),
        date(2026, 12, 24): ((time(9), time(13)),),
    }


def test_agents_have_skills_languages_shifts_and_duty(shop: Config) -> None:
    anna, bob = shop.agents["anna"], shop.agents["bob"]
    assert (anna.phone, dict(anna.skills), anna.languages) == ("+12025550111", {"orders": 3}, ("en", "es"))
    assert (anna.starts_available, anna.escalation_only) == (True, False)
    assert anna.shifts is not None
    assert anna.shifts.slots == (Shift(weekday=5, opens=time(8), closes=time(10)),)
    assert (dict(bob.skills), bob.starts_available, bob.escalation_only) == ({"orders": 1, "help": 1}, False, True)
    assert (bob.languages, bob.shifts) == (("en",), None)


def test_queues_say_who_serves_and_how_they_escalate(shop: Config) -> None:
    sales = shop.queues["sales"]
    assert (sales.title, sales.serves, sales.order) == ("orders", "skills HAS 'orders'", Order.LIFO)
    assert (sales.announcements, sales.announce_every) == (("One.", "Two."), 45)
    assert (sales.ring_at_once, sales.priority, sales.wrap_up) == (3, 4, 90)
    assert sales.person == Target(TargetKind.PERSON, "anna")
    assert sales.escalation == (
        Escalation(after=90, raise_by=5, say="Soon."),
        Escalation(after=120, serves="1 == 1"),
        Escalation(after=3600, target=Target(TargetKind.NUMBER, "+12025550199")),
    )
    assert shop.queues["plain"].title == "plain"
    assert shop.queues["plain"].wrap_up == 10


def test_queues_say_who_goes_first_and_who_is_asked_first(shop: Config) -> None:
    plain, fair, loud = (shop.queues[name] for name in ("plain", "fair", "loud"))
    assert (plain.ageing, plain.strategy, plain.skill, plain.missed) == (0, Strategy.LONGEST_IDLE, "", {})
    assert (fair.ageing, fair.strategy, fair.skill) == (60, Strategy.SKILL_LEVEL, "orders")
    assert fair.missed == {Miss.BUSY: MissRule(limit=0), Miss.NO_ANSWER: MissRule(limit=4)}
    assert loud.strategy is Strategy.RING_ALL
    assert (shop.agents["anna"].weight, shop.agents["bob"].weight) == (3, 1)


@pytest.mark.parametrize("strategy", list(Strategy))
def test_every_strategy_can_be_written(strategy: Strategy) -> None:
    words = strategy.value.replace("_", " ")
    skill = ", skill: orders" if strategy is Strategy.SKILL_LEVEL else ""
    agents = 'agents: {anna: {phone: "+12025550111", skills: [orders]}}'
    config = load(
        f"business: x\ntime zone: UTC\n{agents}\nqueues: {{a: {{serves: 1 == 1, strategy: {words}{skill}}}}}\n"
    )
    assert config.queues["a"].strategy is strategy


def test_music_is_a_tune_of_ours_an_address_or_a_file_beside_the_owners(shop: Config, tmp_path: Path) -> None:
    assert Path(shop.queues["sales"].music).name == "waffle.wav"
    assert Path(shop.queues["sales"].music).read_bytes()[:4] == b"RIFF"
    assert shop.queues["plain"].music == "https://example.com/song.mp3"
    (tmp_path / "song.wav").write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.read_text(encoding="utf-8").replace("waffle", "song.wav"), encoding="utf-8")
    assert load(file).queues["sales"].music == str(tmp_path / "song.wav")


def test_routes_and_menus_lead_somewhere(shop: Config) -> None:
    route = shop.routes["order"]
    assert (route.title, route.keywords, route.key) == ("an order", ("order", "ice cream"), "1")
    assert (route.examples, route.target) == (("I want ice cream.",), Target(TargetKind.QUEUE, "sales"))
    assert (route.hidden, route.say) == (True, "Lovely.")
    assert shop.routes["hours"].target == Target(TargetKind.MESSAGE, "Nine to six.")
    assert shop.menus["main"].choices == (
        Choice(keys="1", target=Target(TargetKind.QUEUE, "sales"), words=("one",)),
        Choice(keys="*7", target=Target(TargetKind.VOICEMAIL), hidden=True),
    )
    assert shop.person_words == ("agent", "real person")


def test_priorities_name_their_conditions(shop: Config) -> None:
    upset, vip = shop.priorities
    assert (upset.name, upset.raise_by, upset.queue) == ("upset", 10, "sales")
    assert (upset.called_times, upset.called_days, upset.moods) == (3, 5, {"frustrated", "urgent"})
    assert (vip.vip, vip.target, vip.raise_by, vip.called_days) == (True, Target(TargetKind.PERSON, "anna"), 0, 7)
    assert (shop.vips, shop.blocked) == ({"+12025550123"}, {"+4721000000"})


def test_numbers_of_the_conversation_and_of_ringing(shop: Config) -> None:
    assert (shop.voicemail.say, shop.voicemail.max_seconds, shop.voicemail.thanks) == ("Speak.", 60, "Thanks.")
    assert (shop.turns.confirm_below, shop.turns.ignore_below, shop.turns.reprompts) == (0.7, 0.2, 1)
    assert (shop.turns.silence, shop.turns.confirm, shop.turns.menu) == (7, "{title}, right?", "main")
    assert shop.offers == Offers(
        ring=15, answer_keys=5, retry_after=0, missed_limit=2, accept_key="5", decline_key="6", off_duty_key="7",
        missed={Miss.BUSY: MissRule(limit=6, pause=60), Miss.DECLINED: MissRule(limit=5)},
        suspect_link=LinkWatch(failed=3, within=60),
    )  # fmt: skip
    assert shop.limits == Limits(countries=("US", "NO"), concurrent=3, hourly=30)


def test_what_is_left_out_keeps_its_usual_value() -> None:
    config = load("business: Bare\ntime zone: UTC\n")
    assert config == Config(version=config.version, business="Bare", timezone="UTC")


def test_the_version_names_text_and_overlay() -> None:
    text = SHOP.read_text(encoding="utf-8")
    versions = {
        load(text).version,
        load(SHOP).version,
        load(text + "\n").version,
        load(text, "vips: []\n").version,
    }
    assert len(versions) == 3
    assert all(len(version) == 12 for version in versions)


def test_an_overlay_changes_what_it_names_and_nothing_else(shop: Config) -> None:
    over = "offers: {ring: 5 s}\nqueues:\n  sales: {escalation: [{after: 9 s}, {}, {after: 20 s}]}\nvips: []\n"
    config = load(SHOP, over.replace("{}", "{after: 10 s}"))
    assert (config.offers.ring, config.offers.answer_keys, config.vips) == (5, 5, frozenset())
    steps = config.queues["sales"].escalation
    assert [step.after for step in steps] == [9, 10, 20]
    assert [(step.raise_by, step.serves, step.target) for step in steps] == [
        (step.raise_by, step.serves, step.target) for step in shop.queues["sales"].escalation
    ]
    assert config.queues["plain"] == shop.queues["plain"]

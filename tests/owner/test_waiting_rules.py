"""What an owner can write about callers who wait: read as it is meant, and refused where it means nothing."""

import pytest

from app.core.config import Config, Escalation, PriorityRule, Target, TargetKind
from app.core.waiting_rules import AskedFor, LastAgent, ServiceLevel
from app.owner import OwnerFileError, load

SHOP = """\
business: Unicone
time zone: America/New_York
hours: {mon-fri: 9:00-17:00}
agents:
  anna: {phone: "+12025550111", skills: [orders], asked for: {wait: 30 s, then: {queue: sales}}}
  ben: {phone: "+12025550112", skills: [orders], asked for: {wait: 20}}
queues:
  sales:
    serves: skills HAS 'orders'
    last agent: {wait: 20 s, days: 14}
    service level: {seconds: 20 s, percent: 80}
    at closing: voicemail
    escalation:
    - {when waiting: 5, raise by: 3}
    - {after: 10 s, when at risk: yes, serves: 1 == 1}
    - {after: 2 min, to: voicemail}
  plain: {serves: 1 == 1, at closing: keep, last agent: {wait: 5}}
priorities:
- {name: regulars, called: {times: 3}, raise places: 3}
- {name: urgent, moods: [urgent], ahead: yes}
"""
VOICEMAIL = Target(TargetKind.VOICEMAIL)


@pytest.fixture(name="shop", scope="module")
def _shop() -> Config:
    return load(SHOP)


def test_a_queue_may_wait_for_the_last_agent_and_promise_an_answer_in_time(shop: Config) -> None:
    sales, plain = shop.queues["sales"], shop.queues["plain"]
    assert sales.last_agent == LastAgent(wait=20, days=14)
    assert plain.last_agent == LastAgent(wait=5, days=7)
    assert (sales.service_level, plain.service_level) == (ServiceLevel(seconds=20, percent=80), None)
    assert (sales.at_closing, plain.at_closing) == (VOICEMAIL, None)


def test_steps_may_wait_for_a_long_line_or_a_promise_at_risk(shop: Config) -> None:
    assert shop.queues["sales"].escalation == (
        Escalation(after=0, when_waiting=5, raise_by=3),
        Escalation(after=10, when_at_risk=True, serves="1 == 1"),
        Escalation(after=120, target=VOICEMAIL),
    )
    assert [step.conditional for step in shop.queues["sales"].escalation] == [True, True, False]


def test_an_agent_who_is_asked_for_is_waited_for_as_long_as_the_owner_says(shop: Config) -> None:
    assert shop.agents["anna"].asked_for == AskedFor(wait=30, then=Target(TargetKind.QUEUE, "sales"))
    assert shop.agents["ben"].asked_for == AskedFor(wait=20)


def test_a_rule_may_give_places_instead_of_priority(shop: Config) -> None:
    assert shop.priorities == (
        PriorityRule(name="regulars", called_times=3, raise_places=3),
        PriorityRule(name="urgent", moods=frozenset({"urgent"}), ahead=True),
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{after: 2 min, to: voicemail}", "{to: voicemail}", '16:7: "after" is missing (add it: how long the caller'),
        ("    service level: {seconds: 20 s, percent: 80}\n", "", "14:35: the queue does not say what is in time (add"),
        ("hours: {mon-fri: 9:00-17:00}\n", "", "11:17: you never close (add `hours`, or remove this line)"),
        ("at closing: keep", "at closing: nowhere", '17:39: "nowhere" is not a place to go (write a place to go'),
        ("at closing: voicemail", "at closing: {queue: sales}", "12:17: at closing time callers would come back here"),
        (
            "wait: 20}",
            "wait: 20, then: {person: ben}}",
            "6:78: callers would come back here (let one of them lead to a",
        ),
        ("then: {queue: sales}", "then: {queue: slaes}", '5:89: there is no queue "slaes" (did you mean "sales"?)'),
        ("raise places: 3", "raise places: 3, queue: lifo", '19:64: there is no queue "lifo" (there is: plain, sales)'),
    ],
)
def test_what_means_nothing_is_refused_where_it_stands(old: str, new: str, expected: str) -> None:
    assert old in SHOP
    with pytest.raises(OwnerFileError) as caught:
        load(SHOP.replace(old, new))
    assert str(caught.value.problems[0]).startswith(f"owner.yaml:{expected}")


def test_a_queue_served_newest_first_has_no_places_to_gain() -> None:
    newest = SHOP.replace("    at closing: voicemail", "    order: newest first").replace(
        "called: {", "queue: sales, called: {"
    )
    with pytest.raises(OwnerFileError) as caught:
        load(newest)
    assert "a queue served newest first has no places to gain" in str(caught.value.problems[0])

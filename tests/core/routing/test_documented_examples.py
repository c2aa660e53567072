"""TaskRouter's documented examples, each with the outcome that its documentation gives."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.expressions import parse
from app.core.indexes import serving_member, serving_score
from app.core.routing.order_by import ordered, parse_order
from app.core.routing.places import NOBODY, Crowd, Placement
from app.core.routing.routes import advance, enter
from app.core.routing.workflow_json import read_routing
from tests.builders import NOON, a_task
from tests.core.routing.journeys import Crowds, a_workflow, journey, routes, standing

SIMPLE_DEFAULT = '{"task_routing": {"default_filter": {"queue": "Everyone"}}}'

ESCALATION = """{"task_routing": {
  "filters": [{"filter_friendly_name": "Prioritizing Filter", "expression": "1==1", "targets": [
    {"queue": "Everyone", "priority": 1, "timeout": 300}, {"priority": 10}]}],
  "default_filter": {"queue": "Everyone"}}}"""

TWO_FILTERS = """{"task_routing": {
  "filters": [
    {"filter_friendly_name": "Sales Lead Filter", "expression": "type=='lead'",
     "targets": [{"queue": "Sales", "priority": 10}]},
    {"filter_friendly_name": "Support Ticket Filter", "expression": "type=='ticket'",
     "targets": [{"queue": "Support", "priority": 10}]}],
  "default_filter": {"queue": "Everyone"}}}"""

GOLD = """{"task_routing": {
  "filters": [
    {"filter_friendly_name": "Bronze and Silver Tickets",
     "expression": "type == 'ticket' AND customer_value IN ['Silver', 'Bronze']", "targets": [{"queue": "Support"}]},
    {"filter_friendly_name": "Gold Tickets", "expression": "type == 'ticket' AND customer_value == 'Gold'", "targets": [
      {"queue": "Support", "priority": "10", "timeout": 300}, {"queue": "Everyone"}]},
    {"filter_friendly_name": "Leads", "expression": "type == 'lead'", "targets": [{"queue": "Sales", "priority": 1}]}],
  "default_filter": {"queue": "Everyone"}}}"""

PREFERRED_AGENTS = r"""{"task_routing": {
  "filters": [
    {"expression": "type==\"Support\"", "filter_friendly_name": "Support Calls", "targets": [
      {"queue": "Just Support", "timeout": 15, "expression": "worker.id IN task.preferred_agents"}, {"timeout": 15}]},
    {"expression": "type==\"Sales\"", "filter_friendly_name": "Sales Calls",
     "targets": [{"queue": "Just Sales", "timeout": 15}]}],
  "default_filter": {"queue": "Everyone"}}}"""

THREE_TENS = """{"task_routing": {"filters": [{"expression": "1==1", "targets": [
  {"queue": "Q1", "timeout": 10}, {"queue": "Q2", "timeout": 10}, {"queue": "Q3", "timeout": 10}]}]}}"""

KNOWN = """{"task_routing": {
  "filters": [{"filter_friendly_name": "Attempt 1", "expression": "1==1", "targets": [
    {"queue": "Support", "timeout": 10, "%s": "task.agent"}, {"queue": "Support"}]}],
  "default_filter": {"queue": "Support"}}}"""

OPEN_HOURS = """{"task_routing": {"filters": [{"filter_friendly_name": "Open", "expression":
  "(taskrouter.dayOfWeek IN ['Mon', 'Tue'] AND taskrouter.currentTime > 0800 AND taskrouter.currentTime < 1730) OR \
(taskrouter.dayOfWeek = 'Sat' AND taskrouter.currentHour > 11)",
  "targets": [{"queue": "Open"}]}], "default_filter": {"queue": "Closed"}}}"""


@dataclass(frozen=True)
class Example:
    """A documented workflow, a task, who is there, and where the task goes if nobody serves it."""

    workflow: str
    task: dict[str, Any]
    goes: list[str]
    crowds: dict[str, Crowd] = field(default_factory=dict)


def skipping(skip_if: str, *, filters: int = 1, default: bool = True) -> str:
    """Filters that each send every task to a queue of their own unless skip_if holds."""
    each = [
        {"expression": "1==1", "targets": [{"queue": f"Q{index + 1}", "skip_if": skip_if}]} for index in range(filters)
    ]
    return json.dumps({"task_routing": {"filters": each} | ({"default_filter": {"queue": "D"}} if default else {})})


NOT_IN_A_DEFAULT = """{"task_routing": {
  "filters": [{"expression": "1==1", "targets": [{"queue": "Q", "timeout": 5}]}], "default_filter": {"queue": "D"}}}"""
FALLS_THROUGH = """{"task_routing": {"filters": [
  {"expression": "vip == true", "targets": [{"queue": "Q1", "priority": 5, "timeout": 10}]},
  {"expression": "vip == false", "targets": [{"queue": "Q2", "timeout": 10}]},
  {"expression": "1==1", "targets": [{"queue": "Q3", "timeout": 10}]}]}}"""

EXAMPLES = {
    "a default filter alone takes everything, at priority 0": Example(SIMPLE_DEFAULT, {}, ["Everyone p0"]),
    "after five minutes the priority rises, in the inherited queue": Example(
        ESCALATION, {}, ["Everyone p1 300s", "Everyone p10"]
    ),
    "like a switch, the first filter that matches": Example(TWO_FILTERS, {"type": "ticket"}, ["Support p10"]),
    "like a switch, the other filter": Example(TWO_FILTERS, {"type": "lead"}, ["Sales p10"]),
    "what matches no filter goes to the default": Example(TWO_FILTERS, {"type": "fax"}, ["Everyone p0"]),
    "a task without the attribute goes to the default": Example(TWO_FILTERS, {}, ["Everyone p0"]),
    "silver waits in support": Example(GOLD, {"type": "ticket", "customer_value": "Silver"}, ["Support p0"]),
    "gold moves to everyone after five minutes and keeps its priority": Example(
        GOLD, {"type": "ticket", "customer_value": "Gold"}, ["Support p10 300s", "Everyone p10"]
    ),
    "a lead goes to sales": Example(GOLD, {"type": "lead"}, ["Sales p1"]),
    "support calls: preferred agents, then anybody in the inherited queue, then canceled": Example(
        PREFERRED_AGENTS,
        {"type": "Support", "preferred_agents": ["agent01", "agent04"]},
        ["Just Support p0 15s", "Just Support p0 30s", "canceled: workflow.timeout"],
    ),
    "a support call without preferred agents waits for nobody just as long": Example(
        PREFERRED_AGENTS,
        {"type": "Support"},
        ["Just Support p0 15s", "Just Support p0 30s", "canceled: workflow.timeout"],
    ),
    "targets of ten seconds end at the ages of 10, 20 and 30": Example(
        THREE_TENS, {}, ["Q1 p0 10s", "Q2 p0 20s", "Q3 p0 30s", "canceled: workflow.timeout"]
    ),
    "the default does not catch a timeout": Example(
        NOT_IN_A_DEFAULT, {}, ["Q p0 5s", "canceled: workflow.timeout"]
    ),
    "a filter that timed out falls to the next that matches": Example(
        FALLS_THROUGH, {"vip": True}, ["Q1 p5 10s", "Q3 p5 20s", "canceled: workflow.timeout"]
    ),
    "the known worker may be named by SID": Example(
        KNOWN % "known_worker_sid", {"agent": "WK" + "1" * 32}, ["Support p0 10s", "Support p0"]
    ),
    "the known worker may be named by name": Example(
        KNOWN % "known_worker_friendly_name", {"agent": "ricky"}, ["Support p0 10s", "Support p0"]
    ),
    "without a known worker a task stays for the target's whole time": Example(
        KNOWN % "known_worker_sid", {"agent": None}, ["Support p0 10s", "Support p0"]
    ),
    "skipped out of its only filter, a task qualifies for the default": Example(
        skipping("workers.available == 0"), {}, ["D p0"]
    ),
    "skipped out of all filters, a task qualifies for the default": Example(
        skipping("1==1", filters=3), {}, ["D p0"]
    ),
    "skipped with nothing further, a task is canceled": Example(
        skipping("1==1", default=False), {}, ["canceled: workflow.skipped"]
    ),
    "not skipped while the expression is false": Example(
        skipping("workers.available == 0"), {}, ["Q1 p0"], {"Q1": Crowd(available=1)}
    ),
    "not skipped by 1==1 while a worker can be reserved": Example(
        skipping("1==1"), {}, ["Q1 p0"], {"Q1": Crowd(available=1, free=True)}
    ),
    "available workers without capacity: 1==1 skips where workers.available would not": Example(
        skipping("1==1"), {}, ["D p0"], {"Q1": Crowd(available=3)}
    ),
    "workers may be counted by activity": Example(
        skipping("workers.WAxx < 2"), {}, ["Q1 p0"], {"Q1": Crowd(activities={"WAxx": 2})}
    ),
    "an activity that nobody is in counts nobody": Example(
        skipping("workers.WAxx < 2 OR workers.WAyy < 2"), {}, ["D p0"], {"Q1": Crowd(activities={"WAxx": 2})}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_documented_example_has_the_documented_outcome(name: str) -> None:
    example = EXAMPLES[name]
    assert journey(read_routing(example.workflow), example.task, Crowds(**example.crowds)) == example.goes


def test_a_task_that_leaves_a_target_early_still_ends_in_the_next_at_the_age_of_twenty() -> None:
    routing = read_routing(THREE_TENS)
    first = enter({}, routing, created=NOON, now=NOON, crowd=Crowds()).place
    assert isinstance(first, Placement)

    second = advance(standing(first, a_task()), routing, now=NOON + 8_000, crowd=Crowds()).place

    assert isinstance(second, Placement)
    assert (second.queue, second.moves_on - NOON - 8_000) == ("Q2", 12_000)


def test_a_reservation_that_outlasts_targets_leads_past_them() -> None:
    routing = read_routing(THREE_TENS)
    first = enter({}, routing, created=NOON, now=NOON, crowd=Crowds()).place
    assert isinstance(first, Placement)

    route = advance(standing(first, a_task()), routing, now=NOON + 25_000, crowd=Crowds())

    assert isinstance(route.place, Placement)
    assert (route.place.queue, route.place.moves_on) == ("Q3", NOON + 30_000)
    assert [tried.sentence() for tried in route.trace] == [
        "timed out at age 10 s",
        "timed out at age 20 s",
        "waits in Q3 until age 30 s",
    ]


@pytest.mark.parametrize(
    ("rule", "task", "suits", "unsuited"),
    [
        ("worker.id IN task.preferred_agents", {"preferred_agents": ["a1", "a4"]}, {"id": "a4"}, {"id": "a2"}),
        ("task.requested_agent==worker.agent_id", {"requested_agent": 7}, {"agent_id": 7}, {"agent_id": 8}),
        ("task.lang IN worker.langs", {"lang": "es"}, {"langs": ["en", "es"]}, {"langs": ["en"]}),
        ("worker.activity_name in ['Available', 'High Value']", {}, {"activity_name": "High Value"}, {}),
    ],
)  # fmt: skip
def test_a_target_worker_expression_reads_the_task_and_the_worker(
    rule: str, task: dict[str, Any], suits: dict[str, Any], unsuited: dict[str, Any]
) -> None:
    routing = a_workflow(("1==1", [{"queue": "Support", "expression": rule}]))

    place = enter(task, routing, created=NOON, now=NOON, crowd=Crowds()).place

    assert isinstance(place, Placement)
    assert parse(place.demand).holds({"worker": suits})
    assert not parse(place.demand).holds({"worker": unsuited})


@pytest.mark.parametrize(
    ("key", "agent", "known", "demand"),
    [
        ("known_worker_sid", "WK1", ("WK1", False), ""),
        ("known_worker_friendly_name", "ricky", ("ricky", True), ""),
        ("known_worker_sid", None, ("", False), NOBODY),
        ("known_worker_friendly_name", 5, ("", False), NOBODY),
    ],
)
def test_a_known_worker_alone_may_have_the_task_and_without_one_nobody_until_the_next_target(
    key: str, agent: object, known: tuple[str, bool], demand: str
) -> None:
    (_, first), (_, second) = routes(read_routing(KNOWN % key), {"agent": agent})

    assert isinstance(first.place, Placement)
    assert isinstance(second.place, Placement)
    assert (first.place.known, first.place.known_by_name) == known
    assert (first.place.demand, second.place.known, second.place.demand) == (demand, "", "")


@pytest.mark.parametrize(
    ("at", "queue"),
    [
        (datetime(2026, 11, 23, 8, 1, tzinfo=UTC), "Open"),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), "Closed"),
        (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), "Closed"),
        (datetime(2026, 11, 25, 12, 0, tzinfo=UTC), "Closed"),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), "Open"),
    ],
)
def test_rules_may_read_the_time_of_day_and_the_day_of_the_week(at: datetime, queue: str) -> None:
    now = int(at.timestamp() * 1000)

    place = enter({}, read_routing(OPEN_HOURS), created=now, now=now, crowd=Crowds()).place

    assert isinstance(place, Placement)
    assert place.queue == queue


@pytest.mark.parametrize(
    ("order", "first_to_last"),
    [
        ("worker.finance ASC, worker.support ASC", "bob alice carol"),
        ("worker.level DESC", "alice bob carol"),
        ("worker.level ASC", "bob alice carol"),
        ("", "carol bob alice"),
    ],
)
def test_order_by_puts_ties_to_the_next_clause_and_a_missing_attribute_last_both_ways(
    order: str, first_to_last: str
) -> None:
    workers: dict[str, dict[str, object]] = {
        "alice": {"finance": 10, "support": 8, "level": 9, "idle": 3},
        "bob": {"finance": 10, "support": 5, "level": 2, "idle": 2},
        "carol": {"idle": 1},
    }
    place = enter({}, a_workflow(("1==1", [{"queue": "Q", "order_by": order}])), created=0, now=0, crowd=Crowds()).place
    assert isinstance(place, Placement)

    found = ordered(
        parse_order(place.order_by), workers, workers.__getitem__, tie=lambda name: (str(workers[name]["idle"]),)
    )

    assert found == first_to_last.split()


def test_fifo_serves_the_more_important_and_then_the_older_while_lifo_ignores_priority() -> None:
    def served(*, lifo: bool) -> list[str]:
        tasks = [
            a_task(name, workflow="WW1", lifo=lifo, priority=priority, created=NOON + age)
            for name, priority, age in [("old", 0, 0), ("vip", 9, 1), ("new", 0, 2)]
        ]
        return [task.sid for task in sorted(tasks, key=lambda task: (serving_score(task), serving_member(task)))]

    assert served(lifo=False) == ["vip", "old", "new"]
    assert served(lifo=True) == ["new", "vip", "old"]

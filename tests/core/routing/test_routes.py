"""A task's way through a workflow: what every way has in common, and what is told of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.entities import Task
from app.core.routing.definitions import Filter, Routing, RoutingTarget
from app.core.routing.places import DEFAULT_FILTER, NOBODY, Crowd, Exit, Left, Outcome, Placement, Route
from app.core.routing.routes import advance, enter, reenter
from tests.builders import NOON, a_task
from tests.core.routing.journeys import Crowds, a_workflow, journey, standing

TEN: list[dict[str, Any]] = [{"queue": "Q1", "timeout": 10}, {"queue": "Q2", "timeout": 10}, {"queue": "Q3"}]
SERVED = Crowd(available=1, free=True)


def placed(route: Route) -> Placement:
    assert isinstance(route.place, Placement)
    return route.place


def first_place(routing: Routing, attributes: dict[str, Any] | None = None, crowds: Crowds | None = None) -> Route:
    return enter(attributes or {}, routing, created=NOON, now=NOON, crowd=crowds or Crowds())


def names(route: Route) -> list[str]:
    return [event.name for event in route.events]


def test_a_task_that_nothing_is_for_matches_nothing() -> None:
    route = first_place(a_workflow(("lang == 'en'", [{"queue": "Q"}])), {"lang": "de"})

    assert route.place == Left(Exit.NO_MATCH)
    assert names(route) == ["workflow.entered"]
    assert [tried.sentence() for tried in route.trace] == ["did not match: lang was 'de'"]


def test_a_filter_reads_attributes_bare_and_under_task_and_the_bare_one_wins() -> None:
    routing = a_workflow(("task.lang == 'en'", [{"queue": "Q"}]))

    assert journey(routing, {"lang": "en"}) == ["Q p0"]
    assert journey(routing, {"lang": "de", "task": {"lang": "en"}}) == ["Q p0"]


def test_a_priority_that_no_target_names_leaves_the_task_its_own() -> None:
    assert placed(first_place(a_workflow(("1==1", [{"queue": "Q"}])))).priority is None


def test_a_skipped_target_takes_no_time_and_gives_no_priority_to_the_next_filter() -> None:
    routing = a_workflow(
        ("1==1", [{"queue": "Q1", "timeout": 30, "priority": 9, "skip_if": "workers.available == 0"}]),
        ("1==1", [{"queue": "Q2", "timeout": 10}, {"queue": "Q3", "timeout": 5, "skip_if": "1==1"}, {"timeout": 7}]),
    )

    assert journey(routing, {}) == ["Q2 p0 10s", "Q3 p0 17s", "canceled: workflow.timeout"]


def test_skipped_at_the_end_of_a_way_on_which_it_timed_out_a_task_is_canceled_in_spite_of_the_default() -> None:
    routing = a_workflow(("1==1", [{"queue": "Q1", "timeout": 10}, {"skip_if": "1==1"}]), default="D")

    assert journey(routing, {}) == ["Q1 p0 10s", "canceled: workflow.skipped"]


def test_a_target_that_no_worker_can_serve_holds_the_task_unless_skip_if_says_otherwise() -> None:
    impossible: dict[str, Any] = {"queue": "Q1", "timeout": 10, "expression": "task.lang == 'en' AND worker.level > 3"}

    waits = first_place(a_workflow(("1==1", [impossible, {"queue": "Q2"}])), {"lang": "de"})
    skips = first_place(
        a_workflow(("1==1", [{**impossible, "skip_if": "workers.available > 0"}, {"queue": "Q2"}])),
        {"lang": "de"},
        Crowds(Q1=SERVED),
    )

    assert (placed(waits).queue, placed(waits).demand) == ("Q1", NOBODY)
    assert waits.trace[-1].outcome is Outcome.WAITS_FOR_NOBODY
    assert waits.trace[-1].sentence() == (
        "waits in Q1 until age 10 s, though no worker can serve it: task.lang was 'de'"
    )
    assert placed(skips).queue == "Q2"


def test_the_crowd_is_asked_only_where_a_target_may_be_skipped_and_with_what_the_task_asks() -> None:
    crowds = Crowds()
    routing = a_workflow(
        (
            "1==1",
            [
                {"queue": "Q1", "expression": "worker.lang == task.lang", "skip_if": "1==1"},
                {"queue": "Q2", "known_worker_sid": "task.agent", "skip_if": "1==1"},
                {"queue": "Q3"},
            ],
        )
    )

    assert placed(first_place(routing, {"lang": "en", "agent": "WK1"}, crowds)).queue == "Q3"
    assert crowds.asked == [("Q1", 'worker.lang == "en"', ""), ("Q2", "", "WK1")]


def test_what_was_tried_is_told_with_the_values_that_decided() -> None:
    routing = a_workflow(
        ("lang == 'en' AND vip == true", [{"queue": "Q1"}]),
        ("1==1", [{"queue": "Q2", "skip_if": "workers.available == 0"}, {"queue": "Q3", "timeout": 5}]),
    )

    route = first_place(routing, {"lang": "de"})

    assert [(tried.filter, tried.filter_name, tried.target, tried.sentence()) for tried in route.trace] == [
        (0, "rule 0", -1, "did not match: lang was 'de', vip was NULL"),
        (1, "rule 1", -1, "matched"),
        (1, "rule 1", 0, "skipped: workers.available == 0 was true (workers.available was 0)"),
        (1, "rule 1", 1, "waits in Q3 until age 5 s"),
    ]


def test_the_events_of_a_way_come_in_their_order() -> None:
    routing = a_workflow(("1==1", [{"queue": "Q1", "timeout": 10, "priority": 3}, {"queue": "Q2", "timeout": 10}]))
    arrival = first_place(routing)
    task = standing(placed(arrival), a_task())

    moved = advance(task, routing, now=task.moves_on, crowd=Crowds())
    out = advance(standing(placed(moved), task), routing, now=NOON + 20_000, crowd=Crowds())

    assert names(arrival) == ["workflow.entered", "workflow.target-matched", "task-queue.entered"]
    assert names(moved) == ["task-queue.timeout", "workflow.target-matched", "task-queue.entered"]
    assert names(out) == ["task-queue.timeout", "workflow.timeout"]
    assert (moved.events[0].details["queue"], moved.events[2].details["queue"]) == ("Q1", "Q2")
    assert moved.events[1].details["priority"] == 3


def test_a_changed_workflow_is_entered_at_the_tasks_age() -> None:
    task = a_task(workflow="WW1", queue="Q9", filter=0, target=0, moves_on=NOON + 60_000)

    route = reenter(task, a_workflow(("1==1", TEN)), now=NOON + 12_000, crowd=Crowds())

    assert (placed(route).queue, placed(route).moves_on) == ("Q2", NOON + 20_000)
    assert names(route) == ["task-queue.moved", "workflow.target-matched", "task-queue.entered"]
    assert [tried.sentence() for tried in route.trace] == [
        "matched",
        "timed out at age 10 s",
        "waits in Q2 until age 20 s",
    ]


def test_a_task_that_belongs_where_it_is_makes_no_events() -> None:
    routing = a_workflow(("1==1", TEN))
    task = standing(placed(first_place(routing)), a_task())

    route = reenter(task, routing, now=NOON + 5_000, crowd=Crowds())

    assert placed(route).queue == "Q1"
    assert route.events == ()


def test_a_task_whose_queue_stays_the_same_is_not_moved() -> None:
    routing = a_workflow(("1==1", [{"queue": "Q1", "timeout": 10}, {"timeout": 10}]))
    task = standing(placed(first_place(routing)), a_task())
    longer = a_workflow(("1==1", [{"queue": "Q1", "timeout": 15}]))

    later = reenter(task, routing, now=NOON + 12_000, crowd=Crowds())
    extended = reenter(task, longer, now=NOON + 5_000, crowd=Crowds())

    assert names(later) == names(extended) == ["workflow.target-matched"]
    assert (placed(later).target, placed(extended).moves_on) == (1, NOON + 15_000)


def test_a_target_whose_time_is_past_still_gives_its_priority_to_those_that_name_none() -> None:
    routing = a_workflow(
        ("1==1", [{"queue": "Q1", "timeout": 10, "priority": 5}]), ("1==1", [{"queue": "Q2", "timeout": 10}])
    )

    late = enter({}, routing, created=NOON, now=NOON + 12_000, crowd=Crowds())

    assert (placed(late).queue, placed(late).priority) == ("Q2", 5)


def test_a_target_left_early_is_told_with_the_age_at_which_it_was_left() -> None:
    routing = a_workflow(("1==1", TEN))
    task = standing(placed(first_place(routing)), a_task())

    assert advance(task, routing, now=NOON + 8_000, crowd=Crowds()).trace[0].sentence() == "timed out at age 8 s"


def test_a_targets_rule_may_read_the_time_of_day() -> None:
    rule = "taskrouter.currentHour > worker.from_hour"

    place = placed(first_place(a_workflow(("1==1", [{"queue": "Q", "expression": rule}]))))

    assert place.demand == "worker.from_hour < 15"


def test_a_skip_if_reads_workers_and_nothing_else() -> None:
    route = first_place(a_workflow(("1==1", [{"queue": "Q", "skip_if": "task.vip == NULL"}])), {"vip": True})

    assert route.trace[-1].sentence() == "skipped: task.vip == NULL was true"


def test_a_changed_workflow_whose_times_are_all_past_lets_the_task_go() -> None:
    route = reenter(a_task(), a_workflow(("1==1", TEN[:2]), default="D"), now=NOON + 20_000, crowd=Crowds())

    assert route.place == Left(Exit.TIMEOUT)
    assert names(route) == ["workflow.timeout"]


def test_a_task_of_the_default_filter_comes_back_there_however_long_it_has_waited() -> None:
    routing = a_workflow(("1==1", [{"queue": "Q1", "timeout": 10, "skip_if": "1==1"}]), default="D")
    task = standing(placed(first_place(routing)), a_task())

    assert task.filter == DEFAULT_FILTER
    assert placed(reenter(task, routing, now=NOON + 60_000, crowd=Crowds())).queue == "D"


@pytest.mark.parametrize("place", [{"filter": 7, "target": 0}, {"filter": 0, "target": 9}, {}])
def test_a_place_that_the_workflow_no_longer_has_is_left_by_entering_anew(place: dict[str, Any]) -> None:
    task = a_task(queue="Q1", moves_on=NOON + 10_000, **place)

    route = advance(task, a_workflow(("1==1", TEN)), now=NOON + 10_000, crowd=Crowds())

    assert placed(route).queue == "Q2"


def test_the_default_filter_has_no_timeout_even_where_one_is_written() -> None:
    routing = Routing(default=RoutingTarget(queue="D", timeout=5))

    assert placed(first_place(routing)).moves_on == 0
    late = advance(a_task(filter=DEFAULT_FILTER, target=0, queue="D"), routing, now=NOON + 9, crowd=Crowds())
    assert late.place == Left(Exit.TIMEOUT)


def test_a_filter_without_targets_is_fallen_through() -> None:
    routing = Routing(filters=(Filter(name="", expression="1==1"),), default=RoutingTarget(queue="D"))

    assert placed(first_place(routing)).queue == "D"


_targets = st.builds(
    RoutingTarget,
    queue=st.sampled_from(["Q1", "Q2", "Q3"]),
    priority=st.none() | st.integers(0, 9),
    timeout=st.none() | st.integers(1, 30),
    expression=st.sampled_from(["", "worker.lang == task.lang", "task.lang == 'en'"]),
    skip_if=st.sampled_from(["", "1==1", "workers.available == 0", "workers.WA1 < 2"]),
    known_worker=st.sampled_from(["", "task.agent"]),
)
_filters = st.builds(
    Filter,
    name=st.sampled_from(["a", "b"]),
    expression=st.sampled_from(["1==1", "lang == 'en'", "task.lang != 'en'", "agent == NULL"]),
    targets=st.lists(_targets, max_size=4).map(tuple),
)
_routings = st.builds(
    Routing,
    filters=st.lists(_filters, max_size=4).map(tuple),
    default=st.none() | st.just(RoutingTarget(queue="D")),
)
_attributes = st.fixed_dictionaries(
    {}, optional={"lang": st.sampled_from(["en", "de"]), "agent": st.sampled_from(["WK1", None])}
)
_crowds = st.dictionaries(
    st.sampled_from(["Q1", "Q2", "Q3", "D"]),
    st.builds(Crowd, available=st.integers(0, 2), free=st.booleans(), activities=st.just({"WA1": 1})),
)


def is_one_place(route: Route, routing: Routing, now: int) -> bool:
    """Whether a route ends, or waits in exactly one target that exists, until an instant yet to come or for good."""
    waits = [tried for tried in route.trace if tried.outcome in (Outcome.WAITS, Outcome.WAITS_FOR_NOBODY)]
    if isinstance(route.place, Left):
        return not waits
    place = route.place
    in_default = place.filter == DEFAULT_FILTER
    target = routing.default if in_default else routing.filters[place.filter].targets[place.target]
    here = target is not None and target.queue == place.queue and waits == [route.trace[-1]]
    return here and (place.moves_on == 0 or place.moves_on > now)


@given(_routings, _attributes, _crowds, st.integers(0, 100))
def test_every_way_ends_or_waits_in_one_place_and_is_the_same_when_asked_again(
    routing: Routing, attributes: dict[str, Any], crowds: dict[str, Crowd], age: int
) -> None:
    now = NOON + age * 1000

    route = enter(attributes, routing, created=NOON, now=now, crowd=Crowds(**crowds))
    again = enter(attributes, routing, created=NOON, now=now, crowd=Crowds(**crowds))

    assert route == again
    assert is_one_place(route, routing, now)


@given(_routings, _attributes, _crowds, st.lists(st.integers(-5, 60), min_size=20, max_size=20))
def test_a_task_that_is_moved_on_early_or_late_passes_every_target_once_and_comes_to_an_end(
    routing: Routing, attributes: dict[str, Any], crowds: dict[str, Crowd], delays: list[int]
) -> None:
    task = a_task(attributes=attributes)
    now = NOON
    route = enter(attributes, routing, created=NOON, now=now, crowd=Crowds(**crowds))
    passed: list[tuple[int, int]] = []
    while isinstance(route.place, Placement):
        task = standing(route.place, task)
        passed.append((task.filter, task.target))
        now = max(now, (task.moves_on or now) + delays[len(passed)] * 1000)
        route = advance(task, routing, now=now, crowd=Crowds(**crowds))
        assert is_one_place(route, routing, now)

    ahead = [
        (len(routing.filters), 0) if filter_ == DEFAULT_FILTER else (filter_, target) for filter_, target in passed
    ]
    assert ahead == sorted(set(ahead))
    assert not passed or route.place in (Left(Exit.TIMEOUT), Left(Exit.SKIPPED))
    assert DEFAULT_FILTER not in [filter_ for filter_, _ in passed[1:]]


def at(place: Placement | Left, task: Task) -> Task | Left:
    return standing(place, task) if isinstance(place, Placement) else place


@given(_routings, _attributes)
def test_targets_end_at_the_same_ages_whether_moved_on_in_time_or_found_again_by_age(
    routing: Routing, attributes: dict[str, Any]
) -> None:
    routing = replace(
        routing,
        filters=tuple(
            replace(each, targets=tuple(replace(target, skip_if="") for target in each.targets))
            for each in routing.filters
        ),
    )
    task, route = a_task(attributes=attributes), first_place(routing, attributes)
    while isinstance(route.place, Placement) and route.place.moves_on:
        task = standing(route.place, task)
        now = task.moves_on
        route = advance(task, routing, now=now, crowd=Crowds())
        by_age = reenter(task, routing, now=now, crowd=Crowds())
        assert at(by_age.place, task) == at(route.place, task)

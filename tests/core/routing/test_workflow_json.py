"""TaskRouter's workflow JSON: what is read, how mistakes are told, and that what is written is read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.routing.definitions import Filter, Routing, RoutingTarget
from app.core.routing.workflow_document import Problem, WorkflowError, unknown_keys
from app.core.routing.workflow_json import MAX_BYTES, problems, read_routing, write_routing


def workflow(*targets: object, **routing: object) -> str:
    """A workflow with one filter called "VIPs" of these targets, as text."""
    rule = {"filter_friendly_name": "VIPs", "expression": "vip == true", "targets": list(targets)}
    return json.dumps({"task_routing": {"filters": [rule]} | routing})


def target(**said: object) -> RoutingTarget:
    """The only target of a workflow whose target says this."""
    return read_routing(workflow({"queue": "WQ1"} | said)).filters[0].targets[0]


def refusal(text: str) -> WorkflowError:
    """Why this workflow is refused."""
    with pytest.raises(WorkflowError) as caught:
        read_routing(text)
    return caught.value


def test_everything_a_target_may_say_is_read() -> None:
    assert target(
        priority=5,
        timeout=30,
        expression="task.lang IN worker.langs",
        order_by="worker.level DESC, worker.cost ASC",
        skip_if="workers.available == 0",
        known_worker_friendly_name="task.agent_name",
    ) == RoutingTarget(
        queue="WQ1",
        priority=5,
        timeout=30,
        expression="task.lang IN worker.langs",
        order_by="worker.level DESC, worker.cost ASC",
        skip_if="workers.available == 0",
        known_worker="task.agent_name",
        known_by_name=True,
    )


def test_the_console_writes_numbers_as_texts_and_leaves_empty_what_is_not_said() -> None:
    said = target(priority="10", timeout="300", expression="", order_by=None, skip_if="", known_worker_sid="")

    assert said == RoutingTarget(queue="WQ1", priority=10, timeout=300)
    assert target(priority="", timeout=None) == RoutingTarget(queue="WQ1")


def test_later_targets_inherit_queue_and_priority_and_nothing_else() -> None:
    first = {"queue": "WQ1", "priority": 5, "timeout": 10, "expression": "worker.level > 1", "skip_if": "1==1"}
    routing = read_routing(workflow(first, {"timeout": 20}, {"queue": "WQ2"}, {"priority": 7}))

    assert routing.filters[0].targets[1:] == (
        RoutingTarget(queue="WQ1", priority=5, timeout=20),
        RoutingTarget(queue="WQ2", priority=5),
        RoutingTarget(queue="WQ2", priority=7),
    )


def test_a_filter_may_be_named_either_way_or_not_at_all() -> None:
    def name(**named: str) -> str:
        rule = {"expression": "1==1", "targets": [{"queue": "WQ1"}]} | named
        return read_routing(json.dumps({"task_routing": {"filters": [rule]}})).filters[0].name

    assert (name(filter_friendly_name="A"), name(friendly_name="B"), name()) == ("A", "B", "")


def test_the_default_filter_is_a_target_without_a_timeout() -> None:
    text = workflow({"queue": "WQ1"}, default_filter={"queue": "WQ2", "priority": "3", "timeout": 60})

    assert read_routing(text).default == RoutingTarget(queue="WQ2", priority=3)


def test_a_workflow_may_have_a_default_alone_or_nothing() -> None:
    assert read_routing('{"task_routing": {"default_filter": {"queue": "WQ1"}}}').filters == ()
    assert read_routing('{"task_routing": {}}') == Routing()


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ('{"task_routing": {\n  "filters": [1,]}}', 2, 16, "take it out"),
        ('{"task_routing": 1,\n}', 1, 19, "take it out"),
        ("", 1, 1, "see json.org"),
        ("{'task_routing': 1}", 1, 2, "see json.org"),
    ],
)
def test_malformed_json_is_pointed_at_by_line_and_column(text: str, line: int, column: int, hint: str) -> None:
    error = refusal(text)

    assert (error.line, error.column, error.hint) == (line, column, hint)
    assert error.message.startswith("not JSON")


@pytest.mark.parametrize(
    "text", ['{"task_routing": NaN}', "[" * 100_000, '{"a": ' + "9" * 5000 + "}"], ids=["NaN", "deep", "long number"]
)
def test_json_that_python_would_take_or_choke_on_is_refused_in_words(text: str) -> None:
    assert refusal(text).message.startswith("not JSON")


def test_more_than_a_megabyte_is_refused_also_where_the_characters_are_fewer() -> None:
    assert refusal(" " * (MAX_BYTES + 1)).message == "longer than 1 MB"
    assert refusal('"' + "ä" * (MAX_BYTES // 2) + '"').message == "longer than 1 MB"
    assert read_routing(workflow({"queue": "WQ1"}).ljust(MAX_BYTES)).filters


LATER = "task_routing.filters[0].targets[1]"


@pytest.mark.parametrize(
    ("later", "message", "path", "column"),
    [
        ({"expression": "worker.a-b == 1"}, "expression: did not expect '-' here", f"{LATER}.expression", 9),
        ({"skip_if": "workers.available ="}, "skip_if: the rule stops too early", f"{LATER}.skip_if", 20),
        ({"order_by": "level DESC"}, "order_by: 'level' is no attribute of a worker", f"{LATER}.order_by", 1),
        ({"known_worker_sid": "task.a-b"}, "known_worker_sid: not a path of the task", f"{LATER}.known_worker_sid", 7),
        ({"timeout": 0}, "timeout is 0", f"{LATER}.timeout", None),
        ({"timeout": "soon"}, 'timeout is "soon"', f"{LATER}.timeout", None),
        ({"timeout": 1.5}, "timeout is 1.5", f"{LATER}.timeout", None),
        ({"timeout": True}, "timeout is true", f"{LATER}.timeout", None),
        ({"priority": -1}, "priority is -1", f"{LATER}.priority", None),
        ({"priority": 2**31}, "priority is 2147483648", f"{LATER}.priority", None),
        ({"queue": 5}, "queue is no text", f"{LATER}.queue", None),
        ({"queue": "\ud800"}, "queue is no Unicode text", f"{LATER}.queue", None),
        (7, "is no object", LATER, None),
    ],
)
def test_a_mistake_in_a_target_names_filter_and_target_and_points_at_it(
    later: object, message: str, path: str, column: int | None
) -> None:
    error = refusal(workflow({"queue": "WQ1"}, later))

    assert error.message.startswith("filter 'VIPs', target 2")
    assert error.message.endswith(message)
    assert (error.path, error.column) == (path, column)
    assert error.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "the workflow is no object"),
        ('{"filters": []}', "there is no task_routing"),
        ('{"task_routing": []}', "the workflow is no object"),
        ('{"task_routing": {"filters": {}}}', "the workflow: filters is no list"),
        ('{"task_routing": {"filters": [{"targets": [{"queue": "WQ1"}]}]}}', "filter 1 has no expression"),
        ('{"task_routing": {"filters": [{"expression": "1=="}]}}', "filter 1, expression: the rule stops too early"),
        ('{"task_routing": {"filters": [{"expression": "1==1"}]}}', "filter 1 has no targets"),
        ('{"task_routing": {"default_filter": {}}}', "the default filter has no queue"),
        (workflow({"timeout": 5}), "filter 'VIPs', target 1 has no queue"),
        (
            workflow({"queue": "WQ1", "known_worker_sid": "task.a", "known_worker_friendly_name": "task.b"}),
            "filter 'VIPs', target 1 has both known_worker_sid and known_worker_friendly_name",
        ),
    ],
)
def test_a_mistake_in_the_shape_is_told_in_words(text: str, message: str) -> None:
    assert refusal(text).message == message


def test_what_nobody_reads_is_reported_with_what_may_have_been_meant_and_not_refused() -> None:
    text = workflow(
        {"queue": "WQ1", "timout": 5},
        default_filter={"task_queue_sid": "WQ2", "queue": "WQ2", "timeout": 5},
        note="ours",
    )

    assert read_routing(text).filters
    assert [(problem.path, problem.hint) for problem in unknown_keys(text)] == [
        ("task_routing.note", "read here: default_filter, filters"),
        ("task_routing.filters[0].targets[0].timout", "did you mean timeout?"),
        (
            "task_routing.default_filter.task_queue_sid",
            "read here: expression, known_worker_friendly_name, known_worker_sid, order_by, priority, queue, skip_if",
        ),
        (
            "task_routing.default_filter.timeout",
            "read here: expression, known_worker_friendly_name, known_worker_sid, order_by, priority, queue, skip_if",
        ),
    ]
    assert unknown_keys(workflow({"queue": "WQ1"})) == ()


@pytest.mark.parametrize("odd", ["[]", "3", '{"task_routing": 3}', '{"task_routing": {"filters": [3]}}'])
def test_unknown_keys_can_be_asked_of_any_json(odd: str) -> None:
    assert unknown_keys(odd) == ()


def test_queues_that_do_not_exist_are_named() -> None:
    routing = read_routing(workflow({"queue": "WQ1"}, {"queue": "WQ7"}, default_filter={"queue": "WQ8"}))

    assert problems(routing, {"WQ1"}) == (
        Problem(f"{LATER}.queue", "filter 'VIPs', target 2: there is no queue 'WQ7'", "create it, or name another"),
        Problem(
            "task_routing.default_filter.queue",
            "the default filter: there is no queue 'WQ8'",
            "create it, or name another",
        ),
    )
    assert problems(routing, {"WQ1", "WQ7", "WQ8"}) == ()


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_target = st.fixed_dictionaries(
    {},
    optional={
        "queue": _text.filter(bool),
        "priority": st.integers(0, 2**31 - 1),
        "timeout": st.integers(1, 86_400),
        "expression": st.sampled_from(["task.lang IN worker.langs", "worker.ä == 'ö'"]),
        "order_by": st.sampled_from(["worker.level DESC", "worker.level DESC, worker.cost ASC"]),
        "skip_if": st.sampled_from(["1==1", "workers.available == 0"]),
    },
)
_known = st.sampled_from([{}, {"known_worker_sid": "task.agent"}, {"known_worker_friendly_name": "'Ana Ruiz'"}])


@st.composite
def _routings(draw: st.DrawFn) -> Routing:
    filters: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        targets = [{**draw(_target), **draw(_known)} for _ in range(draw(st.integers(1, 3)))]
        targets[0].setdefault("queue", "WQ1")
        filters.append({"friendly_name": draw(_text), "expression": "1==1", "targets": targets})
    default = draw(st.none() | _target.map(lambda target: {"queue": "WQ1", **target}))
    return read_routing(json.dumps({"task_routing": {"filters": filters, "default_filter": default}}))


@given(_routings())
def test_what_is_written_is_read_back(routing: Routing) -> None:
    assert read_routing(write_routing(routing)) == routing


def test_what_is_written_is_as_taskrouter_writes_it() -> None:
    routing = Routing(
        filters=(Filter(name="VIPs", expression="vip == true", targets=(RoutingTarget(queue="WQ1", timeout=5),)),),
        default=RoutingTarget(queue="WQ2"),
    )

    assert json.loads(write_routing(routing)) == {
        "task_routing": {
            "filters": [
                {
                    "filter_friendly_name": "VIPs",
                    "expression": "vip == true",
                    "targets": [{"queue": "WQ1", "timeout": 5}],
                }
            ],
            "default_filter": {"queue": "WQ2"},
        }
    }

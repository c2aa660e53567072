"""Lines of the event stream in TaskRouter's terms: the documented names, and the documented fields of each."""

import json
from typing import Any

import pytest

from app.core.entities import ChannelCapacity
from app.core.events import Event, EventType, Plain
from app.core.routing import sids
from app.core.routing.definitions import (
    Filter,
    Routing,
    RoutingTarget,
    Rules,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.routing.event_names import EVENTS, snake_case
from app.core.routing.feed import RouterEvent, callback_form, place_of, redacted, translate, wanted
from app.core.routing.feed_fields import Known
from app.core.routing.workflow_json import write_routing
from tests.builders import NOON, a_reservation, a_task, a_worker

WS, WA1, WA2, WQ, WW, TC = ((prefix + digit * 32) for prefix, digit in
                            (("WS", "1"), ("WA", "2"), ("WA", "3"), ("WQ", "4"), ("WW", "5"), ("TC", "6")))  # fmt: skip
WT, WK, WR = (prefix + "7" * 32 for prefix in ("WT", "WK", "WR"))
ROUTING = Routing(filters=(Filter(name="gold", expression="vip == true", targets=(RoutingTarget(queue=WQ),)),))
RULES = Rules(
    workspace=Workspace(sid=WS, name="Unicone"),
    activities={
        WA1: WorkerActivity(sid=WA1, name="Idle", available=True),
        WA2: WorkerActivity(sid=WA2, name="Lunch"),
    },
    channels={TC: TaskChannel(sid=TC, name="Chat", unique_name="chat", optimized=True)},
    queues={WQ: TaskQueue(sid=WQ, name="Support", target_workers="1==1")},
    workflows={WW: Workflow(sid=WW, name="All", configuration=write_routing(ROUTING))},
)
TASK = a_task(WT, queue=WQ, workflow=WW, channel="chat", priority=3, version=4, queued=NOON, routing_target=WK,
              reason="hung up", attributes={"name": "Ann"})  # fmt: skip
WORKER = a_worker(WK, name="Bob", activity=WA2, channels={"chat": ChannelCapacity(capacity=3)}, held={"chat": 1},
                  version=9, attributes={"lang": ["en"]})  # fmt: skip
RESERVATION = a_reservation(WR, task=WT, worker=WK, queue=WQ, workflow=WW, channel="chat", version=2)
KNOWN = Known(RULES, TASK, WORKER, RESERVATION)

DEFINED = {
    "activity": {"kind": "activity", "sid": WA1, "name": "Idle", "available": True},
    "task-channel": {"kind": "channel", "sid": TC, "name": "Chat", "unique_name": "chat", "optimized": True},
    "task-queue": {"kind": "queue", "sid": WQ, "name": "Support", "target_workers": "1==1"},
    "workflow": {"kind": "workflow", "sid": WW, "name": "All"},
    "workspace": {"kind": "workspace", "sid": WS, "name": "Unicone"},
}
DATA: dict[str, dict[str, Plain]] = {
    "worker.changed": {"activity": WA2, "previous": WA1, "since": NOON - 26_123, "lasted": 26_123},
    "worker.capacity.update": {"channel": "chat", "capacity": 3, "previous": 1, "available": True, "held": 1},
    "worker.channel.availability.update": {"channel": "chat", "capacity": 3, "previous": 3, "available": True},
    "workflow.target-matched": {"filter": 0, "filter_name": "gold", "queue": WQ, "expression": "worker.x == 1"},
}
SOURCES = {
    "task.wrapup": EventType.TASK_WRAPPING,
    "worker.activity.update": EventType.WORKER_CHANGED,
}
UNMADE = {name for name in EVENTS if name.startswith("task.transfer-")}


def source_of(name: str) -> Event:
    """The line of the stream that gives the event of this documented name."""
    resource, _, what = name.partition(".")
    if name == "task-queue.expression.updated":
        return line(EventType.REDEFINED, **DEFINED["task-queue"], changed=["target_workers"])
    kinds = {"created": EventType.DEFINED, "updated": EventType.REDEFINED, "deleted": EventType.UNDEFINED}
    if resource in DEFINED and what in kinds:
        return line(kinds[what], **DEFINED[resource])
    kind = SOURCES.get(name) or EventType(name)
    return line(kind, **DATA.get(kind.value, {}))


def line(of: EventType, call: str = "", **data: Any) -> Event:
    return Event(type=of, at=NOON, call=call, task=WT, worker=WK, reservation=WR, data=data)


def told(event: Event, known: Known = KNOWN) -> list[RouterEvent]:
    return list(translate("1750000000000-3", event, known))


@pytest.mark.parametrize("name", [name for name in EVENTS if name not in UNMADE])
def test_every_documented_event_is_made_with_exactly_its_documented_fields(name: str) -> None:
    (event,) = told(source_of(name))
    documented = EVENTS[name]
    assert event.type == name
    assert (event.resource_type, event.resource) == (documented.resource, event.data[documented.subject])
    assert sids.is_sid(event.resource)
    fields = {field for group in documented.groups for field in group.value}
    assert set(event.data) == fields
    assert event.description
    assert "{" not in event.description


def test_transfers_are_the_only_documented_events_that_nothing_makes() -> None:
    assert {name.split("-")[0] for name in UNMADE} == {"task.transfer"}
    assert len(UNMADE) == 5
    assert not UNMADE & {kind.value for kind in EventType}


@pytest.mark.parametrize("kind", EventType)
def test_only_documented_names_leave_the_house(kind: EventType) -> None:
    assert {event.type for event in told(line(kind, call="CA1", kind="queue", sid=WQ))} <= set(EVENTS)


OUR_OWN = ("task.retried", "task.raised", "task.assigned", "reservation.ringing", "call.ended", "intent.ring")


@pytest.mark.parametrize("kind", [EventType(name) for name in OUR_OWN])
def test_what_taskrouter_has_no_event_for_is_not_told(kind: EventType) -> None:
    assert told(line(kind, call="CA1")) == []


def test_a_change_of_activity_tells_the_time_in_the_previous_one() -> None:
    (event,) = told(source_of("worker.activity.update"))
    assert event.description == "Worker Bob updated to Lunch Activity"
    assert event.data["WorkerPreviousActivityName"] == "Idle"
    assert event.data["WorkerTimeInPreviousActivity"] == "26"
    assert event.data["WorkerTimeInPreviousActivityMs"] == "26123"
    assert (event.lasted, event.activity) == (26_123, WA1)


def test_the_status_is_that_of_the_event_whatever_became_of_the_task_since() -> None:
    names = ("task.created", "reservation.created", "reservation.accepted", "task.wrapup", "task.completed",
             "task.canceled")  # fmt: skip
    states = [told(source_of(name))[0].data["TaskAssignmentStatus"] for name in names]
    assert states == ["pending", "reserved", "assigned", "wrapping", "completed", "canceled"]


def test_an_acceptance_tells_how_long_the_task_waited_even_if_the_task_is_gone() -> None:
    data = {"queue": WQ, "workflow": WW, "channel": "chat", "waited": 61_000, "in_queue": 5_500}
    (event,) = told(line(EventType.RESERVATION_ACCEPTED, **data), Known(RULES))
    assert (event.waited, event.queued) == (61_000, 5_500)
    assert (event.queue, event.workflow, event.channel) == (WQ, WW, TC)
    assert event.data["TaskAge"] == "61"
    assert "TaskAttributes" not in event.data
    assert event.data["TaskQueueName"] == "Support"


def test_a_call_that_joins_a_line_enters_the_owners_workflow_and_queue() -> None:
    rules = Rules(workspace=Workspace(sid="shop", name="Shop"), queues={"sales": TaskQueue(sid="sales", name="sales")},
                  workflows={"calls": Workflow(sid="calls", name="Shop")})  # fmt: skip
    call = a_task(WT, call="CA1")
    events = told(line(EventType.TASK_CREATED, call="CA1", queue="sales"), Known(rules, call))
    assert [event.type for event in events] == ["task.created", "workflow.entered", "task-queue.entered"]
    assert {event.workflow for event in events} == {sids.public(sids.WORKFLOW, "shop", "calls")}
    assert events[2].queue == sids.public(sids.QUEUE, "shop", "sales")
    assert len({event.sid for event in events}) == 3
    assert events[0].place < events[1].place < events[2].place


def test_a_call_that_moves_leaves_one_queue_and_enters_another() -> None:
    left, entered = told(line(EventType.TASK_MOVED, call="CA1", queue=WQ, previous="sales"))
    assert (left.type, left.queue) == ("task-queue.moved", sids.public(sids.QUEUE, WS, "sales"))
    assert (entered.type, entered.queue) == ("task-queue.entered", WQ)


def test_agents_of_the_owners_file_come_and_are_changed_in_events_of_one_name() -> None:
    same = {"activity": "off", "previous": "off"}
    assert told(line(EventType.WORKER_CHANGED, **same, since=NOON))[0].type == "worker.created"
    assert told(line(EventType.WORKER_CHANGED, **same, since=NOON - 5))[0].type == "worker.attributes.update"


def test_a_queue_that_is_renamed_makes_no_event() -> None:
    assert told(line(EventType.REDEFINED, **DEFINED["task-queue"], changed=["name"])) == []


def test_a_deleted_definition_is_told_by_what_the_event_says() -> None:
    bare = Known(Rules(workspace=RULES.workspace))
    for resource, data in DEFINED.items():
        (event,) = told(line(EventType.UNDEFINED, **data), bare)
        assert set(event.data) == {field for group in EVENTS[f"{resource}.deleted"].groups for field in group.value}


def test_a_matched_target_tells_the_filter_and_both_expressions() -> None:
    (event,) = told(source_of("workflow.target-matched"))
    assert event.data["WorkflowFilterName"] == "gold"
    assert event.data["WorkflowFilterExpression"] == "vip == true"
    assert event.data["WorkflowFilterTargetExpression"] == "worker.x == 1"


def test_the_same_line_gives_the_same_sid_and_another_line_another() -> None:
    event = source_of("task.updated")
    first, again = told(event), told(event)
    assert first == again
    assert first[0].sid.startswith("EV")
    assert sids.is_sid(first[0].sid)
    assert first[0].sid != translate("1750000000000-4", event, KNOWN)[0].sid


def test_places_order_events_as_the_stream_does() -> None:
    ids = ["1750000000000-0", "1750000000000-2", "1750000000000-10", "1750000000001-0"]
    places = [place_of(stream_id, part) for stream_id in ids for part in range(3)]
    assert places == sorted(places)
    assert places[-1] < 2**63


def test_a_callback_form_has_the_common_fields_and_the_events_own() -> None:
    (event,) = told(source_of("reservation.created"))
    form = callback_form(event, "AC1")
    assert (form["EventType"], form["AccountSid"], form["WorkspaceName"]) == ("reservation.created", "AC1", "Unicone")
    assert (form["ResourceType"], form["ResourceSid"]) == ("reservation", WR)
    assert (form["Timestamp"], form["TimestampMs"], form["Sid"]) == (str(NOON // 1000), str(NOON), event.sid)
    assert json.loads(form["TaskAttributes"]) == {"name": "Ann"}


def test_redacting_takes_the_attributes_and_nothing_else() -> None:
    (event,) = told(source_of("reservation.created"))
    assert set(event.data) - set(redacted(event).data) == {"TaskAttributes", "WorkerAttributes"}


def test_a_filter_lets_through_what_it_names_and_an_empty_one_everything() -> None:
    (event,) = told(source_of("task.updated"))
    assert wanted(event, ())
    assert wanted(event, ("task.created", "task.updated"))
    assert not wanted(event, ("task.created",))


def test_fields_are_named_in_lower_case_by_the_api() -> None:
    assert snake_case("WorkerTimeInPreviousActivityMs") == "worker_time_in_previous_activity_ms"

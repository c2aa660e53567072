"""An export is read whole, or refused with every mistake in it and where."""

import copy
import json
from typing import Any

import pytest

from app.usecases.taskrouter.differences import addresses, differences
from app.usecases.taskrouter.exported import BadExport, read_export
from app.usecases.taskrouter.lone_workflow import QueuesNeeded, around_workflow

WS, WA, WB, TC, WQ, WW, WK = (prefix + "0123456789abcdef" * 2 for prefix in ("WS", "WA", "WA", "TC", "WQ", "WW", "WK"))
WB = "WA" + "f" * 32
ROUTING = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": WQ}}})
EXPORT: dict[str, Any] = {
    "workspace": {
        "sid": WS, "friendly_name": "Bakery", "default_activity_sid": WB, "timeout_activity_sid": WB,
        "event_callback_url": None, "events_filter": "task.created, task.canceled", "multi_task_enabled": True,
        "prioritize_queue_order": "LIFO", "date_created": "2026-01-02T03:04:05Z", "account_sid": "AC1", "url": "…",
    },
    "activities": [
        {"sid": WA, "friendly_name": "Available", "available": True},
        {"sid": WB, "friendly_name": "Offline", "available": False},
    ],
    "task_channels": [{"sid": TC, "friendly_name": "Default", "unique_name": "default"}],
    "task_queues": [
        {"sid": WQ, "friendly_name": "Bread", "target_workers": "skills HAS 'bread'", "max_reserved_workers": 3,
         "task_order": "LIFO"},
    ],
    "workflows": [{"sid": WW, "friendly_name": "Orders", "configuration": ROUTING, "task_reservation_timeout": 30}],
    "workers": [
        {"sid": WK, "friendly_name": "Ann", "attributes": '{"skills": ["bread"]}', "activity_sid": WA,
         "date_created": "2026-01-02T03:04:05+00:00"},
    ],
    "worker_channels": [
        {"worker_sid": WK, "task_channel_unique_name": "default", "configured_capacity": 4, "available": False},
    ],
}  # fmt: skip


def changed(kind: str, **fields: Any) -> dict[str, Any]:
    """The export with other fields of the first of a kind."""
    document = copy.deepcopy(EXPORT)
    one = document[kind] if isinstance(document[kind], dict) else document[kind][0]
    one.update(fields)
    return document


def mistakes(document: dict[str, Any]) -> list[str]:
    with pytest.raises(BadExport) as refused:
        read_export(document)
    return list(refused.value.mistakes)


def test_everything_that_an_export_says_is_read() -> None:
    found = read_export(EXPORT)

    assert (found.workspace.sid, found.workspace.name, found.workspace.lifo_first) == (WS, "Bakery", True)
    assert found.workspace.events_filter == ("task.created", "task.canceled")
    assert found.workspace.created == 1_767_323_045_000
    (queue,), (workflow,), (worker,) = found.queues, found.workflows, found.workers
    assert (queue.sid, queue.target_workers, queue.max_reserved, queue.lifo) == (WQ, "skills HAS 'bread'", 3, True)
    assert (workflow.configuration, workflow.reservation_timeout) == (ROUTING, 30)
    assert (worker.attributes, worker.activity, worker.available) == ({"skills": ["bread"]}, WA, True)
    assert (worker.channels["default"].capacity, worker.channels["default"].available) == (4, False)


def test_list_answers_of_the_rest_api_are_read_as_they_come_page_by_page() -> None:
    pages = [
        {"meta": {"key": "workers", "page": number}, "workers": [{**EXPORT["workers"][0], "sid": "WK" + digit * 32,
                                                                  "friendly_name": digit}]}
        for number, digit in enumerate("12")
    ]  # fmt: skip
    channels = {"meta": {"key": "channels"}, "channels": EXPORT["task_channels"]}
    found = read_export({**EXPORT, "workers": pages, "task_channels": channels})
    assert [worker.name for worker in found.workers] == ["1", "2"]
    assert [channel.unique_name for channel in found.channels] == ["default"]


def test_workers_whose_capacities_were_not_exported_take_one_task_of_each_channel() -> None:
    document = {key: value for key, value in EXPORT.items() if key != "worker_channels"}
    (worker,) = read_export(document).workers
    assert {name: room.capacity for name, room in worker.channels.items()} == {"default": 1}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed("workspace", sid="WS1"), "workspace.sid: 'WS1' is no SID (WS and 32 digits 0-9a-f)"),
        (changed("workspace", friendly_name=""), "workspace.friendly_name: is missing"),
        (changed("workspace", timeout_activity_sid="WA" + "1" * 32), "workspace.timeout_activity_sid: there is no"),
        (changed("workspace", date_created="soon"), "workspace.date_created: 'soon' is no ISO 8601 date"),
        (changed("activities", available="yes"), f"activities[{WA}].available: true or false is expected"),
        (changed("activities", friendly_name="Offline"), "activities: friendly_name 'Offline' is there 2 times"),
        (changed("activities", sid=WB), "activities: sid"),
        (changed("task_channels", unique_name=None), f"task_channels[{TC}].unique_name: is missing"),
        (changed("task_queues", target_workers="skill-level > 1"), "column 6; names have no hyphens; use _ instead"),
        (changed("task_queues", max_reserved_workers=51), "a whole number from 0 to 50 is expected"),
        (changed("task_queues", sid="WQ" + "1" * 32), f"there is no queue '{WQ}' in the export"),
        (changed("workflows", configuration="{}"), f"workflows[{WW}].configuration: there is no task_routing"),
        (changed("workflows", configuration=5), f"workflows[{WW}].configuration: a text is expected"),
        (changed("workers", attributes=None), f"workers[{WK}].attributes: are missing"),
        (changed("workers", attributes="{skills: 1}"), f"workers[{WK}].attributes: are no JSON"),
        (changed("workers", attributes="[1]"), f"workers[{WK}].attributes: a JSON object is expected"),
        (changed("workers", attributes='{"a": NaN}'), f"workers[{WK}].attributes: Attributes hold what JSON cannot"),
        (changed("workers", activity_sid="WA" + "1" * 32), f"workers[{WK}].activity_sid: there is no activity"),
        (changed("worker_channels", configured_capacity=51), "configured_capacity: a whole number from 0 to 50"),
        ({**EXPORT, "workers": {"sid": WK}}, "workers: a list, or a list answer of the REST API, is expected"),
        ({**EXPORT, "workers": ["Ann"]}, "workers[0]: an object is expected"),
        ({**EXPORT, "workspace": "Bakery"}, "workspace: is missing"),
        ({**EXPORT, "task_channels": [
            {"sid": f"TC{number:032x}", "unique_name": str(number)} for number in range(16)
        ]}, "task_channels: 16 are more than the 15 of a workspace"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(document: dict[str, Any], said: str) -> None:
    assert [mistake for mistake in mistakes(document) if said in mistake]


def test_names_of_workers_are_one_whatever_their_case() -> None:
    document = copy.deepcopy(EXPORT)
    document["workers"].append({**EXPORT["workers"][0], "sid": "WK" + "1" * 32, "friendly_name": "ANN"})
    assert mistakes(document) == ["workers: friendly_name 'ann' is there 2 times"]


def test_every_mistake_is_told_at_once() -> None:
    document = changed("workers", attributes="x", activity_sid="")
    document["task_queues"][0]["target_workers"] = "a b"
    assert len(mistakes(document)) == 3


# --- a workflow on its own ------------------------------------------------------------------------------------------


def test_a_workflow_on_its_own_asks_for_its_queues_in_order() -> None:
    other = "WQ" + "1" * 32
    targets = [{"queue": other, "timeout": 5}, {"queue": WQ}]
    text = json.dumps({"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}})
    with pytest.raises(QueuesNeeded) as needed:
        around_workflow(text, "orders", {})
    assert needed.value.queues == (other, WQ)


def test_a_workflow_on_its_own_becomes_a_workspace_with_sids_that_stay() -> None:
    found = read_export(around_workflow(ROUTING, "orders", {WQ: "skills HAS 'bread'"}))

    assert [(queue.sid, queue.target_workers) for queue in found.queues] == [(WQ, "skills HAS 'bread'")]
    assert found == read_export(around_workflow(ROUTING, "orders", {WQ: "skills HAS 'bread'"}))
    assert found.workspace.sid != read_export(around_workflow(ROUTING, "others", {WQ: "1==1"})).workspace.sid


def test_a_workflow_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadExport, match="the rule stops too early"):
        around_workflow(ROUTING.replace("[]", '[{"expression": "a ==", "targets": [{"queue": "q"}]}]'), "x", {})


# --- what differs ---------------------------------------------------------------------------------------------------


def told(document: dict[str, Any]) -> dict[str, str]:
    return {each.about: f"{each.here} {each.do}" for each in differences(read_export(document))}


def test_what_a_migrating_user_has_to_do_is_told() -> None:
    found = told(EXPORT)
    assert "answer with a <Redirect> to the address shown" in found["calls"]
    assert "not served yet" in found["TaskRouter.js"]
    assert "1 are in an available activity" in found["workers"]
    assert "Ann" in found["dequeue"]
    assert "Orders" in found["assignment callbacks"]
    assert "as at Twilio: Bread; where a worker serves both kinds, PrioritizeQueueOrder LIFO decides" in found["LIFO"]
    assert "off, as at Twilio" in found["ageing"]


def test_what_does_not_concern_a_workspace_is_left_out() -> None:
    document = changed("task_queues", task_order="FIFO")
    document["workflows"][0]["assignment_callback_url"] = "https://you.example/assign"
    document["workers"][0] |= {"attributes": '{"contact_uri": "client:ann"}', "activity_sid": WB}
    assert {"LIFO", "dequeue", "assignment callbacks", "workers"}.isdisjoint(told(document))


def test_events_go_where_they_went() -> None:
    assert "same EventCallbackUrl" in told(changed("workspace", event_callback_url="https://you.example"))["events"]
    assert "read from /Events" in told(EXPORT)["events"]


def test_each_workflow_has_an_address_for_its_calls() -> None:
    ((workflow, url),) = addresses(read_export(EXPORT), "https://shop.example")
    assert (workflow.name, url) == ("Orders", f"https://shop.example/voice/enqueue/{WS}/{WW}")
